# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree as an operator writes it."""

from __future__ import annotations

from dataclasses import is_dataclass, replace
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import rights, sharing
from ansible_collections.aegis.nats.plugins.module_utils.trust import tree as tree_module
from ansible_collections.aegis.nats.plugins.module_utils.trust.claims import arrange
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import read, to_claims, to_words
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, Tree, User, read_tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import ORDERS, orders
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.tree_reference import (
    BLOCKS,
    END,
    PAGE,
    START,
    tables,
)
from hypothesis import given
from hypothesis import strategies as st


def told(operator: Any, system: Optional[Any] = None, accounts: Optional[list[Any]] = None) -> list[str]:
    problems = Problems()
    read_tree(operator, system, accounts, problems)
    return [str(each) for each in problems]


def tree_of(raw: dict[str, Any]) -> Tree:
    problems = Problems()
    made = read_tree(raw["operator"], raw.get("system_account"), raw.get("accounts"), problems)
    problems.raise_if_any()
    return made


def test_the_design_tree_is_read() -> None:
    tree = tree_of(ORDERS)
    service = tree.accounts[0].users[0]
    assert [account.name for account in tree.every_account] == ["SYS", "TeamAlpha", "ExternalPartner"]
    assert (service.expires, service.renew_before) == (90 * 86_400, 30 * 86_400)
    assert to_claims(service) == {
        "pub": {"allow": ["orders.>"], "deny": ["orders.admin.>"]},
        "sub": {"allow": ["orders.>", "_INBOX.>"], "deny": []},
        "resp": {"max": 1, "ttl": 5_000_000_000},
        "subs": -1,
        "data": -1,
        "payload": -1,
        "src": [],
        "times": [],
        "times_location": "",
        "bearer_token": False,
        "proxy_required": False,
        "allowed_connection_types": [],
        "tags": [],
    }


def test_the_system_account_is_there_unsaid() -> None:
    assert tree_of({"operator": {"name": "O"}}).system_account.users == (User(name="sys"),)
    assert tree_of({"operator": {"name": "O"}, "system_account": {}}).system_account.users == ()
    assert tree_of({"operator": {"name": "O"}, "system_account": {"name": None}}).system_account.name == "SYS"


def test_paths_are_as_written() -> None:
    raw = orders()
    users = raw["accounts"][0]["users"]
    users += [{"name": "b"}, {"name": "c", "publish": {"allow": ["a.>.b"]}}]
    raw["accounts"].append({"nmae": "x", "limits": {"conections": 1, "jetstream": {"memory": "1 gig"}}})
    raw["operator"]["service_urls"].append("nats.example.com")
    assert [each.split(": ")[0] for each in told(raw["operator"], None, raw["accounts"])] == [
        "operator.service_urls[1]",
        "accounts.TeamAlpha.users[2].publish.allow[0]",
        "accounts[2].nmae",
        "accounts[2].name",
        "accounts[2].limits.conections",
        "accounts[2].limits.jetstream.memory",
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "operator: must be a mapping"),
        ({}, "operator.name: is missing"),
        ({"name": ""}, "operator.name: '' is not a name"),
        ({"name": "A", "signing_key": 1}, "operator.signing_key: is not known here: did you mean signing_keys?"),
    ],
)
def test_a_wrong_operator(raw: Any, says: str) -> None:
    assert any(each.startswith(says) for each in told(raw))


def test_a_subject_said_twice_is_told() -> None:
    accounts = [{"name": "A", "users": [{"name": "u", "publish": {"allow": ["a", "a"]}}]}]
    assert told({"name": "O"}, None, accounts) == ["accounts.A.users[0].publish.allow[1]: 'a' stands twice in the list"]


def test_the_page_tells_every_field() -> None:
    _dummy, _dummy, rest = PAGE.read_text(encoding="utf-8").partition(START)
    found, end, _dummy = rest.partition(END)
    assert end
    assert found.strip() == tables().strip(), "run python -m of tree_reference to write the tables anew"


def test_every_block_of_the_tree_is_on_the_page() -> None:
    modules = (tree_module, rights, sharing)
    own = [
        value for each in modules for value in vars(each).values() if getattr(value, "__module__", "") == each.__name__
    ]
    blocks = {value for value in own if is_dataclass(value) and not value.__name__.startswith("_")}
    assert blocks - set(BLOCKS.values()) == {tree_module.Tree}


WORD = st.text("abc", min_size=1, max_size=3)
SUBJECT = st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=3).map(".".join)
SUBJECTS = st.lists(SUBJECT, max_size=3, unique=True)
LIMIT = st.integers(-1, 10**12)
PERMISSION = st.fixed_dictionaries({}, optional={"allow": SUBJECTS, "deny": SUBJECTS})
USERS = st.fixed_dictionaries(
    {"name": WORD},
    optional={
        "publish": PERMISSION,
        "subscribe": PERMISSION,
        "responses": st.fixed_dictionaries({}, optional={"max": LIMIT, "ttl": st.sampled_from(["5s", "2m", "0s"])}),
        "limits": st.fixed_dictionaries({}, optional={"subscriptions": LIMIT, "data": LIMIT, "payload": LIMIT}),
        "source_networks": st.lists(st.sampled_from(["10.0.0.0/8", "::1/128"]), unique=True),
        "times": st.lists(st.just({"start": "08:00:00", "end": "18:00:00"}), max_size=2),
        "times_location": st.just("Europe/Berlin"),
        "bearer": st.booleans(),
        "proxy_required": st.booleans(),
        "connection_types": st.lists(st.sampled_from(["STANDARD", "MQTT"]), unique=True),
        "tags": st.lists(WORD, max_size=3, unique=True),
    },
)
ACCOUNTS = st.fixed_dictionaries(
    {"name": WORD},
    optional={
        "description": st.text(max_size=5),
        "limits": st.fixed_dictionaries(
            {},
            optional={
                "connections": LIMIT,
                "wildcard_exports": st.booleans(),
                "jetstream": st.fixed_dictionaries({}, optional={"memory": LIMIT, "max_bytes_required": st.booleans()}),
                "jetstream_tiers": st.dictionaries(st.sampled_from(["R1", "R3"]), st.just({"disk": 5}), min_size=1),
            },
        ),
        "default_permissions": st.fixed_dictionaries({}, optional={"publish": PERMISSION}),
        "exports": st.lists(
            st.fixed_dictionaries(
                {"subject": SUBJECT, "type": st.sampled_from(["stream", "service"])},
                optional={
                    "latency": st.fixed_dictionaries(
                        {"results": WORD}, optional={"sampling": st.integers(1, 100) | st.just("headers")}
                    ),
                    "response_type": st.sampled_from(["Singleton", "Chunked"]),
                    "response_threshold": st.just("2s"),
                },
            ),
            max_size=3,
        ),
    },
)


@given(st.one_of(st.tuples(st.just(User), USERS), st.tuples(st.just(Account), ACCOUNTS)))
def test_words_become_claims_and_words_again(case: tuple[type[Any], dict[str, Any]]) -> None:
    """What a token says is what was written: nothing is lost on the way, and zeros do not turn into defaults."""
    of, raw = case
    problems = Problems()
    made = read(of, raw, "", problems)
    problems.raise_if_any()
    kind = "user" if of is User else "account"
    signed = arrange({"nats": {**to_claims(made), "type": kind}})["nats"]
    if isinstance(made, Account):  # tokens list what is exported in the order of its subjects
        made = replace(made, exports=tuple(sorted(made.exports, key=lambda each: each.subject)))
    assert read(of, {**to_words(of, signed), "name": raw["name"]}, "", problems) == made
    assert not list(problems)
