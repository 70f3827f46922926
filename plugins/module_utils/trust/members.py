# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of an account: their tokens and creds."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..plan.changes import FileChange
from . import kinds
from . import store as layout
from .accounts import scopes
from .checked import Checked, wanted_of
from .creds import Creds
from .creds import write as write_creds
from .differences import shown
from .draft import Draft, Identity
from .fields import Many, option, to_claims
from .issue import Wish, due, why
from .keys import KeyProblem, Role, from_seed
from .revocations import refused_until
from .store import StoredAccount
from .tokens import Token
from .tree import Account, User


def recall(draft: Draft, account: Account, owner: Identity, checked: Checked) -> None:
    """Note the users of an account whose files were verified before, and are what is wanted."""
    stored = draft.existing.accounts.get(account.name)
    operator = draft.tree.operator
    for user in account.users:
        place = (account.name, user.name)
        draft.wanted[place] = wanted_of(user, account.name, owner, operator)
        held = stored.users.get(user.name) if stored else None
        if held is None or checked.key is None or held.raw is None:
            continue
        path = layout.user_path(operator.name, account.name, user.name)
        if checked.knows(path, held.raw, draft.wanted[place]):
            draft.known[place] = held.recalled()


def user_keys(draft: Draft, account: Account) -> dict[str, str]:
    """The public keys of an account's users by name; a key is made for who is new."""
    found: dict[str, str] = {}
    for user in account.users:
        token = draft.held(account.name, user.name)
        if user.public_key:
            found[user.name] = user.public_key
        elif token is not None:
            found[user.name] = draft.turn.subject(token.subject)
        elif not user.revoked:
            found[user.name] = draft.new_key(Role.USER)
    return found


@dataclass(frozen=True)
class _WithRole:
    """What is told of a user whose role says the rest."""

    tags: tuple[str, ...] = option(Many(kinds.TAG), "tags", claim="tags", default=())


@dataclass(frozen=True)
class Home:
    """An account as its users see it. keys: their public keys by name; claims: of its token as it will be."""

    account: Account
    identity: Identity
    keys: Mapping[str, str]
    claims: Mapping[str, Any]


def plan_user(draft: Draft, home: Home, user: User) -> Token:
    """Plan one user: its token and its creds."""
    old = draft.held(home.account.name, user.name)
    if old and (user.revoked or _is_settled(draft, home, user, old)):
        return old
    signers = _signers(draft, home, user)
    names = {home.identity.public_key: home.account.name}
    of = _WithRole if user.role else User
    wish = Wish(of, home.keys[user.name], user.name, {}, signers, user.expires, user.renew_before, names)
    wish = replace(wish, not_before=user.not_before)
    what = f"user {user.name}" if draft.namesakes[user.name] == 1 else f"user {home.account.name}/{user.name}"
    token = _settle(draft, home, user, wish, what)
    _plan_creds(draft, home, user, token, what)
    return token


def _is_settled(draft: Draft, home: Home, user: User, old: Token) -> bool:
    """Whether nothing but time could be a reason to touch a user, and is none."""
    if (home.account.name, user.name) not in draft.known or user.public_key or home.keys[user.name] != old.subject:
        return False
    is_due = due(old, user.expires, user.renew_before, draft.now)
    return not is_due and old.issued_at > refused_until(old.subject, home.claims)


def _signers(draft: Draft, home: Home, user: User) -> tuple[str, ...]:
    """Who may sign a user: the key of its role, or a signing key without one, or where it is allowed the identity."""
    if user.role:
        return (home.identity.roles[user.role],)
    signers = home.identity.signing_keys
    if not draft.tree.operator.strict_signing_key_usage or not signers:
        signers = (*signers, home.identity.public_key)
    return signers


def _role(stored: Optional[StoredAccount], issuer: str) -> str:
    return next(
        (str(each.get("role")) for each in scopes(stored.token if stored else None) if each["key"] == issuer), ""
    )


def _settle(draft: Draft, home: Home, user: User, wish: Wish, what: str) -> Token:
    stored = draft.existing.accounts.get(home.account.name)
    old = draft.held(home.account.name, user.name)
    until = refused_until(wish.subject, home.claims)
    if until > draft.now:
        draft.warnings.append(f"{what} can't log in: its account revokes what is issued before {until} (Unix seconds)")
    is_refused = old is not None and old.issued_at <= until <= draft.now
    if old and not is_refused and not why(old, _signed_by(old.issuer, wish, user, home.identity), draft.now):
        return old
    issuer = next((each for each in wish.issuers if draft.at_hand(each)), wish.issuers[0])
    had = _role(stored, old.issuer) if old else ""
    if old and had != user.role and old.issuer not in wish.issuers:
        wish = replace(wish, instead=f"role: {shown(had)} becomes {shown(user.role)}")
    elif old:
        wish = replace(wish, instead=draft.turn.instead(old.issuer))
    path = layout.user_path(draft.tree.operator.name, home.account.name, user.name)
    signed = _signed_by(issuer, wish, user, home.identity)
    return draft.settle(old, signed, path, what, secret=user.bearer, refused=until)


def _signed_by(issuer: str, wish: Wish, user: User, owner: Identity) -> Wish:
    """A user's claims name its account exactly where a signing key signs: servers look for ``issuer`` among those."""
    named = {} if issuer == owner.public_key else {"issuer_account": owner.public_key}
    if user.role:
        # Servers refuse a user with a role whose token says more than who it is, be it an empty list or -1.
        claims: dict[str, Any] = {"tags": list(user.tags)}
    else:
        claims = to_claims(user)
    return replace(wish, nats={**claims, **named, "type": "user", "version": 2})


def _plan_creds(draft: Draft, home: Home, user: User, token: Token, what: str) -> None:
    path = layout.creds_path(draft.tree.operator.name, home.account.name, user.name)
    stored = draft.existing.accounts.get(home.account.name)
    old = stored.users.get(user.name) if stored else None
    held = old.creds if old else None
    if held is not None and held.token == token.text:
        return
    seed = _user_seed(draft, token.subject, held)
    if seed is None and user.public_key:
        # It keeps its seed to itself; creds of a key that it had before are of no use.
        draft.without_creds.add((home.account.name, user.name))
        if held is not None:
            draft.changes.append(FileChange(path, None))
        return
    if seed is None:
        where = layout.seed_path(token.subject)
        draft.missing.append(f"{what}: its creds have to be written and its seed is not there: {where}")
        return
    if old is not None and old.token.text == token.text:
        state = "damaged" if old.creds_damaged else "missing" if held is None else "of an older token"
        draft.reasons.append(f"{what}: its creds were {state}, are written again")
    draft.changes.append(FileChange(path, write_creds(Creds(token.text, seed)), secret=True))


def _user_seed(draft: Draft, public: str, held: Optional[Creds]) -> Optional[str]:
    if draft.at_hand(public):
        return draft.pair(public).seed
    with contextlib.suppress(KeyProblem):
        # A store whose seeds were taken away still has those of the users, in their creds.
        if held is not None and from_seed(held.seed).public_key == public:
            return held.seed
    return None
