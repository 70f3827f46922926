# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a planner has found so far: changes, reasons, keys that were made and keys that are missing."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from . import claims
from . import store as layout
from .issue import Wish, issue, picture, why
from .keys import KeyPair, Role
from .rotation import NOTHING, Rotation
from .store import Existing
from .tokens import Token
from .tree import Tree

Mint = Callable[[Role], KeyPair]
Seed = Callable[[str], KeyPair]


@dataclass(frozen=True)
class Identity:
    """The public keys of an operator or account: its identity, then those that sign for it.

    roles: the signing keys that give a role, by the name of the role.
    """

    public_key: str
    signing_keys: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Draft:
    """A plan that grows. now: Unix seconds. mint: makes a key. seed: the pair of a public key, from the store.

    known: users, by account and name, whose files were verified before and are what is wanted; wanted: of every user.
    """

    existing: Existing
    tree: Tree
    now: int
    mint: Mint
    seed: Seed
    purge: bool = False
    drop_revocations: bool = False
    known: dict[tuple[str, str], Token] = field(default_factory=dict)
    wanted: dict[tuple[str, str], bytes] = field(default_factory=dict)
    minted: dict[str, KeyPair] = field(default_factory=dict)
    changes: list[FileChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    without_creds: set[tuple[str, str]] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def turn(self) -> Rotation:
        """The rotation that is under way."""
        return self.existing.rotation or NOTHING

    @functools.cached_property
    def namesakes(self) -> Counter[str]:
        """How many accounts have a user of a name: such users are told apart by their account."""
        return Counter(user.name for account in self.tree.every_account for user in account.users)

    def held(self, account: str, user: str) -> Optional[Token]:
        """The token of a user in the store; None where there is none."""
        if (account, user) in self.known:
            return self.known[(account, user)]
        stored = self.existing.accounts.get(account)
        return stored.users[user].token if stored and user in stored.users else None

    def new_key(self, role: Role) -> str:
        """A key made now, its seed among the changes."""
        pair = self.mint(role)
        self.minted[pair.public_key] = pair
        path = layout.seed_path(pair.public_key)
        self.changes.append(FileChange(path, pair.seed.encode(), secret=True))
        return pair.public_key

    def at_hand(self, public_key: str) -> bool:
        """Whether the seed of a key is there, or is made in this plan."""
        return public_key in self.minted or public_key in self.existing.seeds

    def pair(self, public_key: str) -> KeyPair:
        """The pair of a key that is at hand."""
        return self.minted.get(public_key) or self.seed(public_key)

    def signer(self, candidates: Sequence[str], what: str) -> Optional[KeyPair]:
        """The first of the keys whose seed is at hand; without one it is noted what is missing, and for what."""
        for each in candidates:
            if self.at_hand(each):
                return self.pair(each)
        paths = ", ".join(layout.seed_path(each) for each in candidates)
        self.missing.append(f"{what}: none of the seeds that may sign it is in the store: {paths or 'there is none'}")
        return None

    def settle(
        self, old: Optional[Token], wish: Wish, path: str, what: str, *, secret: bool = False, refused: int = 0
    ) -> Token:
        """The token that is there, or the one that replaces it, with its change and its reasons.

        refused: tokens issued until then are revoked.
        """
        reasons = why(old, wish, self.now) if old else ["is new"]
        if old and old.issued_at <= refused <= self.now:
            reasons.append("was revoked, is issued again")
        if old and not reasons:
            return old
        signer = self.signer(wish.issuers, f"{what} has to be signed ({'; '.join(reasons)})")
        if signer is None:
            return old or Token("", claims.arrange({"sub": wish.subject, "name": wish.name, "nats": wish.nats}))
        token = issue(old, wish, self.now, signer, after=min(refused, self.now))
        self.changes.append(FileChange(path, token.text.encode(), secret=secret))
        self.reasons += [f"{what}: {reason}" for reason in reasons] if old else [f"{what} is new"]
        if old:
            self.before[what] = functools.partial(picture, wish, old.nats, full=False)
        self.after[what] = functools.partial(picture, wish, wish.nats, full=False)
        return token

    def refuse_missing(self) -> None:
        """Raise StoreError with every key that was needed and is not there."""
        if len(self.missing) == 1:
            raise StoreError(f"{self.missing[0]}. Nothing was changed")
        if self.missing:
            lines = "\n".join(f"  - {each}" for each in self.missing)
            raise StoreError(f"{len(self.missing)} times a seed is missing, nothing was changed:\n{lines}")
