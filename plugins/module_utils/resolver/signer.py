# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a push needs a key of the operator for: to outrun a JWT that somebody else pushed, and to delete or to close."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..trust import tokens
from ..trust.keys import KeyPair
from ..trust.revocations import EVERYBODY, merged
from ..trust.store import Store, account_path, seed_path
from .claims import AccountClaims, decode
from .plan import Held, Wanted


@dataclass(frozen=True)
class Signer:
    """The keys of a trust store. folder: None where no store was given. now: Unix seconds."""

    folder: Optional[Folder]
    operator_keys: tuple[str, ...]
    now: int

    @functools.cached_property
    def pairs(self) -> tuple[KeyPair, ...]:
        """The keys of the operator whose seed is there; the identity, which comes first in operator_keys, is last."""
        if self.folder is None:
            return ()
        store = Store(self.folder)
        ordered = (*self.operator_keys[1:], *self.operator_keys[:1])
        return tuple(store.key(each) for each in ordered if self.folder.read_raw(seed_path(each)) is not None)

    def require(self, purpose: str) -> tuple[KeyPair, ...]:
        """The pairs, at least one; raises InputError saying what they are needed for."""
        if not self.pairs:
            problems = Problems()
            where = "is not given" if self.folder is None else f"{self.folder.root} holds no seed of operator_keys"
            problems.add("path", f"{where}: {purpose} needs the trust store with a key of the operator")
            problems.raise_if_any()
        return self.pairs

    def outrun(self, account: Wanted, held: Held) -> Wanted:
        """The account issued again, later than what servers hold of it.

        Revocations that the operator's own keys put there later stay: nobody is let in again by a repair.
        """
        pair = self._pair_for(account, f"{account.name} was changed or deleted by somebody else, and issuing it again")
        ours, stale = account.claims, held.others(account.claims)
        theirs = [copy for copy in stale if copy.issued >= ours.issued and copy.issuer in self.operator_keys]
        own = _revocations(ours)
        kept = merged(own, *(_revocations(copy) for copy in theirs))
        nats = {**ours.body["nats"], "revocations": kept} if kept != own else ours.body["nats"]
        later = max([ours.issued, *(copy.issued for copy in stale)])
        claims = self._signed({**ours.body, "nats": nats}, later, pair)
        return replace(account, claims=claims, instead_of=ours, revocations_kept=len(kept) - len(own))

    def once_more(self, account: Wanted) -> Wanted:
        """The same claims a second later, for servers that have the token and take no notice of it.

        It is nowhere kept: what says the same counts as the same.
        """
        pair = self._pair_for(account, f"servers have {account.name} and do not go by it yet, and issuing it once more")
        body = {**account.claims.body, "iat": account.claims.issued + 1}
        return replace(account, claims=decode(tokens.sign(body, pair).text))

    def close(self, name: str, held: Held) -> Wanted:
        """What servers hold of a purged account, issued again so that nobody gets in and everybody is put out."""
        pair = self.require(f"{name} was purged, and closing it")[0]
        last = max(held.copies, key=lambda copy: copy.issued)
        nats = dict(last.body["nats"])
        nats["revocations"] = merged(_revocations(last), {EVERYBODY: max(self.now, last.issued)})
        nats["limits"] = {**nats.get("limits", {}), "conn": 0, "leaf": 0}
        return Wanted(name, self._signed({**last.body, "nats": nats}, last.issued, pair))

    def deletion(self, pair: KeyPair, accounts: Sequence[str]) -> bytes:
        """The request to delete accounts, signed by its own subject (nats-server accounts.go, handleDeleteRequest)."""
        nats = {"accounts": list(accounts), "type": "generic", "version": 2}
        return tokens.sign({"iat": self.now, "sub": pair.public_key, "nats": nats}, pair).text.encode()

    def _pair_for(self, account: Wanted, purpose: str) -> KeyPair:
        """The pair that signed the account, where it is there."""
        pairs = self.require(purpose)
        return next((each for each in pairs if each.public_key == account.claims.issuer), pairs[0])

    def _signed(self, body: Mapping[str, Any], later_than: int, pair: KeyPair) -> AccountClaims:
        return decode(tokens.sign({**body, "iat": max(self.now, later_than + 1)}, pair).text)

    def changes(self, outrun: Sequence[Wanted]) -> tuple[FileChange, ...]:
        """What the store has to hold in place of what was outrun; raises StoreError where it holds something else."""
        if self.folder is None or not outrun:
            return ()
        operators = Store(self.folder).operators()
        found: list[FileChange] = []
        for account in outrun:
            paths = (account_path(operator, account.name) for operator in operators)
            path = next((path for path in paths if self._holds(path, account.instead_of)), None)
            if path is None:
                raise StoreError(
                    f"{self.folder.root}: does not hold the JWT of {account.name} that was given: run aegis.nats.trust "
                    "and push what it returns"
                )
            found.append(FileChange(path, account.claims.token.encode()))
        return tuple(found)

    def _holds(self, path: str, claims: Optional[AccountClaims]) -> bool:
        content = self.folder.read(path) if self.folder else None
        return content is not None and claims is not None and content.strip() == claims.token.encode()

    def keep(self, outrun: Sequence[Wanted]) -> None:
        """Write into the store what was issued again, before it is pushed: the store is never behind the servers."""
        if self.folder is not None and outrun:
            with self.folder.locked():
                self.folder.commit(self.changes(outrun))


def is_closed(claims: AccountClaims) -> bool:
    """Whether nobody gets into an account."""
    limits = claims.body["nats"].get("limits") or {}
    return EVERYBODY in _revocations(claims) and limits.get("conn", 0) == 0


def _revocations(claims: AccountClaims) -> Mapping[str, Any]:
    found: Mapping[str, Any] = claims.body["nats"].get("revocations") or {}
    return found
