# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store is told as, told to ``trust`` again, changes nothing: random trees of the whole model."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role, from_seed
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    files,
    key,
    orders,
    trust,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_verb_trust_info import info
from hypothesis import given, settings
from hypothesis import strategies as st

STRANGER, OTHER = key(Role.USER, 9).public_key, key(Role.ACCOUNT, 9).public_key
XKEY = key(Role.CURVE, 9).public_key
SUBJECTS = st.lists(st.sampled_from(["a.>", "b", "c.*", "{{name()}}.d"]), max_size=2, unique=True)
DENIED = st.lists(st.sampled_from(["x.>", "y", "z.*"]), max_size=2, unique=True)
NUMBER = st.integers(-1, 10**12)
PERMISSION = st.fixed_dictionaries({}, optional={"allow": SUBJECTS, "deny": DENIED})
TAGS = st.lists(st.sampled_from(["t:1", "u", "v w"]), max_size=2, unique=True)
MOMENT = st.sampled_from(["2020-01-01T00:00:00Z", "2026-11-20T10:00:00Z"])
LIMITS = st.fixed_dictionaries({}, optional=dict.fromkeys(("subscriptions", "data", "payload"), NUMBER))
STORED = st.fixed_dictionaries({}, optional={"memory": st.integers(1, 9**9), "disk": NUMBER, "streams": NUMBER})
RIGHTS: dict[str, Any] = {
    "publish": PERMISSION,
    "subscribe": PERMISSION,
    "responses": st.fixed_dictionaries({}, optional={"max": NUMBER, "ttl": st.sampled_from(["5s", "0s"])}),
    "limits": LIMITS,
    "source_networks": st.lists(st.sampled_from(["10.0.0.0/8", "::1/128"]), unique=True),
    "times": st.just([{"start": "08:00:00", "end": "18:00:00"}]),
    "times_location": st.just("Europe/Berlin"),
    "bearer": st.booleans(),
    "proxy_required": st.booleans(),
    "connection_types": st.lists(st.sampled_from(["STANDARD", "MQTT"]), unique=True),
}
EXPIRES = st.sampled_from([{}, {"expires": "90d"}, {"expires": "36h", "renew_before": "1h"}])
PLAIN = st.tuples(st.fixed_dictionaries({}, optional={**RIGHTS, "tags": TAGS}), EXPIRES).map(lambda x: {**x[0], **x[1]})
TEMPLATE = st.fixed_dictionaries(
    {}, optional={**RIGHTS, "limits": st.fixed_dictionaries({}, optional={"data": st.integers(1, 9)})}
)
ACCOUNT = st.fixed_dictionaries(
    {"plain": st.integers(1, 2)},
    optional={
        "description": st.text("ab", max_size=5),
        "info_url": st.just("https://example.com/x"),
        "limits": st.fixed_dictionaries(
            {},
            optional={
                "connections": NUMBER,
                "wildcard_exports": st.booleans(),
                "leafnodes": NUMBER,
            },
        ),
        "jetstream": STORED,
        "tiers": st.dictionaries(st.sampled_from(["R1", "R3"]), STORED, max_size=2),
        "default_permissions": st.fixed_dictionaries({}, optional={"publish": PERMISSION, "subscribe": PERMISSION}),
        "users": st.lists(PLAIN, max_size=3),
        "role": TEMPLATE,
        "revocations": st.lists(
            st.fixed_dictionaries({"user": st.sampled_from([STRANGER, "*"]), "before": MOMENT}),
            max_size=2,
            unique_by=lambda each: each["user"],
        ),
        "mappings": st.just([{"subject": "m.*", "to": [{"subject": "n.$1", "weight": 50, "cluster": "c"}]}]),
        "trace": st.fixed_dictionaries({"destination": st.just("t")}, optional={"sampling": st.integers(1, 100)}),
        "cluster_traffic": st.sampled_from(["system", "owner"]),
        "tags": TAGS,
        "token_required": st.booleans(),
        "latency": st.fixed_dictionaries({"results": st.just("l")}, optional={"sampling": st.just("headers")}),
        "callout": st.booleans(),
    },
)


def account(name: str, made: dict[str, Any], source: str) -> dict[str, Any]:
    """An account of the drawn parts, that exports two subjects and imports those of another."""
    raw = {k: v for k, v in made.items() if k not in ("plain", "jetstream", "tiers", "role", "callout", "latency")}
    needed = raw.pop("token_required", False)
    users = [{"name": f"u{at}", **each} for at, each in enumerate(raw.pop("users", []))]
    limits = dict(raw.pop("limits", {}))
    if made.get("tiers"):
        limits["jetstream_tiers"] = made["tiers"]
    elif "jetstream" in made:
        limits["jetstream"] = made["jetstream"]
    keys: Any = made["plain"]
    if "role" in made:
        keys = [made["plain"], {"role": "reader", "description": "d", "template": made["role"]}]
        users.append({"name": "with-role", "role": "reader", "tags": ["x"]})
    service = {"name": "S", "subject": f"{name}.s.*", "type": "service", "token_required": needed}
    if "latency" in made:
        service["latency"] = made["latency"]
    stream = {"subject": f"{name}.t.>", "type": "stream", "revocations": [{"account": OTHER, "before": "2020-01-01"}]}
    imports = [
        {"account": source, "subject": f"{source}.s.*", "type": "service", "local_subject": "mine.$1"},
        {"account": source, "subject": f"{source}.t.a.>", "type": "stream", "allow_trace": True},
        {"account": OTHER, "subject": "far", "type": "stream"},
    ]
    if made.get("callout") and users:
        raw["auth_callout"] = {"users": [users[0]["name"], STRANGER], "allowed_accounts": [source], "xkey": XKEY}
    return {
        **raw,
        "name": name,
        "limits": limits,
        "signing_keys": keys,
        "exports": [service, stream],
        "imports": imports,
        "users": users,
    }


@settings(max_examples=40, deadline=None)
@given(ACCOUNT, ACCOUNT, st.booleans())
def test_told_again_it_changes_nothing(one: dict[str, Any], other: dict[str, Any], strict: bool) -> None:
    raw = {
        "operator": {"name": "O", "strict_signing_key_usage": strict, "tags": ["a"], "expires": "1y"},
        "accounts": [account("A", one, "B"), account("B", other, "A")],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        made = trust(path, raw)
        assert made.get("failed") is None, made["msg"]
        before = files(path)
        found = info(path, NOW + DAY)
        assert found.get("warnings") is None
        again = trust(path, found["tree"], NOW + DAY)
        assert again.get("failed") is None, again["msg"]
        assert again["reasons"] == []
        assert again["absent"] == []
        assert files(path) == before
        assert info(path, NOW + DAY)["tree"] == found["tree"]


def told_again(path: Path, now: Any = NOW) -> dict[str, Any]:
    tree: dict[str, Any] = info(path, now)["tree"]
    found = trust(path, tree, now)
    assert (found.get("msg"), found["reasons"], found["changed"]) == (None, [], False)
    return tree


def test_who_is_revoked_stays_so(tmp_path: Path) -> None:
    trust(tmp_path, orders())
    raw = orders()
    raw["accounts"][0]["users"][0]["revoked"] = True
    trust(tmp_path, raw, NOW + DAY)
    tree = told_again(tmp_path, NOW + DAY)
    alpha = tree["accounts"][1]
    assert alpha["revocations"] == [{"user": "order-service", "before": "2026-11-24T12:00:00Z"}]
    assert alpha["users"][0]["revoked"] is True


def test_who_keeps_its_seed_is_known_by_its_key(tmp_path: Path) -> None:
    raw = orders()
    raw["accounts"][1]["users"].append({"name": "own", "public_key": STRANGER})
    found = trust(tmp_path, raw)
    assert (found["users"][-1]["public_key"], found["users"][-1]["creds"]) == (STRANGER, None)
    assert not (tmp_path / "keys/creds/Acme/ExternalPartner/own.creds").exists()
    assert told_again(tmp_path)["accounts"][0]["users"][1] == {"name": "own", "public_key": STRANGER}


def test_a_given_key_takes_the_place_of_one_that_was_made(tmp_path: Path) -> None:
    first = trust(tmp_path, orders())
    raw = orders()
    raw["accounts"][1]["users"][0]["public_key"] = STRANGER
    found = trust(tmp_path, raw, purge=True)
    assert f"user gateway: its key: {first['users'][2]['public_key']} becomes {STRANGER}" in found["reasons"]
    assert "account ExternalPartner: revocations adds gateway" in found["reasons"]
    assert not (tmp_path / "keys/creds/Acme/ExternalPartner/gateway.creds").exists()
    assert not trust(tmp_path, raw, purge=True)["changed"]


def test_what_would_be_due_is_not_renewed(tmp_path: Path) -> None:
    trust(tmp_path, orders())
    tree = told_again(tmp_path, NOW + 70 * DAY)
    assert tree["accounts"][1]["users"][0]["renew_before"] == "479h59m59s"


def test_claims_of_the_future_are_remarked_on(tmp_path: Path) -> None:
    made = trust(tmp_path, orders())
    owner = next(tmp_path.rglob(f"{made['operator']['signing_keys'][0]}.nk")).read_text()
    path = tmp_path / "stores/Acme/accounts/TeamAlpha/TeamAlpha.jwt"
    token = tokens.read(path.read_text())
    path.write_text(tokens.sign({**token.claims, "nats": {**token.nats, "new_thing": 1}}, from_seed(owner)).text)
    assert info(tmp_path)["warnings"] == ["account TeamAlpha has claims that the tree has no words for: new_thing"]
