# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to push to the resolvers of a cluster, given what each of them holds. Pure.

A full resolver stores whatever it is sent: it checks neither who signed an account JWT, nor whether it has expired,
nor whether it is older than the one it holds (measured). So all three are refused here, before anything is sent; what
is older is issued again where the trust store is at hand (see signer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.problems import Problems
from ..trust import tokens
from .claims import AccountClaims, decode


@dataclass(frozen=True)
class Wanted:
    """An account as it should be on every server. system: it is the system account.

    instead_of: the claims that were given, where servers held others signed later and it was issued again;
    revocations_kept: how many revocations only those others had.
    """

    name: str
    claims: AccountClaims
    system: bool = False
    instead_of: Optional[AccountClaims] = None
    revocations_kept: int = 0

    @property
    def public_key(self) -> str:
        return self.claims.subject


@dataclass(frozen=True)
class Held:
    """What the servers hold of one account.

    missing: names of the servers that don't list it.
    copies: the token of each server that has it; the answers don't tell which server gave which.
    unread: how many servers list it and gave nothing that can be read.
    """

    missing: tuple[str, ...] = ()
    copies: tuple[AccountClaims, ...] = ()
    unread: int = 0

    def later_than(self, claims: AccountClaims) -> bool:
        """Whether a server holds other claims that were not signed before these."""
        return any(copy.issued >= claims.issued for copy in self.others(claims))

    def others(self, claims: AccountClaims) -> list[AccountClaims]:
        """The copies that say something else."""
        return [copy for copy in self.copies if not copy.says_the_same(claims)]


@dataclass(frozen=True)
class Removed:
    """An account that was purged. servers: those that still list it."""

    name: str
    public_key: str
    servers: tuple[str, ...] = ()


def read_wanted(
    accounts: Sequence[Mapping[str, Any]], operator_keys: Sequence[str], now: datetime, problems: Problems
) -> tuple[Wanted, ...]:
    """The accounts to push, checked by themselves: whole, of this operator, not expired, each once."""
    found: dict[str, Wanted] = {}
    for number, account in enumerate(accounts):
        where = f"accounts[{number}]"
        name = account["name"]
        try:
            claims = decode(tokens.read(account["jwt"]).text)
        except (ValueError, tokens.TokenProblem) as error:
            problems.add(f"{where}.jwt", f"({name}) {error}")
            continue
        if claims.subject != account["public_key"]:
            problems.add(f"{where}.public_key", f"({name}) is not the subject of the JWT, which is {claims.subject}")
        if claims.issuer not in operator_keys:
            problems.add(
                f"{where}.jwt",
                f"({name}) is signed by {claims.issuer}, which is none of operator_keys: servers would store it and "
                "refuse every login to it after their next restart; sign it with a key of this operator",
            )
        if claims.expires is not None and claims.expires <= now.timestamp():
            problems.add(f"{where}.jwt", f"({name}) expired at {moment(claims.expires)}: issue it again")
        if claims.subject in found:
            problems.add(where, f"({name}) is the account {claims.subject} a second time: give it once")
        found[claims.subject] = Wanted(name, claims, bool(account.get("system")))
    return tuple(found.values())


def read_removed(
    accounts: Sequence[Mapping[str, Any]], wanted: Sequence[Wanted], problems: Problems
) -> tuple[Removed, ...]:
    """The accounts that no server may hold any more."""
    staying = {account.public_key: account.name for account in wanted}
    for number, account in enumerate(accounts):
        key, where = account["public_key"], f"removed_accounts[{number}].public_key"
        if key in staying:
            problems.add(where, f"({account['name']}) is that of {staying[key]} in accounts: it can't be both")
    return tuple(Removed(account["name"], account["public_key"]) for account in accounts)


def check_age(wanted: Sequence[Wanted], held: Mapping[str, Held], problems: Problems) -> None:
    """Refuse what the servers already hold in a newer edition, or in another one of the same second."""
    for account in wanted:
        newest = max((copy.issued for copy in held[account.public_key].others(account.claims)), default=None)
        if newest is None or newest < account.claims.issued:
            continue
        where, signed = f"accounts.{account.name}", moment(account.claims.issued)
        if newest > account.claims.issued:
            problems.add(
                where,
                f"the servers hold a newer JWT (signed {moment(newest)}) than the one given (signed {signed}): "
                "give path, the trust store that made it, to issue it again from there",
            )
        else:
            problems.add(
                where,
                f"the servers hold a different JWT signed in the same second ({signed}): they would not agree on one; "
                "give path, the trust store that made it, to issue it again, a second later",
            )


def check_shut(wanted: Sequence[Wanted], shut: frozenset[str], problems: Problems) -> None:
    """Refuse what servers would take no notice of: the very token of an account that they lost while it was in use."""
    for account in wanted:
        if account.public_key in shut:
            problems.add(
                f"accounts.{account.name}.jwt",
                "was deleted on servers that were using it, and they take no notice of the same JWT: give path, the "
                "trust store that made it, to issue it again from there",
            )


def plan_push(wanted: Sequence[Wanted], held: Mapping[str, Held], servers: int) -> tuple[Plan, tuple[Wanted, ...]]:
    """The plan, and the accounts to send: those that some server lacks or holds in another edition."""
    changes: list[FileChange] = []
    reasons: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    pushed: list[Wanted] = []
    for account in wanted:
        found = held[account.public_key]
        why = _reasons(account, found, servers)
        if not why:
            continue
        pushed.append(account)
        reasons.extend(f"{account.name}: {line}" for line in why)
        # The file that each resolver keeps; a JWT is signed, not secret.
        changes.append(FileChange(f"{account.public_key}.jwt", account.claims.token.encode()))
        before[account.name] = picture(next(iter((*_stale(account, found), *found.copies)), None))
        after[account.name] = picture(account.claims)
    return Plan(tuple(changes), tuple(reasons), before, after), tuple(pushed)


def _reasons(account: Wanted, held: Held, servers: int) -> list[str]:
    lines = [f"{server} does not have it" for server in held.missing]
    stale = _stale(account, held)
    parts = ", ".join(sorted({part for copy in stale for part in differing(copy.body, account.claims.body)}))
    if stale and account.instead_of is None:
        lines.append(f"newer claims than {len(stale)} of {servers} servers have ({parts})")
    elif account.instead_of is not None and not stale:
        lines.append("servers were using it when it was deleted, it is issued again")
    elif stale:
        last = moment(max(copy.issued for copy in stale))
        lines.append(
            f"{len(stale)} of {servers} servers have other claims, signed by somebody else at {last} ({parts}), "
            "it is issued again"
        )
    if account.revocations_kept:
        lines.append(f"keeps {account.revocations_kept} revocations that only the servers had")
    if held.unread > 0:
        lines.append(f"what {held.unread} of {servers} servers have of it can't be read")
    return lines


def _stale(account: Wanted, held: Held) -> list[AccountClaims]:
    return held.others(account.instead_of or account.claims)


def plan_removal(removed: Sequence[Removed], absent: Sequence[str]) -> Plan:
    """The plan for purged accounts that servers list. absent: servers that are not there."""
    changes = tuple(FileChange(f"{account.public_key}.jwt", None) for account in removed)
    reasons = [
        f"{account.name}: was purged, {server} still has it" for account in removed for server in account.servers
    ]
    if absent:
        reasons += [
            f"{account.name}: is closed only, until {', '.join(absent)} can delete it too" for account in removed
        ]
    before = {account.name: {"public_key": account.public_key} for account in removed}
    return Plan(changes, tuple(reasons), before, {})


def differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The names of claims in which two bodies differ; those of ``nats`` by their own names."""
    one = {**first, **first.get("nats", {})}
    two = {**second, **second.get("nats", {})}
    names = (one.keys() | two.keys()) - {"nats"}
    return sorted(name for name in names if one.get(name) != two.get(name))


def picture(claims: Optional[AccountClaims]) -> Optional[Mapping[str, Any]]:
    """The claims for a diff."""
    return None if claims is None else claims.body


def moment(seconds: int) -> str:
    """Seconds since 1970 as people write it, UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
