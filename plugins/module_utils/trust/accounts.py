# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claims of an account: what the tree says, with public keys where it says names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from .claims import JETSTREAM_NAMES
from .fields import to_claims
from .tokens import Token
from .tree import Account, ScopedKey


@dataclass(frozen=True)
class Names:
    """Public keys by name: of the accounts of the tree, and of the users of one account."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    users: Mapping[str, str] = field(default_factory=dict)

    def account(self, name: str) -> str:
        """The public key of an account; what is no name is one already."""
        return self.accounts.get(name, name)

    def user(self, name: str) -> str:
        """The public key of a user; what is no name is one already."""
        return self.users.get(name, name)


def account_claims(
    account: Account, signing_keys: Sequence[Any], names: Names, old: Mapping[str, Any], tokens: Sequence[str] = ()
) -> dict[str, Any]:
    """``nats`` of an account token, without its revocations.

    signing_keys: as they stand in the token; tokens: the activation token of each import, empty where it needs none;
    old: the claims so far.
    """
    claims = to_claims(_with_keys(account, names))
    imports = [
        {**each, "token": token} for each, token in zip(claims["imports"], (*tokens, *([""] * len(claims["imports"]))))
    ]
    return {
        **claims,
        "exports": [_withdrawn(each, old) for each in claims["exports"]],
        "imports": [{**each, **_renamed(each, old)} for each in imports],
        "signing_keys": list(signing_keys),
        "type": "account",
        "version": 2,
    }


def _with_keys(account: Account, names: Names) -> Account:
    callout = account.auth_callout
    if callout is not None:
        callout = replace(
            callout,
            users=tuple(names.user(each) for each in callout.users),
            allowed_accounts=tuple(names.account(each) for each in callout.allowed_accounts),
        )
    exports = tuple(
        replace(
            each, revocations=tuple(replace(item, account=names.account(item.account)) for item in each.revocations)
        )
        for each in account.exports
    )
    imports = tuple(replace(each, account=names.account(each.account)) for each in account.imports)
    return replace(account, auth_callout=callout, exports=exports, imports=imports)


def _withdrawn(export: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """An export with the revocations that it had: dropping one would let a token in again."""
    held = held_item(export, old.get("exports"))
    found = dict(held.get("revocations") or {})
    for key, until in export.get("revocations", {}).items():
        found[key] = max(until, found.get(key, 0))
    return {**export, "revocations": found}


def _renamed(wanted: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The deprecated name of an import, which the tree has no word for; a local subject takes its place."""
    held = held_item(wanted, old.get("imports"))
    return {"to": held["to"]} if held.get("to") and not wanted.get("local_subject") else {}


def held_item(item: Mapping[str, Any], old: Any) -> Mapping[str, Any]:
    """The export or import that was there: of the same type, account and subject. Empty where there was none."""
    for each in old if isinstance(old, list) else []:
        if isinstance(each, Mapping) and all(item.get(name) == each.get(name) for name in _SAME):
            return each
    return {}


_SAME = ("type", "account", "subject")


def scope(wanted: ScopedKey, public_key: str) -> dict[str, Any]:
    """A scoped signing key as it stands in the token."""
    return {"kind": "user_scope", "key": public_key, **to_claims(wanted)}


def plain_keys(token: Optional[Token]) -> tuple[str, ...]:
    """The signing keys of an operator or account that give no role."""
    return tuple(each for each in _signing_keys(token) if isinstance(each, str))


def scopes(token: Optional[Token]) -> tuple[Mapping[str, Any], ...]:
    """The signing keys of an account that give their users a role, as they stand in its token."""
    return tuple(settled_scope(each) for each in _signing_keys(token) if isinstance(each, Mapping))


def settled(nats: Mapping[str, Any]) -> Mapping[str, Any]:
    """Claims of an account with what servers read where something is left out, so that equals compare as equal."""
    found = dict(with_one_jetstream(nats))
    if isinstance(nats.get("signing_keys"), list):
        listed = nats["signing_keys"]
        found["signing_keys"] = [settled_scope(each) if isinstance(each, Mapping) else each for each in listed]
    if isinstance(nats.get("mappings"), Mapping):
        mapped = nats["mappings"].items()
        found["mappings"] = {name: [_full(each, "weight") for each in to or ()] for name, to in mapped}
    if nats.get("trace"):
        found["trace"] = _full(nats["trace"], "sampling")
    return found


def with_one_jetstream(nats: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where there are tiers the library drops the flat limits beside them, which nsc leaves (decoder_account.go)."""
    limits = nats.get("limits")
    if not isinstance(limits, Mapping) or not limits.get("tiered_limits"):
        return nats
    return {**nats, "limits": {name: value for name, value in limits.items() if name not in JETSTREAM_NAMES}}


def _full(item: Any, name: str) -> Any:
    return {**item, name: item.get(name) or 100} if isinstance(item, Mapping) else item


def settled_scope(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A scope with the limits that servers read where a template leaves them out (signingkeys.go, UnmarshalJSON)."""
    template = item.get("template")
    held = template if isinstance(template, Mapping) else {}
    return {**item, "template": {"subs": -1, "data": -1, "payload": -1, **held}}


def _signing_keys(token: Optional[Token]) -> Sequence[Any]:
    found = token.nats.get("signing_keys") if token else None
    return found if isinstance(found, list) else ()
