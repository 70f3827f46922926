# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: users of configurations, users who are connected, and users whose tokens lie in a store.

A token counts for what the servers make of it: its account is the one that the resolvers hold, and one that is signed
by a scoped key says nothing itself (nats-server server/auth.go, processClientOrLeafAuthentication).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional, Union

from ..node.audit.users import claims_of, limits_of, permissions_of
from ..trust.revocations import refuses
from ..trust.tokens import Token
from .held import Account, Stored, UserToken

Hosts = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Person:
    """A user, from a configuration or from a JWT. permissions None: everything. host: where it is known from."""

    name: str
    account: str
    host: str
    permissions: Optional[Mapping[str, Any]]
    system: bool = False
    claims: Optional[Mapping[str, Any]] = None

    @property
    def subject(self) -> str:
        return subject_of(self.name, self.account)


@dataclass(frozen=True)
class Idle:
    """A user of the store who gets in nowhere. expires: Unix seconds, where that is why; strange: nobody meant it."""

    subject: str
    why: str
    expires: int = 0
    strange: bool = False


@dataclass(frozen=True)
class Known:
    """unread: what could not be looked at, by its subject; who is meant by it may do anything."""

    people: tuple[Person, ...]
    idle: tuple[Idle, ...]
    unread: Mapping[str, str]


def subject_of(name: str, account: str) -> str:
    return f"user {name or '(without name)'}{f' of {account}' if account else ''}"


def keys_of(operators: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Whose signature under an account counts: identity and signing keys of the operators that servers trust."""
    return {str(key) for operator in operators.values() for key in (operator["key"], *operator["signing_keys"])}


def system_accounts(hosts: Hosts) -> set[str]:
    """The keys that servers name as their system account; empty for one that names none."""
    return {str((facts.get("server") or {}).get("system_account") or "") for facts in hosts.values()}


class Ledger:
    """The accounts as the resolvers hold them; one that no server takes counts for nothing."""

    def __init__(self, hosts: Hosts, accounts: Sequence[Account], trusted: Mapping[str, Mapping[str, Any]]) -> None:
        keys = keys_of(trusted)
        # Which of several operators is strict is asked of the first alone (nats-server server/server.go).
        self._strict = bool(next(iter(trusted.values()), {}).get("strict"))
        self._versions: dict[str, list[Account]] = {}
        for account in accounts:
            if account.key and not account.problem and account.issuer in keys:
                self._versions.setdefault(account.key, []).append(account)
        self._names = {account.key: account.name for account in accounts if account.key}
        self._scopes = {
            str(key["key"]): key.get("template") or {}
            for account in accounts
            for key in account.nats.get("signing_keys") or []
            if isinstance(key, Mapping)
        }
        self.system = system_accounts(hosts)
        #: Only these hold every account, and they have to be read.
        told = [(facts.get("config") or {}).get("resolver") or {} for facts in hosts.values()]
        read = bool(accounts) and not any(account.old for account in accounts)
        self.complete = read and all(resolver.get("type") in ("full", "memory") for resolver in told)

    def name(self, key: str) -> str:
        return self._names.get(key, key)

    def versions(self, key: str) -> Sequence[Account]:
        return self._versions.get(key, ())

    def signers(self, account: Account) -> set[str]:
        """Whose signature lets a user in. Where the operator insists on signing keys the account's own is none."""
        listed = account.nats.get("signing_keys") or []
        found = {str(key["key"]) if isinstance(key, Mapping) else str(key) for key in listed}
        return found if self._strict else {account.key, *found}

    def person(self, claims: Mapping[str, Any], host: str) -> Person:
        """A user by its claims, which it has from a scope or the account's defaults where its token leaves them out."""
        said = dict(claims)
        if said["issuer"] in self._scopes:
            said.update(limits_of(self._scopes[said["issuer"]]))
        account = said["issuer_account"]
        permissions = said["permissions"]
        for version in self.versions(account)[:1]:
            permissions = permissions or permissions_of(version.nats.get("default_permissions") or {})
        return Person(said["name"], self.name(account), host, permissions, account in self.system, said)


def known(
    hosts: Hosts,
    accounts: Sequence[Account],
    operators: Mapping[str, Mapping[str, Any]],
    stored: Optional[Stored],
    now: datetime,
) -> Known:
    """Everybody, once. operators: those that the servers trust, by their keys."""
    ledger = Ledger(hosts, accounts, operators)
    found: dict[tuple[str, ...], Person] = {}
    for host, facts in hosts.items():
        for person in [*_of_config(facts.get("config") or {}, host), *_connected(facts, host, ledger)]:
            _add(found, person)
    idle: list[Idle] = []
    unread = dict(stored.problems) if stored else {}
    if stored and stored.operators and not set(stored.operators) & set(operators):
        names = ", ".join(sorted(stored.operators.values()))
        unread[f"store {stored.path}"] = (
            f"it is of operator {names}, whom no server trusts: users of the servers' own tree are not known"
            if operators
            else f"no server told which operator it trusts, so it is not known whether {names} is the one"
        )
    for each in stored.tokens if stored else ():
        if each.operator in operators:
            said = _of_store(each, ledger, now)
            if isinstance(said, Person):
                _add(found, said)
            elif isinstance(said, Idle):
                idle.append(said)
            else:
                unread[_called(each, each.account)] = said
    return Known(tuple(found.values()), tuple(dict.fromkeys(idle)), unread)


def _add(found: dict[tuple[str, ...], Person], person: Person) -> None:
    """Of tokens that allow the same the one that ends first: whoever has it is the first to be locked out."""
    before = found.setdefault(_identity(person), person)
    ends, ended = ((each.claims or {}).get("expires") or float("inf") for each in (person, before))
    if ends < ended:
        found[_identity(person)] = person


def _identity(person: Person) -> tuple[str, ...]:
    """Who it is and what it may: names of JWTs may be given twice, one server's configuration may allow what another's
    does not, and of two tokens of a user an older one may allow more."""
    claims = person.claims or {}
    if not claims.get("key"):
        return (person.account, person.name, repr(person.permissions))
    limits = [claims.get(name) for name in ("bearer", "source_networks", "connection_types")]
    return (str(claims["key"]), repr(person.permissions), repr(limits))


def _of_config(config: Mapping[str, Any], host: str) -> Iterator[Person]:
    login = config.get("login") or {}
    for user in login.get("users") or []:
        yield Person(user["name"], "", host, user["permissions"] or login.get("default_permissions"))
    for account in config.get("accounts") or []:
        system = account["name"] == (config.get("system_account") or "$SYS")
        for user in account["users"]:
            yield Person(
                user["name"], account["name"], host, user["permissions"] or account["default_permissions"], system
            )


def _connected(facts: Mapping[str, Any], host: str, ledger: Ledger) -> Iterator[Person]:
    for user in facts.get("connected") or []:
        if user.get("key", "").startswith("U") and "issuer" in user:
            yield ledger.person(user, host)


def _of_store(each: UserToken, ledger: Ledger, now: datetime) -> Union[Person, Idle, str]:
    """A user whom the servers let in, one whom they don't, or why that can't be told."""
    claims = claims_of(each.token.text) if each.token else None
    if each.token is None or claims is None:
        return each.problem
    versions = ledger.versions(claims["issuer_account"])
    if not versions and not ledger.complete:
        return "no resolver told of its account, so what it may there is not known"
    signed = [version for version in versions if claims["issuer"] in ledger.signers(version)]
    subject = _called(each, ledger.name(claims["issuer_account"]))
    if not versions:
        return Idle(subject, "no resolver holds its account", strange=True)
    if not signed:
        words = f"is signed by {claims['issuer']}, which may sign nobody of its account as the resolvers hold it"
        return Idle(subject, words, strange=True)
    return _ended(each.token, signed, subject, now) or ledger.person(claims, "")


def _ended(token: Token, versions: Sequence[Account], subject: str, now: datetime) -> Optional[Idle]:
    """Why nobody gets in with it any more. One server that has not heard of a revocation is enough to get in."""
    if all(refuses(version.nats, token) for version in versions):
        return Idle(subject, "revoked")
    return Idle(subject, "ended", token.expires) if 0 < token.expires <= now.timestamp() else None


def _called(each: UserToken, account: str) -> str:
    return f"{'creds of ' if each.of_creds else ''}{subject_of(each.user, account)}"
