# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in the words of the tree: what ``trust`` would have to be told to change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from . import activations, kinds, subjects
from .accounts import scopes
from .judge import key_words, other_claims, words
from .revocations import refuses
from .rotation_view import settled
from .store import Existing, HeldUser, StoredAccount
from .tokens import Token

_WHAT = {"operator": "the operator", "account": "account {name}", "user": "user {account}/{name}"}


def tree_words(existing: Existing, now: int) -> dict[str, Any]:
    """What ``trust`` takes: operator, accounts, and system_account, None where the operator names none that is there.

    A user whose token its account refuses is ``revoked``; one whose seed is nowhere in the store has its public_key;
    what would be due for renewal has a renew_before that is not.
    """
    existing = settled(existing)
    operator = existing.operator
    if operator is None:
        return {"operator": None, "system_account": None, "accounts": []}
    described = {name: _account(existing, name, each, now) for name, each in existing.accounts.items()}
    system = existing.system_account
    return {
        "operator": {**words(operator), **_times(operator, now, start=False)},
        "system_account": described.get(system) if system else None,
        "accounts": [each for name, each in described.items() if name != system],
    }


def remarks(existing: Existing) -> list[str]:
    """What the words do not say: claims that are not known here, and a system account that is missing."""
    found: list[str] = []
    if existing.operator is not None and existing.system_account is None:
        found.append("the operator names no system account that is in this store: one would be made")
    if existing.rotation is not None:
        found.append(f"{existing.rotation.remark}")
    known = {"operator": {"signing_keys", "system_account"}, "account": {"signing_keys"}}
    for account, name, token in existing.every_token():
        what = _WHAT[token.kind].format(account=account, name=name)
        unknown = sorted(set(other_claims(token)) - known.get(token.kind, set()))
        if unknown:
            found.append(f"{what} has claims that the tree has no words for: {', '.join(unknown)}")
    return found


def _account(existing: Existing, name: str, stored: StoredAccount, now: int) -> dict[str, Any]:
    token = stored.token
    found = {**words(token), **_times(token, now), "name": name}
    users = {each.token.subject: user for user, each in stored.users.items()}
    accounts = {each.token.subject: other for other, each in existing.accounts.items()}
    for each in found.get("exports", []):
        for entry in each.get("revocations", []):
            entry["account"] = accounts.get(entry["account"], entry["account"])
    for position, each in enumerate(found.get("imports", [])):
        _import(existing, token, token.nats["imports"][position], each)
    for each in found.get("revocations", []):
        each["user"] = users.get(each["user"], each["user"])
    callout = found.get("auth_callout", {})
    for field, names in (("users", users), ("allowed_accounts", accounts)):
        if field in callout:
            callout[field] = [names.get(key, key) for key in callout[field]]
    listed = [_user(existing, stored, user, each, now) for user, each in stored.users.items()]
    return {**found, **({"users": listed} if listed else {})}


def _import(existing: Existing, importer: Token, claim: Mapping[str, Any], found: dict[str, Any]) -> None:
    """By name where the exporter is here and exports it; a token that it would be given by itself is left out."""
    owner = next((each for each in existing.accounts.items() if each[1].token.subject == claim.get("account")), None)
    export = _covering(owner[1], claim) if owner else None
    if owner is None or export is None or owner[1].token.subject == importer.subject:
        return
    found["account"] = owner[0]
    held = activations.held_token(claim.get("token"))
    if export.get("token_req") and held and activations.fits(held, claim, importer.subject):
        del found["token"]


def _covering(owner: StoredAccount, claim: Mapping[str, Any]) -> Optional[Mapping[str, Any]]:
    for each in owner.token.nats.get("exports") or ():
        if each.get("type") == claim.get("type") and subjects.covers(str(each.get("subject")), str(claim["subject"])):
            found: Mapping[str, Any] = each
            return found
    return None


def _user(existing: Existing, owner: StoredAccount, name: str, stored: HeldUser, now: int) -> dict[str, Any]:
    token = stored.token
    found: dict[str, Any] = {**words(token), "name": name}
    role = next((each for each in scopes(owner.token) if each.get("key") == token.issuer), None)
    if role is not None:
        said = key_words(owner.token, role)
        found = {
            "name": name,
            "role": said.get("key") or said["role"],
            **{k: found[k] for k in ("tags",) if k in found},
        }
    if token.subject not in existing.seeds and stored.creds is None:
        found["public_key"] = token.subject
    if refuses(owner.token.nats, token):
        found["revoked"] = True
    return {**found, **_times(token, now)}


def _times(token: Token, now: int, start: bool = True) -> dict[str, Any]:
    """start: whether there is a word for the time that a token is taken from. That of an operator stays as it is."""
    lifetime, left = token.expires - token.issued_at, token.expires - now
    found = {"not_before": kinds.MOMENT.show(token.not_before)} if start and token.not_before else {}
    if not token.expires or lifetime <= 0:
        return found
    found["expires"] = kinds.LIFETIME.show(lifetime)
    if 1 < left <= lifetime // 3:
        found["renew_before"] = kinds.LIFETIME.show(left - 1)
    return found
