# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold between the parts of a tree: one fault, one message, with its path."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.rules import check_tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import read_tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key, orders

Change = Callable[[dict[str, Any]], None]


def told(raw: dict[str, Any]) -> list[str]:
    problems = Problems()
    tree = read_tree(raw["operator"], raw.get("system_account"), raw["accounts"], problems)
    check_tree(tree, problems)
    return [str(each) for each in problems]


def export(**fields: Any) -> Change:
    return lambda raw: raw["accounts"][0]["exports"].append({"subject": "x.*", "type": "service", **fields})


def imported(**fields: Any) -> Change:
    return lambda raw: raw["accounts"][1]["imports"][0].update(fields)


def user(**fields: Any) -> Change:
    return lambda raw: raw["accounts"][0]["users"][0].update(fields)


def limits(**fields: Any) -> Change:
    return lambda raw: raw["accounts"][0]["limits"].update(fields)


def both(one: Change, other: Change) -> Change:
    def change(raw: dict[str, Any]) -> None:
        one(raw)
        other(raw)

    return change


FAULTS: list[tuple[Change, str, str]] = [
    (lambda raw: raw["operator"].update(signing_keys=0), "operator.signing_keys", "write 1"),
    (lambda raw: raw["accounts"][0].update(signing_keys=0), "accounts.TeamAlpha.signing_keys", "needs one"),
    (lambda raw: raw["accounts"].append({"name": "TeamAlpha"}), "accounts[2].name", "is also the name of accounts[0]"),
    (lambda raw: raw["accounts"].append({"name": "teamalpha"}), "accounts[2].name", "is also the name of"),
    (lambda raw: raw["accounts"].append({"name": "SYS"}), "accounts[2].name", "system_account"),
    (
        lambda raw: raw["accounts"][0]["users"].append({"name": "Order-Service"}),
        "accounts.TeamAlpha.users[1].name",
        "is also the name of users[0]",
    ),
    (
        lambda raw: raw.update(system_account={"limits": {"jetstream": {}}}),
        "system_account.limits.jetstream",
        "can't have JetStream",
    ),
    (export(subject="orders.public.new"), "accounts.TeamAlpha.exports[1].subject", 'overlaps with "orders.public.>"'),
    (export(type="stream", response_type="Singleton"), "accounts.TeamAlpha.exports[1].response_type", "for services"),
    (export(type="stream", response_threshold="1s"), "accounts.TeamAlpha.exports[1].response_threshold", "services"),
    (export(type="stream", latency={"results": "r"}), "accounts.TeamAlpha.exports[1].latency", "for services"),
    (export(type="stream", allow_trace=True), "accounts.TeamAlpha.exports[1].allow_trace", "for services"),
    (export(latency={"results": "r.*"}), "accounts.TeamAlpha.exports[1].latency.results", "wildcard"),
    (export(account_token_position=1), "accounts.TeamAlpha.exports[1].account_token_position", 'is not "*"'),
    (export(account_token_position=9), "accounts.TeamAlpha.exports[1].account_token_position", 'is not "*"'),
    (imported(type="stream"), "accounts.ExternalPartner.imports[0].type", "as a service: write service"),
    (imported(account="TeamBeta"), "accounts.ExternalPartner.imports[0].account", "not in the tree"),
    (imported(account="ExternalPartner"), "accounts.ExternalPartner.imports[0].account", "from itself"),
    (imported(subject="billing.>"), "accounts.ExternalPartner.imports[0].subject", 'does not export "billing.>"'),
    (imported(subject="orders.>"), "accounts.ExternalPartner.imports[0].subject", "does not export"),
    (imported(local_subject="partner"), "accounts.ExternalPartner.imports[0].local_subject", 'end in ">"'),
    (imported(allow_trace=True), "accounts.ExternalPartner.imports[0].allow_trace", "for streams"),
    (
        lambda raw: raw["accounts"][1]["imports"].append(
            {
                "account": "TeamAlpha",
                "subject": "orders.public.a",
                "local_subject": "partner.orders.a",
                "type": "service",
            }
        ),
        "accounts.ExternalPartner.imports[1]",
        "overlaps with",
    ),
    (user(expires="1d", renew_before="1d"), "accounts.TeamAlpha.users[0].renew_before", "not shorter"),
    (user(expires=None), "accounts.TeamAlpha.users[0].renew_before", "there is no expires"),
    (user(publish={"allow": ["a"], "deny": ["a"]}), "accounts.TeamAlpha.users[0].publish.allow[0]", "also in deny"),
    (user(times=[{"start": "08:00", "end": "08:00:00"}]), "accounts.TeamAlpha.users[0].times[0]", "allows nothing"),
    (
        both(user(bearer=True), limits(disallow_bearer=True)),
        "accounts.TeamAlpha.users[0].bearer",
        "forbids",
    ),
    (limits(exports=0), "accounts.TeamAlpha.exports", "limits.exports allows 0"),
    (
        limits(exports=5, wildcard_exports=False),
        "accounts.TeamAlpha.exports[0].subject",
        "forbids wildcards",
    ),
    (limits(jetstream_tiers={"R1": {}}), "accounts.TeamAlpha.limits", "write one of them"),
    (
        limits(jetstream={"disk": "1G", "disk_max_stream_bytes": "2G"}),
        "accounts.TeamAlpha.limits.jetstream.disk_max_stream_bytes",
        "disk allows 1000000000",
    ),
    (limits(jetstream={"memory": 0, "disk": 0}), "accounts.TeamAlpha.limits.jetstream", "leave the block out"),
    (
        lambda raw: raw["accounts"][1].update(limits={"imports": 0}),
        "accounts.ExternalPartner.imports",
        "limits.imports allows 0",
    ),
]

ROLE = {"role": "r", "template": {"publish": {"allow": ["a"]}}}


def alpha(**fields: Any) -> Change:
    return lambda raw: raw["accounts"][0].update(fields)


def with_role(**fields: Any) -> Change:
    return both(alpha(signing_keys=[1, ROLE]), lambda raw: raw["accounts"][0]["users"].append({"name": "x", **fields}))


WHOLE_MODEL: list[tuple[Change, str, str]] = [
    (alpha(signing_keys=[0, ROLE]), "accounts.TeamAlpha.signing_keys", "user order-service has none"),
    (alpha(signing_keys=[1, 2]), "accounts.TeamAlpha.signing_keys", "has two numbers"),
    (
        alpha(signing_keys=[ROLE, ROLE]),
        "accounts.TeamAlpha.signing_keys[1].role",
        "is also the role of signing_keys[0]",
    ),
    (alpha(signing_keys=[{"role": ""}]), "accounts.TeamAlpha.signing_keys[0].role", "is empty"),
    (alpha(signing_keys=[{"role": "r", "key": "A"}]), "accounts.TeamAlpha.signing_keys[0].key", "public key of an acc"),
    (
        alpha(signing_keys=[{"role": "r", "template": {"publish": {"allow": ["a..b"]}}}]),
        "accounts.TeamAlpha.signing_keys[0].template.publish.allow[0]",
        "empty token",
    ),
    (
        alpha(signing_keys=[{"role": "r", "template": {"publish": {"allow": ["a"], "deny": ["a"]}}}]),
        "accounts.TeamAlpha.signing_keys[0].template.publish.allow[0]",
        "also in deny",
    ),
    (
        alpha(signing_keys=[{"role": "r", "template": {"limits": {"data": 0}}}]),
        "accounts.TeamAlpha.signing_keys[0].template.limits.data",
        "unlimited",
    ),
    (with_role(role="q"), "accounts.TeamAlpha.users[1].role", "is no role of this account: write one of r"),
    (with_role(role="r", bearer=True), "accounts.TeamAlpha.users[1].bearer", "is what its role r says"),
    (with_role(role="r", limits={"data": 5}), "accounts.TeamAlpha.users[1].limits", "is what its role r says"),
    (user(role="r", publish=None, subscribe=None, responses=None), "accounts.TeamAlpha.users[0].role", "it has none"),
    (alpha(trace={"destination": "t.*"}), "accounts.TeamAlpha.trace.destination", "wildcard"),
    (alpha(trace={"destination": "t", "sampling": 101}), "accounts.TeamAlpha.trace.sampling", "1 to 100"),
    (alpha(cluster_traffic="owners"), "accounts.TeamAlpha.cluster_traffic", "did you mean owner?"),
    (alpha(auth_callout={"allowed_accounts": ["*"]}), "accounts.TeamAlpha.auth_callout.users", "is missing"),
    (
        alpha(auth_callout={"users": ["order-service"], "allowed_accounts": ["*", "SYS"]}),
        "accounts.TeamAlpha.auth_callout.allowed_accounts",
        'write "*" alone',
    ),
    (
        alpha(auth_callout={"users": ["order-service"], "allowed_accounts": ["Beta"]}),
        "accounts.TeamAlpha.auth_callout.allowed_accounts[0]",
        "not in the tree",
    ),
    (alpha(auth_callout={"users": ["gateway"]}), "accounts.TeamAlpha.auth_callout.users[0]", "no user of this account"),
    (
        alpha(auth_callout={"users": ["order-service"], "xkey": key(Role.ACCOUNT, 1).public_key}),
        "accounts.TeamAlpha.auth_callout.xkey",
        "begins with X",
    ),
    (
        export(revocations=[{"account": "Beta", "before": 5}]),
        "accounts.TeamAlpha.exports[1].revocations[0].account",
        "Be",
    ),
    (
        alpha(mappings=[{"subject": "a", "to": [{"subject": "b", "weight": 60}, {"subject": "c", "weight": 50}]}]),
        "accounts.TeamAlpha.mappings[0].to",
        "110 percent",
    ),
    (
        alpha(mappings=[{"subject": "a", "to": [{"subject": "b c"}]}]),
        "accounts.TeamAlpha.mappings[0].to[0].subject",
        "space",
    ),
    (alpha(mappings=[{"subject": "a", "to": []}]), "accounts.TeamAlpha.mappings[0].to", "is empty"),
    (
        lambda raw: raw["operator"].update(renew_before="1d"),
        "operator.renew_before",
        "there is no expires",
    ),
]
FAULTS += WHOLE_MODEL


def test_the_whole_model_is_fine() -> None:
    raw = orders()
    with_role(role="r", tags=["a"])(raw)
    alpha(
        trace={"destination": "t", "sampling": 50},
        cluster_traffic="owner",
        auth_callout={"users": ["order-service"], "allowed_accounts": ["SYS"], "xkey": key(Role.CURVE, 1).public_key},
        mappings=[
            {
                "subject": "a.*",
                "to": [{"subject": "b.$1", "weight": 60}, {"subject": "c.{{wildcard(1)}}", "weight": 40}],
            }
        ],
    )(raw)
    export(token_required=True, revocations=[{"account": "*", "before": "2026-01-01"}])(raw)
    assert told(raw) == []


def test_the_design_tree_is_fine() -> None:
    assert told(orders()) == []


@pytest.mark.parametrize(("change", "path", "says"), FAULTS, ids=[f"{path} {says}" for _dummy, path, says in FAULTS])
def test_one_fault_is_told_once(change: Change, path: str, says: str) -> None:
    raw = orders()
    change(raw)
    found = told(raw)
    assert len(found) == 1, found
    assert found[0].startswith(f"{path}: ")
    assert says in found[0]


def test_many_faults_are_told_together() -> None:
    raw = orders()
    for change in (limits(exports=0), imported(account="TeamBeta"), user(expires="1d", renew_before="2d")):
        change(raw)
    assert len(told(raw)) == 3


def test_an_account_that_is_not_in_the_tree_may_be_named_by_its_key() -> None:
    raw = orders()
    imported(account=key(Role.ACCOUNT, 1).public_key, subject="any.>")(raw)
    assert told(raw) == []


def test_services_of_two_accounts_may_overlap() -> None:
    raw = orders()
    raw["accounts"].append({"name": "B", "exports": [{"subject": "orders.public.>", "type": "service"}]})
    raw["accounts"][1]["imports"].append({"account": "B", "subject": "orders.public.>", "type": "service"})
    assert told(raw) == []
