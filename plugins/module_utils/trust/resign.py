# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store has and the tree has not, signed by a key that is rotated: signed again as it is, by the new key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..plan.changes import FileChange
from . import store as layout
from . import tokens
from .activations import held_token
from .creds import Creds
from .creds import write as write_creds
from .draft import Draft
from .store import HeldUser
from .tokens import Token


def resign_absent(draft: Draft) -> dict[str, Token]:
    """Plan it; the tokens of the accounts that the tree has not and that servers still have to be given, by name."""
    if draft.purge or not draft.turn.keys:
        return {}
    operator = draft.tree.operator.name
    found: dict[str, Token] = {}
    wanted = {account.name: {user.name for user in account.users} for account in draft.tree.every_account}
    for name, stored in draft.existing.accounts.items():
        for user, held in stored.users.items():
            if user not in wanted.get(name, ()):
                _user(draft, (operator, name, user), held)
        if name not in wanted:
            token = _account(draft, stored.token, f"account {name}")
            if token is not stored.token:
                draft.changes.append(FileChange(layout.account_path(operator, name), token.text.encode()))
            # One that has expired is refused by all servers as it is.
            if not token.expires or token.expires > draft.now:
                found[name] = token
    return found


def _account(draft: Draft, old: Token, what: str) -> Token:
    """An account that the tree has not: also what it shows to accounts whose keys are rotated."""
    imports = [_import(draft, each, what) for each in old.nats.get("imports") or ()]
    if imports == list(old.nats.get("imports") or ()):
        return _again(draft, old, what)
    return _again(draft, old, what, {**old.nats, "imports": imports})


def _import(draft: Draft, wanted: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    held = held_token(wanted.get("token"))
    if held is None or not draft.turn.instead(held.issuer):
        return wanted
    return {**wanted, "token": _again(draft, held, f'{what}: its activation of "{wanted.get("subject")}"').text}


def _user(draft: Draft, place: tuple[str, str, str], held: HeldUser) -> None:
    old, what = held.token, f"user {place[1]}/{place[2]}"
    token = _again(draft, old, what)
    if token is old:
        return
    is_secret = bool(old.nats.get("bearer_token"))
    draft.changes.append(FileChange(layout.user_path(*place), token.text.encode(), secret=is_secret))
    if held.creds is not None:
        content = write_creds(Creds(token.text, held.creds.seed))
        draft.changes.append(FileChange(layout.creds_path(*place), content, secret=True))


def _again(draft: Draft, old: Token, what: str, nats: Optional[Mapping[str, Any]] = None) -> Token:
    """The same token by the key that signs in this phase; the very one where that signed it. nats: other claims."""
    signs = draft.turn.signer(old.issuer)
    if signs == old.issuer and nats is None:
        return old
    signer = draft.signer((signs,), f"{what}, which is not in the tree, has to be signed")
    if signer is None:
        return old
    if signs != old.issuer:
        draft.reasons.append(f"{what}: {draft.turn.instead(old.issuer)}")
    kept = {name: value for name, value in old.claims.items() if name not in ("iss", "jti", "iat")}
    issued = max(draft.now, old.issued_at + 1)
    return tokens.sign({**kept, "iat": issued, "nats": old.nats if nats is None else nats}, signer)
