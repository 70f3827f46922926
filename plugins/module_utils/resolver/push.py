# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Account JWTs to every server of a cluster: ask, compare, send, collect confirmations, look again.

Source: nats-server server/accounts.go, DirAccResolver.Start. LIST and UPDATE answers name their server; LOOKUP answers
are the bare token, one from every server that has it and an empty one from those that don't.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..client import libraries
from ..client.access import Access
from ..client.connect import connected, reason, run
from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.problems import Problems
from .claims import AccountClaims, decode
from .conversation import Conversation, by_server
from .plan import Held, Wanted, check_age, plan_push

_LIST = "$SYS.REQ.CLAIMS.LIST"
_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"
_LOOKUP = "$SYS.REQ.ACCOUNT.{}.CLAIMS.LOOKUP"
_AGAIN = 0.25
_LINGER = 0.25


class Incomplete(NatsError):
    """Not every expected server answered, confirmed or holds what was sent."""


@dataclass(frozen=True)
class Expected:
    """Which servers must answer: by name, or how many. coming: those that only the run after a check starts."""

    names: tuple[str, ...] = ()
    count: int = 0
    coming: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return len(self.names) or self.count

    def met_by(self, names: Sequence[str]) -> bool:
        return set(self.names) <= set(names) and len(names) >= self.number

    def shortfall(self, names: Sequence[str]) -> str:
        """Who is missing among ``names``, in words."""
        answered = f"{len(names)} of {self.number} servers answered ({', '.join(sorted(names)) or 'none'})"
        missing = [name for name in self.names if name not in names]
        return f"{answered}, missing: {', '.join(missing)}" if missing else answered


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    confirmed: by account name, the servers that confirmed it; in check mode empty.
    """

    plan: Plan
    accounts: tuple[str, ...]
    servers: tuple[str, ...]
    confirmed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def foresee(expected: Expected, wanted: Sequence[Wanted]) -> Pushed:
    """What a push will do once the servers run that are still to be started, when no other runs."""
    plan, to_send = plan_push(wanted, _with_coming({}, expected, wanted), len(expected.coming))
    return Pushed(plan, tuple(account.name for account in to_send), tuple(sorted(expected.coming)))


def _with_coming(held: Mapping[str, Held], expected: Expected, wanted: Sequence[Wanted]) -> dict[str, Held]:
    """A server that is new holds nothing but what its configuration gives it: the system account."""
    found = dict(held)
    for account in wanted:
        known = held.get(account.public_key, Held())
        coming = () if account.system else expected.coming
        found[account.public_key] = Held(tuple(sorted({*known.missing, *coming})), known.copies)
    return found


async def push(access: Access, expected: Expected, wanted: Sequence[Wanted], check_mode: bool) -> Pushed:
    """Bring every server to hold every wanted account; raises Unreachable, Incomplete, Refused or InputError."""
    async with connected(access) as client:
        talk = Conversation(client, access.timeout)
        await talk.start()
        listed = await _list(talk, expected, access.timeout, _LINGER)
        servers = tuple(sorted(listed))
        held = await _look_up(talk, wanted, listed)
        problems = Problems()
        check_age(wanted, held, problems)
        problems.raise_if_any()
        if check_mode:
            held = _with_coming(held, expected, wanted)
        plan, to_send = plan_push(wanted, held, len(servers))
        names = tuple(account.name for account in to_send)
        if check_mode or not to_send:
            return Pushed(plan, names, servers)
        confirmed = await _send(talk, to_send, servers)
        await _prove(talk, to_send, servers, access.timeout)
        return Pushed(plan, names, servers, confirmed)


async def _list(
    talk: Conversation, expected: Expected, patience: float, linger: float = 0.0
) -> dict[str, frozenset[str]]:
    """Which accounts each server lists. Asks again while servers are missing: routes may be a moment old."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    listed: dict[str, frozenset[str]] = {}
    while True:
        answers = (await talk.ask([(_LIST, b"")], expected.number, linger))[0]
        for name, answer in by_server(answers).items():
            listed[name] = frozenset(answer.get("data") or ())
        if expected.met_by(list(listed)):
            return listed
        if clock() >= end:
            hint = "every server must run the same full resolver and be routed to the others"
            if not listed:
                hint = "are the creds those of a user of the system account, and is the resolver a full one?"
            raise Incomplete(f"{expected.shortfall(list(listed))}: {hint}; nothing was pushed")
        await asyncio.sleep(_AGAIN)


async def _look_up(
    talk: Conversation, wanted: Sequence[Wanted], listed: Mapping[str, frozenset[str]]
) -> dict[str, Held]:
    """What the servers hold of each wanted account."""
    requests = [(_LOOKUP.format(account.public_key), b"") for account in wanted]
    answers = await talk.ask(requests, len(listed))
    held: dict[str, Held] = {}
    for account, copies in zip(wanted, answers):
        missing = tuple(sorted(name for name, keys in listed.items() if account.public_key not in keys))
        held[account.public_key] = Held(missing, tuple(copy for copy in map(_decoded, copies) if copy))
    return held


def _decoded(answer: bytes) -> Optional[AccountClaims]:
    try:
        return decode(answer.decode()) if answer else None
    except ValueError:
        return None


async def _send(talk: Conversation, accounts: Sequence[Wanted], servers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Send all, and collect one confirmation a server and account; raises Incomplete naming what is missing."""
    answers = await talk.ask([(_UPDATE, account.claims.token.encode()) for account in accounts], len(servers))
    confirmed: dict[str, tuple[str, ...]] = {}
    failures: list[str] = []
    for account, replies in zip(accounts, answers):
        said = by_server(replies)
        confirmed[account.name] = tuple(sorted(name for name, reply in said.items() if "error" not in reply))
        for name in servers:
            if name not in said:
                failures.append(f"{account.name}: {name} did not confirm")
            elif "error" in said[name]:
                failures.append(f"{account.name}: {name} refused it: {_description(said[name])}")
    if failures:
        raise Incomplete(_sentence("not every server took every account", failures))
    return confirmed


def _description(reply: Mapping[str, Any]) -> str:
    error = reply["error"]
    return str(error.get("description") or error) if isinstance(error, dict) else str(error)


async def _prove(talk: Conversation, accounts: Sequence[Wanted], servers: tuple[str, ...], patience: float) -> None:
    """Look up again what was sent: every server must hold it."""
    held = await _look_up(talk, accounts, await _list(talk, Expected(servers), patience))
    failures: list[str] = []
    for account in accounts:
        found = held[account.public_key]
        same = sum(copy.token == account.claims.token for copy in found.copies)
        failures.extend(f"{account.name}: {name} confirmed it and does not list it" for name in found.missing)
        if not found.missing and same < len(servers):
            failures.append(f"{account.name}: {same} of {len(servers)} servers hold what was sent")
    if failures:
        raise Incomplete(_sentence("pushed, but the servers do not hold it", failures))


def _sentence(what: str, lines: Sequence[str], most: int = 20) -> str:
    shown = [f"\n  - {line}" for line in lines[:most]]
    rest = f"\n  - and {len(lines) - most} more" if len(lines) > most else ""
    return f"{what}:{''.join(shown)}{rest}"


def run_push(access: Access, expected: Expected, wanted: Sequence[Wanted], check_mode: bool) -> Pushed:
    """``push`` for callers that are not asynchronous."""
    try:
        return run(push(access, expected, wanted, check_mode))
    except (OSError, asyncio.TimeoutError, libraries.nats_error()) as error:
        raise Incomplete(f"the connection failed: {reason(error, access)}; run it again") from error
