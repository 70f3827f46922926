# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only the store has is signed anew as it is; test_verb_rotation shows that servers go on with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import read as read_creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.plan import Planned, plan_tree
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation import Kind, Phase
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation_start import Ask, at, keys_of, start
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_plan import NOW, Keys, first, tree_of

ACCOUNT = "stores/Acme/accounts/ExternalPartner/ExternalPartner.jwt"
USER = "stores/Acme/accounts/TeamAlpha/users/order-service.jwt"
CREDS = "keys/creds/Acme/TeamAlpha/order-service.creds"


def planned(target: str, phase: Phase, purge: bool = False) -> tuple[Planned, dict[str, bytes], dict[str, str]]:
    """A tree without the partner and without the user of TeamAlpha; the plan, its changes, old key to new."""
    keys, less = Keys(), orders()
    existing = first(orders(), keys)
    del less["accounts"][1]
    less["accounts"][0]["users"] = []
    ask = Ask(Kind.SIGNING_KEYS, (target,))
    turn, _made = start(ask, existing, keys_of(ask, existing, Problems()), keys.mint, NOW)
    under_way = replace(existing, rotation=at(turn, phase), seeds=frozenset(keys.made))
    plan = plan_tree(under_way, tree_of(less), NOW + 5, keys.mint, keys.seed, purge=purge)
    return plan, {each.path: each.content for each in plan.plan.changes if each.content}, dict(turn.keys)


@pytest.mark.parametrize("phase", [Phase.REPLACE, Phase.DROP])
def test_an_account_keeps_its_claims(phase: Phase) -> None:
    plan, written, keys = planned("operator", phase)
    old = first(orders(), Keys()).accounts["ExternalPartner"].token
    new = tokens.read(written[ACCOUNT].decode())
    assert new.issuer == keys[old.issuer]
    assert new.issued_at > old.issued_at
    assert (new.subject, new.name, new.nats) == (old.subject, old.name, old.nats)
    assert plan.others == {"ExternalPartner": new}
    assert f"account ExternalPartner: was signed by {old.issuer}, which {new.issuer} replaces" in plan.plan.reasons


def test_a_user_keeps_its_key_and_gets_its_creds() -> None:
    _plan, written, keys = planned("TeamAlpha", Phase.REPLACE)
    old = first(orders(), Keys()).accounts["TeamAlpha"].users["order-service"]
    new = tokens.read(written[USER].decode())
    assert (new.subject, new.nats, new.expires) == (old.token.subject, old.token.nats, old.token.expires)
    assert new.issuer == keys[old.token.issuer]
    creds = read_creds(written[CREDS])
    assert old.creds is not None
    assert (creds.token, creds.seed) == (new.text, old.creds.seed)


@pytest.mark.parametrize(("phase", "purge"), [(Phase.ADD, False), (Phase.REPLACE, True)])
def test_nothing_of_it_is_signed_before_its_time_or_when_it_is_purged(phase: Phase, purge: bool) -> None:
    for target in ("operator", "TeamAlpha"):
        assert not {ACCOUNT, USER, CREDS} & set(planned(target, phase, purge)[1])
