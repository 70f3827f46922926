# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store as it would be if no rotation were under way: one key where there are two for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .rotation import NOTHING, Rotation
from .store import Existing, HeldUser, StoredAccount, StoredUser
from .tokens import Token


def settled(existing: Existing) -> Existing:
    """Every key once: the one that signs in the present phase."""
    turn = existing.rotation or NOTHING
    if not turn.keys or existing.operator is None:
        return existing
    accounts = {name: _account(each, turn) for name, each in existing.accounts.items()}
    return replace(existing, operator=settled_token(existing.operator, turn), accounts=accounts)


def _account(stored: StoredAccount, turn: Rotation) -> StoredAccount:
    users = {name: _user(held, turn) for name, held in stored.users.items()}
    return StoredAccount(settled_token(stored.token, turn), users)


def settled_token(token: Token, turn: Rotation) -> Token:
    """The token of an operator or account with every key once."""
    listed = token.nats.get("signing_keys")
    if not isinstance(listed, list):
        return token
    plain = turn.settled(each for each in listed if isinstance(each, str))
    scoped: dict[str, Mapping[str, Any]] = {}
    for each in listed:
        if isinstance(each, Mapping):
            key = turn.signer(str(each.get("key")))
            scoped.setdefault(key, {**each, "key": key})
    nats = {**token.nats, "signing_keys": [*scoped.values(), *plain]}
    return Token(token.text, {**token.claims, "nats": nats})


def _user(held: HeldUser, turn: Rotation) -> HeldUser:
    token = held.token
    if turn.signer(token.issuer) == token.issuer:
        return held
    shown = Token(token.text, {**token.claims, "iss": turn.signer(token.issuer)})
    return StoredUser(shown, held.creds, held.creds_damaged, held.raw)
