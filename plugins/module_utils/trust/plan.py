# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there and what is wanted to the changes of the store, and why. Pure: no files, no clock, no randomness.

Keys that are missing are made by ``mint``, seeds that are needed are asked for by ``seed``; both are handed in.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Callable, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from . import store as layout
from .accounts import account_claims, scoped_keys
from .creds import Creds
from .creds import write as write_creds
from .fields import to_claims
from .issue import Wish, issue, picture, why
from .keys import KeyPair, Role
from .store import Existing, StoredUser
from .tokens import Token
from .tree import Account, Operator, Tree, User

Mint = Callable[[Role], KeyPair]
Seed = Callable[[str], KeyPair]


@dataclass(frozen=True)
class Identity:
    """The public keys of an operator or account: its identity, then those that sign for it."""

    public_key: str
    signing_keys: tuple[str, ...]


@dataclass(frozen=True)
class Planned:
    """plan: of the store. operator, accounts, users: the tokens as they will be. absent: what only the store has."""

    plan: Plan
    operator: Token
    accounts: Mapping[str, Token]
    users: Mapping[tuple[str, str], Token]
    absent: tuple[str, ...] = ()


@dataclass
class _Draft:
    """What a planner has found so far."""

    existing: Existing
    tree: Tree
    now: int
    mint: Mint
    seed: Seed
    minted: dict[str, KeyPair] = field(default_factory=dict)
    changes: list[FileChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def namesakes(self) -> Counter[str]:
        """How many accounts have a user of a name: such users are told apart by their account."""
        return Counter(user.name for account in self.tree.every_account for user in account.users)

    def new_key(self, role: Role) -> str:
        pair = self.mint(role)
        self.minted[pair.public_key] = pair
        path = layout.seed_path(pair.public_key)
        self.changes.append(FileChange(path, pair.seed.encode(), secret=True))
        return pair.public_key

    def pair(self, public_key: str) -> KeyPair:
        return self.minted.get(public_key) or self.seed(public_key)

    def signer(self, candidates: tuple[str, ...], what: str) -> KeyPair:
        """The first of the keys whose seed is at hand."""
        for each in candidates:
            if each in self.minted or each in self.existing.seeds:
                return self.pair(each)
        raise StoreError(
            f"{what} has to be signed and none of the seeds that may sign it is in the store: "
            f"{', '.join(layout.seed_path(each) for each in candidates)}"
        )

    def settle(self, old: Optional[Token], wish: Wish, path: str, what: str, secret: bool = False) -> Token:
        """The token that is there, or the one that replaces it, with its change and its reasons."""
        reasons = why(old, wish, self.now) if old else ["is new"]
        if old and not reasons:
            return old
        token = issue(old, wish, self.now, self.signer(wish.issuers, what))
        self.changes.append(FileChange(path, token.text.encode(), secret=secret))
        self.reasons += [f"{what}: {reason}" for reason in reasons] if old else [f"{what} is new"]
        if old:
            self.before[what] = picture(wish, old.nats, full=False)
        self.after[what] = picture(wish, wish.nats, full=False)
        return token


def plan_tree(existing: Existing, tree: Tree, now: int, mint: Mint, seed: Seed, *, purge: bool = False) -> Planned:
    """Plan the whole tree. now: Unix seconds. Raises StoreError where the store lacks what is needed."""
    draft = _Draft(existing, tree, now, mint, seed)
    operator = _identity(draft, existing.operator, Role.OPERATOR, tree.operator.signing_keys)
    identities = {
        account.name: _identity(draft, _stored(existing, account.name), Role.ACCOUNT, account.signing_keys)
        for account in tree.every_account
    }
    operator_token = _plan_operator(draft, operator, identities[tree.system_account.name])
    signers = operator.signing_keys
    if not tree.operator.strict_signing_key_usage:
        signers = (*signers, operator.public_key)
    accounts = {account.name: _plan_account(draft, account, identities, signers) for account in tree.every_account}
    users = {
        (account.name, user.name): _plan_user(draft, account, user, identities[account.name])
        for account in tree.every_account
        for user in account.users
    }
    absent = _plan_absent(draft, purge)
    plan = Plan(tuple(draft.changes), tuple(draft.reasons), draft.before, draft.after)
    return Planned(plan, operator_token, accounts, users, absent)


def _stored(existing: Existing, account: str) -> Optional[Token]:
    found = existing.accounts.get(account)
    return found.token if found else None


def _identity(draft: _Draft, token: Optional[Token], role: Role, count: int) -> Identity:
    """The keys that are there, and new ones up to the count. A key that is there stays: users hang on it."""
    public = token.subject if token else draft.new_key(role)
    held = [each for each in (token.nats.get("signing_keys", []) if token else []) if isinstance(each, str)]
    more = [draft.new_key(role) for _ in range(count - len(held))]
    return Identity(public, (*held, *more))


def _plan_operator(draft: _Draft, keys: Identity, system: Identity) -> Token:
    wanted: Operator = draft.tree.operator
    old = draft.existing.operator
    nats = {
        **to_claims(wanted),
        "signing_keys": list(keys.signing_keys),
        "system_account": system.public_key,
        "type": "operator",
        "version": 2,
    }
    # An end that others gave the operator token is kept; the tree has no word for it.
    lifetime = old.expires - old.issued_at if old and old.expires else None
    names = {system.public_key: draft.tree.system_account.name}
    wish = Wish(Operator, keys.public_key, wanted.name, nats, (keys.public_key,), lifetime, names=names)
    if old is None:
        draft.changes.append(FileChange(layout.marker_path(wanted.name), layout.marker(wanted.name)))
    return draft.settle(old, wish, layout.operator_path(wanted.name), f"operator {wanted.name}")


def _plan_account(
    draft: _Draft, account: Account, identities: Mapping[str, Identity], signers: tuple[str, ...]
) -> Token:
    old = _stored(draft.existing, account.name)
    keys = identities[account.name]
    publics = {name: each.public_key for name, each in identities.items()}
    nats = account_claims(account, keys.signing_keys, publics, old.nats if old else {})
    names = {public: name for name, public in publics.items()}
    wish = Wish(
        Account, keys.public_key, account.name, nats, signers, account.expires, account.renew_before, names=names
    )
    path = layout.account_path(draft.tree.operator.name, account.name)
    return draft.settle(old, wish, path, f"account {account.name}")


def _plan_user(draft: _Draft, account: Account, user: User, owner: Identity) -> Token:
    stored = draft.existing.accounts.get(account.name)
    old = stored.users.get(user.name) if stored else None
    public = old.token.subject if old else draft.new_key(Role.USER)
    signers = owner.signing_keys
    if not draft.tree.operator.strict_signing_key_usage or not signers:
        signers = (*signers, owner.public_key)
    if stored and old and old.token.issuer in scoped_keys(stored.token):
        raise StoreError(
            f"user {account.name}/{user.name} has a role in this store (its token is signed by a scoped signing key), "
            "which the tree has no words for: without it, more would be allowed. Leave it to the tool that made it"
        )
    wish = Wish(User, public, user.name, {}, signers, user.expires, user.renew_before, {owner.public_key: account.name})
    what = f"user {user.name}" if draft.namesakes[user.name] == 1 else f"user {account.name}/{user.name}"
    operator = draft.tree.operator.name
    path = layout.user_path(operator, account.name, user.name)
    token = old.token if old else None
    if token is None or why(token, _signed_by(token.issuer, wish, user, owner), draft.now):
        signed = _signed_by(draft.signer(signers, what).public_key, wish, user, owner)
        token = draft.settle(token, signed, path, what, secret=user.bearer)
    _plan_creds(draft, token, old, layout.creds_path(operator, account.name, user.name), what)
    return token


def _signed_by(issuer: str, wish: Wish, user: User, owner: Identity) -> Wish:
    """A user's claims name its account exactly where a signing key signs: servers look for ``issuer`` among those."""
    named = {} if issuer == owner.public_key else {"issuer_account": owner.public_key}
    return replace(wish, nats={**to_claims(user), **named, "type": "user", "version": 2})


def _plan_creds(draft: _Draft, token: Token, old: Optional[StoredUser], path: str, what: str) -> None:
    held = old.creds if old else None
    if held is not None and held.token == token.text:
        return
    if old is not None and old.token is token:
        state = "damaged" if old.creds_damaged else "missing" if held is None else "of an older token"
        draft.reasons.append(f"{what}: its creds were {state}, are written again")
    pair = draft.pair(token.subject)
    draft.changes.append(FileChange(path, write_creds(Creds(token.text, pair.seed)), secret=True))


def _plan_absent(draft: _Draft, purge: bool) -> tuple[str, ...]:
    """What the store has and the tree has not: named, and removed only with purge."""
    operator = draft.tree.operator.name
    wanted = {account.name: {user.name for user in account.users} for account in draft.tree.every_account}
    absent: list[str] = []
    for account, stored in draft.existing.accounts.items():
        for user, each in stored.users.items():
            if user not in wanted.get(account, ()):
                absent.append(f"user {account}/{user}")
                paths = [layout.user_path(operator, account, user), layout.creds_path(operator, account, user)]
                _remove(draft, absent[-1], purge, paths, (each.token.subject,))
        if account not in wanted:
            absent.append(f"account {account}")
            publics = (stored.token.subject, *_signing_keys(stored.token))
            _remove(draft, absent[-1], purge, [layout.account_path(operator, account)], publics)
    return tuple(absent)


def _remove(draft: _Draft, what: str, purge: bool, paths: list[str], publics: tuple[str, ...]) -> None:
    if not purge:
        return
    paths += [layout.seed_path(public) for public in publics if public in draft.existing.seeds]
    draft.changes += [FileChange(path, None) for path in paths]
    draft.reasons.append(f"{what} is not in the tree, is removed")
    draft.before[what] = {"public_key": publics[0]}


def _signing_keys(token: Token) -> tuple[str, ...]:
    found = token.nats.get("signing_keys", [])
    return tuple(str(item["key"]) if isinstance(item, Mapping) else str(item) for item in found)
