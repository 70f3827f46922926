# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store as if no rotation were under way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation import Kind, Phase, Rotation
from ansible_collections.aegis.nats.plugins.module_utils.trust.rotation_view import settled
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing, StoredAccount, StoredUser
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import Token, sign
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

ROOT, OWNER, USER = key(Role.OPERATOR, 1), key(Role.ACCOUNT, 2), key(Role.USER, 3)
OLD, NEW, KEPT = (key(Role.ACCOUNT, number) for number in (4, 5, 6))
OLD_ROLE, NEW_ROLE = key(Role.ACCOUNT, 7), key(Role.ACCOUNT, 8)
TEMPLATE = {"subs": -1, "data": -1, "payload": -1}


def token(kind: str, subject: str, signer: KeyPair, **nats: object) -> Token:
    claims = {"sub": subject, "iat": 1, "nats": {**nats, "type": kind, "version": 2}}
    return sign(claims, signer)


def scoped(public_key: str) -> dict[str, object]:
    return {"kind": "user_scope", "key": public_key, "role": "reader", "template": TEMPLATE}


def store(phase: Phase) -> Existing:
    both = [OLD.public_key, NEW.public_key, KEPT.public_key, scoped(OLD_ROLE.public_key), scoped(NEW_ROLE.public_key)]
    account = token("account", OWNER.public_key, ROOT, signing_keys=both)
    users = {
        "plain": StoredUser(token("user", USER.public_key, OLD), None),
        "role": StoredUser(token("user", USER.public_key, NEW_ROLE), None),
        "other": StoredUser(token("user", USER.public_key, KEPT), None),
    }
    keys = {OLD.public_key: NEW.public_key, OLD_ROLE.public_key: NEW_ROLE.public_key}
    operator = token("operator", ROOT.public_key, ROOT, signing_keys=[])
    turn = Rotation(Kind.SIGNING_KEYS, ("X",), phase, keys)
    return Existing(operator, {"X": StoredAccount(account, users)}, rotation=turn)


@pytest.mark.parametrize(("phase", "plain", "role"), [(Phase.ADD, OLD, OLD_ROLE), (Phase.REPLACE, NEW, NEW_ROLE)])
def test_each_key_once_and_everybody_signed_by_it(phase: Phase, plain: KeyPair, role: KeyPair) -> None:
    stored = store(phase)
    found = settled(stored).accounts["X"]
    listed = found.token.nats["signing_keys"]
    assert sorted(each for each in listed if isinstance(each, str)) == sorted([plain.public_key, KEPT.public_key])
    assert [each["key"] for each in listed if not isinstance(each, str)] == [role.public_key]
    issuers = {name: each.token.issuer for name, each in found.users.items()}
    assert issuers == {"plain": plain.public_key, "role": role.public_key, "other": KEPT.public_key}


def test_without_a_rotation_it_is_the_store_itself() -> None:
    stored = replace(store(Phase.ADD), rotation=None)
    assert settled(stored) is stored
