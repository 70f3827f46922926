# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One audit: look, judge, and put it together as a report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, Callable, Optional
from urllib.parse import SplitResult, urlsplit

from ..trust.tokens import OldToken, TokenProblem
from ..trust.tokens import read as read_token
from . import (
    advisories,
    judge_accounts,
    judge_controller,
    judge_hosts,
    judge_listeners,
    judge_peers,
    judge_people,
    judge_time,
    judge_trust,
)
from .controller import Kept
from .controls import CONTROLS
from .held import Account, Stored
from .knocking import Visitor, knock_at
from .model import Expiry, Finding, Report, Result, Verdict, Waiver
from .people import Person, system_accounts
from .seen import Door, Knocked, Seen, is_loopback

Judge = Callable[[Seen], Iterator[Finding]]


def _both(one: Judge, other: Judge) -> Judge:
    """Of a control whose evidence is of two kinds."""
    return lambda seen: chain(one(seen), other(seen))


JUDGES: Mapping[str, Judge] = {
    "tls-authority": judge_listeners.authority,
    "tls-version": judge_listeners.versions,
    "tls-suites": judge_listeners.suites,
    "tls-client-certificate": judge_listeners.client_certificates,
    "login-required": judge_listeners.login,
    "permissions-limited": judge_people.permissions,
    "trust-hierarchy": judge_trust.hierarchy,
    "data-encrypted": judge_hosts.data,
    "peers-mutual-tls": _both(judge_listeners.peers, judge_peers.peers),
    "monitoring-closed": judge_listeners.monitoring,
    "logs": judge_hosts.logs,
    "expiry": judge_time.ends,
    "secrets-stored": _both(judge_controller.secrets, judge_hosts.files),
    "drift": judge_time.drift,
    "resolver-contents": _both(judge_trust.resolver, judge_accounts.contents),
    "system-users": _both(judge_people.system_users, judge_accounts.system_account),
    "verify-with-authority": judge_hosts.verification,
    "proxy-protocol": judge_hosts.proxies,
    "bearer-limited": judge_people.bearers,
    "version": judge_hosts.versions,
    "unit-hardened": judge_hosts.units,
    "deny-rules": judge_people.deny_rules,
}
#: Controls that can't be looked at where a host tells nothing.
_OF_HOSTS = ("data-encrypted", "logs", "secrets-stored", "verify-with-authority", "proxy-protocol", "version")


def doors_of(host: str, address: str, facts: Mapping[str, Any]) -> list[Door]:
    """Every listener of a server, by what its process listens on; ``address`` is where the host is reached."""
    server = str((facts.get("server") or {}).get("server_name") or host)
    sockets = [(entry["address"], entry["port"]) for entry in (facts.get("process") or {}).get("sockets") or []]
    found = []
    for listener in (facts.get("config") or {}).get("listeners") or []:
        bound = _bound(str(listener["address"]), int(listener["port"]), sockets)
        tls = listener["tls"]
        first = bool((tls or {}).get("handshake_first")) and listener["kind"] in ("client", "leafnode")
        place = address if bound in ("0.0.0.0", "::", "") else bound
        elsewhere = is_loopback(bound) and not is_loopback(address)
        found.append(Door(host, server, listener["kind"], place, int(listener["port"]), first, bound, tls, elsewhere))
    return found


def _bound(address: str, port: int, sockets: Sequence[tuple[str, int]]) -> str:
    """Where the process listens on a port; two listeners may share one on two addresses."""
    places = [own for own, number in sockets if number == port]
    return address if address in places or not places else places[0]


def accounts_of(host: str, tokens: Iterable[Mapping[str, str]]) -> Iterator[Account]:
    """The accounts that a resolver holds, their signatures verified."""
    for entry in tokens:
        digest = hashlib.sha256(entry["token"].encode()).hexdigest()
        try:
            token = read_token(entry["token"])
        except TokenProblem as error:
            old = isinstance(error, OldToken)
            yield Account(host, entry["file"], digest=digest, problem=str(error), old=old)
            continue
        problem = "" if entry["file"] == f"{token.subject}.jwt" else f"it is that of {token.subject}"
        problem = f"it is a token of kind {token.kind}" if token.kind != "account" else problem
        yield Account(
            host, entry["file"], token.subject, token.name, token.issuer, token.expires, digest, token.nats, problem
        )


def audit(
    hosts: Mapping[str, Mapping[str, Any]],
    further: Sequence[Door],
    visitor: Visitor,
    now: datetime,
    last: Optional[datetime] = None,
    *,
    stored: Optional[Stored] = None,
    kept: Optional[Kept] = None,
) -> Seen:
    """Look at everything. hosts: by name, ``address`` and what node_audit returned; further: listeners known by URL.

    stored, kept: the users of a store and the secrets on the controller.
    """
    doors = [door for host, entry in hosts.items() for door in doors_of(host, entry["address"], entry["facts"])]
    known = {(door.address, door.port) for door in doors}
    doors += [door for door in further if (door.address, door.port) not in known]
    return Seen(
        now=now,
        hosts={host: entry["facts"] for host, entry in hosts.items()},
        knocked=knock_at(doors, visitor),
        accounts=tuple(
            account
            for host, entry in hosts.items()
            for account in accounts_of(host, entry["facts"].get("tokens") or [])
        ),
        last=last,
        has_certificate=visitor.access.pair is not None,
        has_authority=visitor.access.ca is not None,
        stored=stored,
        kept=kept or Kept(),
    )


def judged(seen: Seen, waivers: Sequence[Waiver] = ()) -> tuple[Result, ...]:
    """Every control with its findings; waivers that have ended cover nothing and are told."""
    silent = _silent(seen)
    found = []
    for control in CONTROLS:
        findings = list(JUDGES[control.id](seen))
        if control.id in _OF_HOSTS:
            findings = [finding for finding in findings if finding.host not in silent]
            findings += [Finding(host, Verdict.COULD_NOT_LOOK, why, host=host) for host, why in silent.items()]
        ended = [waiver for waiver in waivers if waiver.control == control.id and waiver.until < seen.now.date()]
        findings += [
            Finding(f"waiver of {waiver.subject or 'all'}", Verdict.WARN, f"ended on {waiver.until}: {waiver.reason}",
                    "nats_audit_waivers: without it, or with a later date")
            for waiver in ended
        ]  # fmt: skip
        found.append(Result(control, tuple(findings), _waived(control.id, findings, waivers, seen)))
    return tuple(found)


def _silent(seen: Seen) -> dict[str, str]:
    """Hosts that told nothing of their server, or not where its files are, and why."""
    found = {}
    for host, facts in seen.hosts.items():
        config = seen.config(host)
        if not facts.get("process"):
            found[host] = str(facts.get("msg") or "the host told nothing")
        elif config.get("read") is False:
            found[host] = str(config.get("why") or "its configuration can't be read")
    return found


def _waived(control: str, findings: Sequence[Finding], waivers: Sequence[Waiver], seen: Seen) -> dict[int, Waiver]:
    covering = [waiver for waiver in waivers if waiver.control == control and waiver.until >= seen.now.date()]
    return {
        number: waiver
        for number, finding in enumerate(findings)
        for waiver in covering
        if finding.verdict in (Verdict.FAIL, Verdict.WARN) and waiver.subject in finding.subject
    }


def report(seen: Seen, waivers: Sequence[Waiver], cluster: str, collection: str) -> Report:
    ending = [
        Expiry(
            f"waiver of {waiver.control}",
            "waiver",
            datetime.combine(waiver.until, datetime.min.time(), seen.now.tzinfo),
        )
        for waiver in waivers
    ]
    return Report(
        cluster=cluster,
        made=seen.now,
        collection=collection,
        advisories=advisories.AS_OF,
        results=judged(seen, waivers),
        topology=topology(seen),
        trust=trust(seen),
        expiries=tuple(sorted((*judge_time.expiries(seen), *ending), key=lambda each: (each.at, each.what))),
    )


def topology(seen: Seen) -> dict[str, Any]:
    """Servers, their listeners, and who has routes to whom."""
    servers: dict[str, dict[str, Any]] = {}
    for each in seen.knocked:
        host = each.door.host or each.door.server
        entry = servers.setdefault(
            host,
            {"name": each.door.server, "host": host, "version": _version(seen, host), "listeners": [], "routes": []},
        )
        entry["listeners"].append(_listener(each))
    names = {
        (each.door.address, each.door.port): each.door.server for each in seen.knocked if each.door.kind == "route"
    }
    for host, entry in servers.items():
        for route in seen.config(host).get("routes") or [] if host in seen.hosts else []:
            parts = urlsplit(route)
            name = names.get((parts.hostname or "", _port(parts)), parts.hostname or "")
            if name and name != entry["name"] and name not in entry["routes"]:
                entry["routes"].append(name)
    return {"servers": list(servers.values())}


def _port(parts: SplitResult) -> int:
    """6222 where none is named, 0 where it is no number."""
    try:
        return parts.port or 6222
    except ValueError:
        return 0


def _version(seen: Seen, host: str) -> str:
    return str((seen.hosts.get(host, {}).get("process") or {}).get("version") or "")


def _listener(each: Knocked) -> dict[str, Any]:
    tls = str(each.served.get("version") or "none") if each.reached else "unknown"
    asked = {"refused": True, "let in": False}.get(each.without[0])
    login = {"refused": "needed", "let in": "none"}.get(each.anonymous[0], "unknown")
    return {
        "kind": each.door.kind,
        "address": each.door.address,
        "port": each.door.port,
        "tls": tls,
        "client_certificate": asked,
        "login": login,
        "reached_from": "the controller" if each.reached else "",
    }


def trust(seen: Seen) -> dict[str, Any]:
    """The operator, its accounts, who is known in them, and what they share."""
    operator = next(iter(seen.operators.values()), None)
    system = system_accounts(seen.hosts)
    people: dict[str, list[Person]] = {}
    for person in seen.known.people:
        people.setdefault(person.account, []).append(person)
    accounts = [
        {
            "name": account.name,
            "key": account.key,
            "system": account.key in system,
            "signed_by": account.issuer,
            "users": judge_people.described(people.get(account.name, ())),
            "exports": [_shared(entry) for entry in account.nats.get("exports") or []],
            "imports": [
                {**_shared(entry), "account": entry.get("account", "")} for entry in account.nats.get("imports") or []
            ],
        }
        for account in {each.key: each for each in seen.accounts if each.key}.values()
    ]
    known = {account["name"] for account in accounts}
    for name, own in people.items():
        if name not in known:
            plain = {"name": name or "$G", "key": "", "system": any(person.system for person in own), "signed_by": ""}
            accounts.append({**plain, "users": judge_people.described(own), "exports": [], "imports": []})
    named = {name: operator[name] for name in ("name", "key", "signing_keys")} if operator else None
    return {"operator": named, "accounts": accounts}


def _shared(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"subject": str(entry.get("subject", "")), "kind": str(entry.get("type", ""))}


def timed(made: Report, seconds: float) -> Report:
    return replace(made, seconds=round(seconds, 1))
