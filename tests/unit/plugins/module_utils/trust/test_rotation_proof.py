# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has to get in with which key in which phase, and what can't be tried."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import read as read_creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation import NOTHING, Kind, Phase
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation_proof import (
    OLD_CREDS,
    Proof,
    Prover,
    leftovers,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation_start import Ask, at, keys_of, start
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_plan import NOW, Keys, first, tree_of


def proof(raw: dict[str, Any], ask: Ask, phase: Phase) -> Proof:
    keys = Keys()
    existing = first(raw, keys)
    turn, _made = start(ask, existing, keys_of(ask, existing, Problems()), keys.mint, NOW)
    prover = Prover(at(turn, phase), existing, tree_of(raw), NOW, lambda key: key in keys.made, keys.seed, keys.mint)
    return prover.prove("/store")


def expected(found: Proof) -> dict[str, bool]:
    return {each["client"]: each["allowed"] for each in found.checks if each["kind"] == "connect"}


def with_roles() -> dict[str, Any]:
    raw = orders()
    alpha = raw["accounts"][0]
    alpha["signing_keys"] = [1, {"role": "reader", "template": {"subscribe": {"allow": ["{{tag(team)}}.>"]}}}]
    alpha["users"] += [
        {"name": "dashboard", "role": "reader", "tags": ["team:a"]},
        {"name": "far", "source_networks": ["10.0.0.0/8"]},
    ]
    return raw


ALPHA = Ask(Kind.SIGNING_KEYS, ("TeamAlpha",))


@pytest.mark.parametrize("phase", list(Phase))
def test_the_old_key_of_an_account_lets_in_until_it_is_dropped(phase: Phase) -> None:
    found = expected(proof(with_roles(), ALPHA, phase))
    for who in ("a user of TeamAlpha", "a user of TeamAlpha with the role reader"):
        assert found[f"{who} that the new key signed"] is True
        assert found[f"{who} that the old key signed"] is (phase is not Phase.DROP)
    themselves = {"TeamAlpha/order-service", "TeamAlpha/dashboard"} if phase is not Phase.ADD else set()
    assert {each for each in found if "/" in each} == themselves


def test_a_probe_may_do_nothing_and_lives_a_day() -> None:
    found = proof(with_roles(), ALPHA, Phase.ADD)
    assert len(found.changes) == 4
    for change in found.changes:
        assert change.secret
        token = tokens.read(read_creds(change.content or b"").token)
        assert token.expires == NOW + 86_400
        if token.nats.get("tags"):
            # What the template asks for, and nothing else: servers refuse more.
            assert token.nats["tags"] == ["team:a"]
            assert (token.nats["pub"], token.nats["sub"]) == ({}, {})
        else:
            assert token.nats["pub"] == token.nats["sub"] == {"deny": [">"]}


def test_what_can_not_be_tried_is_told() -> None:
    raw = with_roles()
    raw["accounts"][0]["signing_keys"][1]["template"]["source_networks"] = ["10.0.0.0/8"]
    found = proof(raw, ALPHA, Phase.REPLACE)
    assert found.warnings == ["role reader of TeamAlpha lets nobody in from here, no login tries it"]
    assert "TeamAlpha/dashboard" not in expected(found)
    closed = orders()
    closed["accounts"][0]["limits"]["connections"] = 0
    assert "lets no user in" in proof(closed, ALPHA, Phase.ADD).warnings[0]
    far = Ask(Kind.USER, ("TeamAlpha/far",))
    assert "can't be tried from here" in proof(with_roles(), far, Phase.ADD).warnings[0]


@pytest.mark.parametrize("phase", [Phase.ADD, Phase.DROP])
def test_a_user_is_tried_with_its_old_and_its_new_creds(phase: Phase) -> None:
    found = proof(orders(), Ask(Kind.USER, ("TeamAlpha/order-service",)), phase)
    assert list(expected(found).values()) == [True, phase is Phase.ADD]
    assert [each["creds"] for each in found.clients] == [
        "/store/keys/creds/Acme/TeamAlpha/order-service.creds",
        f"/store/{OLD_CREDS}",
    ]


@pytest.mark.parametrize("kind", [Kind.SIGNING_KEYS, Kind.OPERATOR])
@pytest.mark.parametrize("phase", list(Phase))
def test_servers_tell_the_keys_of_the_operator(kind: Kind, phase: Phase) -> None:
    raw = orders()
    raw["operator"]["strict_signing_key_usage"] = False
    found = proof(raw, Ask(kind, ("operator",)), phase)
    assert expected(found) == {f"a user of {name}": True for name in ("SYS", "TeamAlpha", "ExternalPartner")}
    check = next(each for each in found.checks if each["kind"] == "operator_keys")
    assert check["client"] == "a user of SYS"
    assert (len(check["keys"]), len(check["without"])) == ((3, 0) if phase is not Phase.DROP else (2, 1))


def test_what_a_proof_leaves_is_removed_but_for_the_creds_that_are_needed_again() -> None:
    names = ["keys/creds/.rotation/0.creds", OLD_CREDS, "keys/creds/Acme/A/b.creds"]
    turn = at(start(ALPHA, first(orders(), Keys()), {}, Keys().mint, NOW)[0], Phase.ADD)
    assert [each.path for each in leftovers(names, turn)] == names[:1]
    assert [each.path for each in leftovers(names, NOTHING)] == names[:2]
