# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims of an account: what the tree says, and what it has no words for yet, carried over from the old token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

from .fields import to_claims
from .tokens import Token
from .tree import Account

# Dropping these because the tree cannot say them would let revoked users in again, or change who may do what.
_CARRIED = ("mappings", "authorization", "trace", "cluster_traffic")
_CARRIED_OF_EXPORTS = ("token_req", "revocations")
_CARRIED_OF_IMPORTS = ("token",)


def account_claims(
    account: Account, signing_keys: Sequence[str], publics: Mapping[str, str], old: Mapping[str, Any]
) -> dict[str, Any]:
    """``nats`` of an account token. publics: the public keys of the tree's accounts by name; old: the claims so far."""
    imports = tuple(replace(each, account=publics.get(each.account, each.account)) for each in account.imports)
    claims = to_claims(replace(account, imports=imports))
    scoped = [item for item in old.get("signing_keys", []) if isinstance(item, Mapping)]
    carried = {name: old[name] for name in _CARRIED if name in old}
    return {
        **carried,
        **claims,
        "exports": _carry(claims.get("exports", []), old.get("exports", []), _CARRIED_OF_EXPORTS),
        "imports": _carry(claims.get("imports", []), old.get("imports", []), _CARRIED_OF_IMPORTS),
        "signing_keys": [*scoped, *signing_keys],
        "type": "account",
        "version": 2,
    }


def plain_keys(token: Optional[Token]) -> tuple[str, ...]:
    """The signing keys of an operator or account that give no role."""
    return tuple(each for each in (token.nats.get("signing_keys", []) if token else []) if isinstance(each, str))


def scoped_keys(token: Token) -> frozenset[str]:
    """The signing keys of an account that give their users a role."""
    return frozenset(str(item.get("key")) for item in token.nats.get("signing_keys", []) if isinstance(item, Mapping))


def _carry(items: Sequence[Mapping[str, Any]], old: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    held = {_same(each): each for each in old if isinstance(each, Mapping)}
    return [
        {**item, **{name: held[_same(item)][name] for name in names if name in held.get(_same(item), {})}}
        for item in items
    ]


def _same(item: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return item.get("type"), item.get("account"), item.get("subject")
