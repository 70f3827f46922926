# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revocations: until when tokens of a key are refused (jwt/v2 revocation_list.go: one issued at that time is, too)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .draft import Draft
from .tokens import Token
from .tree import Account

EVERYBODY = "*"


def refused_until(public_key: str, nats: Mapping[str, Any]) -> int:
    """Until when (Unix seconds) the tokens of a user are refused by its account's claims; 0 is never."""
    found = nats.get("revocations") or {}
    return max(_time(found.get(EVERYBODY)), _time(found.get(public_key)))


def refuses(nats: Mapping[str, Any], token: Token) -> bool:
    """Whether an account's claims refuse a user's token."""
    return 0 < token.issued_at <= refused_until(token.subject, nats)


def merged(*lists: Mapping[str, Any]) -> dict[str, int]:
    """Several lists as one: of two times of a key the later holds."""
    found: dict[str, int] = {}
    for each in lists:
        for key, until in each.items():
            found[key] = max(found.get(key, 0), _time(until))
    return found


def account_revocations(draft: Draft, account: Account, keys: Mapping[str, str]) -> dict[str, int]:
    """What the claims of an account have to revoke. keys: the public keys of the tree's users by name.

    What is there stays, unless all of it is dropped that the tree does not name. Users that are purged, and those that
    the tree says are revoked, are added.
    """
    stored = draft.existing.accounts.get(account.name)
    old: Mapping[str, Any] = (stored.token.nats.get("revocations") if stored else None) or {}
    declared = {keys.get(each.user, each.user): each.before for each in account.revocations}
    found = merged({} if draft.drop_revocations else old, declared)
    revoked = {user.name for user in account.users if user.revoked}
    given = {user.name: user.public_key for user in account.users if user.public_key}
    for name in stored.users if stored else ():
        has_left = draft.purge and (name not in keys or name in given)
        token = draft.held(account.name, name) if name in revoked or has_left else None
        if token is not None and (name in revoked or keys.get(name) != token.subject):
            if refuses({"revocations": found}, token):
                continue
            found[token.subject] = _until(draft, old, token.subject, token.issued_at)
    left = [name for name in (stored.users if stored else ()) if draft.purge and name not in keys]
    for public, issued in draft.turn.retired(account.name, left).items():
        found[public] = _until(draft, old, public, issued)
    return found


def _until(draft: Draft, old: Mapping[str, Any], public_key: str, issued: int) -> int:
    """The time that refuses a token issued at a time: the one that is there where that will do."""
    until = _time(old.get(public_key))
    return until if issued <= until else max(draft.now, issued)


def _time(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
