# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entity at a time: made, again, changed, in check mode, removed; nothing else moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, Verb, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_entity import ACCOUNT, OPERATOR, USER
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.documentation import documented, spec_of
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import DAY, NOW, ORDERS, files, trust
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_verb_trust_info import info

SERVICE = ORDERS["accounts"][0]["users"][0]


def run(verb: Verb, path: Path, now: Any = NOW, check_mode: bool = False, **said: Any) -> dict[str, Any]:
    given = {name: spec.get("default") for name, spec in verb.argument_spec.items()}
    return perform(verb, {**given, "path": str(path), **said}, Surroundings(check_mode, now, NoSeal()))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    trust(tmp_path, ORDERS)
    return tmp_path


def test_a_store_from_nothing_piece_by_piece(tmp_path: Path) -> None:
    first = run(OPERATOR, tmp_path, name="Acme", tags=["x"])
    assert first["reasons"] == ["operator Acme is new", "account SYS is new", "user sys is new"]
    assert first["operator"]["name"] == "Acme"
    account = run(ACCOUNT, tmp_path, name="A", limits={"connections": 5})
    assert account["reasons"] == ["account A is new"]
    user = run(USER, tmp_path, account="A", name="u", expires="90d")
    assert user["reasons"] == ["user u is new"]
    assert Path(user["user"]["creds"]).is_file()
    before = files(tmp_path)
    for verb, said in (
        (OPERATOR, {"name": "Acme", "tags": ["x"]}),
        (ACCOUNT, {"name": "A", "limits": {"connections": 5}}),
    ):
        assert not run(verb, tmp_path, NOW + DAY, **said)["changed"]
    assert not run(USER, tmp_path, NOW + DAY, account="A", name="u", expires="90d")["changed"]
    assert files(tmp_path) == before


def test_a_change_moves_nothing_else(store: Path) -> None:
    tree = info(store)["tree"]
    said = {**SERVICE, "publish": {"allow": ["orders.>", "audit.>"], "deny": ["orders.admin.>"]}}
    told = run(USER, store, account="TeamAlpha", check_mode=True, **said)
    done = run(USER, store, account="TeamAlpha", **said)
    assert done["reasons"] == told["reasons"] == ['user order-service: publish.allow adds "audit.>"']
    after = info(store)["tree"]
    after["accounts"][1]["users"][0]["publish"]["allow"].remove("audit.>")
    assert after == tree


def test_what_is_not_said_is_dropped_but_for_the_users(store: Path) -> None:
    found = run(ACCOUNT, store, name="ExternalPartner", description="d")
    assert found["reasons"] == [
        'account ExternalPartner: description: nothing becomes "d"',
        "account ExternalPartner: imports drops PublicOrders",
    ]
    assert [each["name"] for each in info(store)["tree"]["accounts"][0]["users"]] == ["gateway"]


def test_a_user_that_is_absent_is_revoked(store: Path) -> None:
    told = run(USER, store, account="TeamAlpha", name="order-service", state="absent", check_mode=True)
    done = run(USER, store, account="TeamAlpha", name="order-service", state="absent")
    assert (
        done["reasons"]
        == told["reasons"]
        == [
            "account TeamAlpha: revocations adds order-service",
            "user TeamAlpha/order-service is not in the tree, is revoked and removed",
        ]
    )
    assert done["user"] is None
    assert len(tokens.read(done["account"]["jwt"]).nats["revocations"]) == 1
    assert not run(USER, store, account="TeamAlpha", name="order-service", state="absent")["changed"]


def test_an_account_that_is_absent_goes_with_its_users(store: Path) -> None:
    found = run(ACCOUNT, store, name="ExternalPartner", state="absent")
    assert len(found["reasons"]) == 2
    assert found["account"] is None
    assert not [name for name in files(store) if "ExternalPartner" in name]
    assert not run(ACCOUNT, store, name="ExternalPartner", state="absent")["changed"]


def test_the_system_account_changes_and_stays(store: Path) -> None:
    assert run(ACCOUNT, store, name="SYS", tags=["x"])["reasons"] == ['account SYS: tags adds "x"']
    assert "can't be removed" in run(ACCOUNT, store, name="SYS", state="absent")["msg"]
    assert run(USER, store, account="SYS", name="second")["reasons"] == ["user second is new"]


@pytest.mark.parametrize(
    ("verb", "said", "path"),
    [
        (USER, {"account": "TeamAlpha", "name": "u", "publish": {"allow": ["a.>.b"]}}, "publish.allow[0]"),
        (ACCOUNT, {"name": "A", "limits": {"conections": 1}}, "limits.conections"),
        (OPERATOR, {"name": "Acme", "signing_keys": 99}, "operator.signing_keys"),
        (
            ACCOUNT,
            {"name": "A", "imports": [{"account": "B", "subject": "x", "type": "stream"}]},
            "accounts.A.imports[0]",
        ),
    ],
)
def test_bad_input_is_told_with_its_path(verb: Verb, said: dict[str, Any], path: str, store: Path) -> None:
    before = files(store)
    found = run(verb, store, **said)
    assert found["problems"][0]["path"].startswith(path)
    assert files(store) == before


def test_no_such_account(store: Path) -> None:
    assert "no account Beta in this store: write one of SYS," in run(USER, store, account="Beta", name="u")["msg"]


def test_no_such_store(tmp_path: Path) -> None:
    assert "is no store" in run(USER, tmp_path, account="A", name="u")["msg"]


@pytest.mark.parametrize("verb", [OPERATOR, ACCOUNT, USER], ids=lambda verb: verb.name)
def test_the_documentation_has_every_option(verb: Verb) -> None:
    assert documented(verb) == spec_of(verb)
