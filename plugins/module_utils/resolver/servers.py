# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the servers of a cluster hold, take and give up: the subjects of a full resolver, and what the answers mean.

Source: nats-server server/accounts.go, DirAccResolver.Start. LIST, UPDATE and DELETE answers name their server; LOOKUP
answers are the bare token, one from every server that has it and an empty one from those that don't.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..plan.errors import NatsError
from .claims import AccountClaims, decode
from .conversation import Conversation, by_server
from .plan import Held, Wanted
from .signer import Signer

_LIST = "$SYS.REQ.CLAIMS.LIST"
_UPDATE = "$SYS.REQ.CLAIMS.UPDATE"
_DELETE = "$SYS.REQ.CLAIMS.DELETE"
_LOOKUP = "$SYS.REQ.ACCOUNT.{}.CLAIMS.LOOKUP"
_INFO = "$SYS.REQ.ACCOUNT.{}.INFO"
_AGAIN = 0.25
# One request stays far below the megabyte that a server takes.
_AT_ONCE = 1000

Listed = Mapping[str, frozenset[str]]


class Incomplete(NatsError):
    """Not every expected server answered, confirmed or holds what was sent."""


@dataclass(frozen=True)
class Expected:
    """Which servers must answer: by name, or how many. coming: those that only the run after a check starts.

    allow_missing: go on without those that do not answer. caching: those that keep only what they are asked for; they
    hear everything that is sent, and nothing is expected of them.
    """

    names: tuple[str, ...] = ()
    count: int = 0
    coming: tuple[str, ...] = ()
    allow_missing: bool = False
    caching: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return len(self.names) or self.count

    def met_by(self, names: Sequence[str]) -> bool:
        return set(self.names) <= set(names) and len(names) >= self.number

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Who is not among ``names``; without names, how many in words."""
        answered = set(names)
        if self.names:
            return tuple(name for name in self.names if name not in answered)
        short = self.count - len(answered)
        return (f"{short} of {self.count} servers",) if short > 0 else ()

    def shortfall(self, names: Sequence[str]) -> str:
        """Who is missing among ``names``, in words."""
        answered = f"{len(names)} of {self.number} servers answered ({', '.join(sorted(names)) or 'none'})"
        missing = self.missing(names) if self.names else ()
        return f"{answered}, missing: {', '.join(missing)}" if missing else answered


async def list_accounts(talk: Conversation, expected: Expected, patience: float, linger: float = 0.0) -> Listed:
    """Which accounts each server lists. Asks again while servers are missing: routes may be a moment old.

    A question that was asked too early is never answered, so the first is not waited for with all the patience.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    silence = patience / 8
    listed: dict[str, frozenset[str]] = {}
    while True:
        answers = (await talk.ask([(_LIST, b"")], expected.number, linger, silence))[0]
        for name, answer in by_server(answers).items():
            listed[name] = frozenset(answer.get("data") or ())
        if expected.met_by(list(listed)):
            return listed
        if clock() >= end:
            if listed and expected.allow_missing:
                return listed
            hint = "every server must run the same full resolver and be routed to the others"
            if not listed:
                hint = "are the creds those of a user of the system account, and is the resolver a full one?"
            raise Incomplete(f"{expected.shortfall(list(listed))}: {hint}; nothing was pushed")
        silence *= 2
        await asyncio.sleep(_AGAIN)


async def look_up(
    talk: Conversation, accounts: Sequence[str], listed: Listed, known: Iterable[Wanted] = ()
) -> dict[str, Held]:
    """What the servers hold of each account, by public key. known: what needs no decoding where they hold just that."""
    claims = {account.claims.token.encode(): account.claims for account in known}
    answers = await talk.ask([(_LOOKUP.format(account), b"") for account in accounts], len(listed))
    held: dict[str, Held] = {}
    for account, copies in zip(accounts, answers):
        missing = tuple(sorted(name for name, keys in listed.items() if account not in keys))
        read = tuple(found for found in (claims.get(copy) or _decoded(copy) for copy in copies) if found)
        held[account] = Held(missing, read, len(listed) - len(missing) - len(read))
    return held


def _decoded(answer: bytes) -> Optional[AccountClaims]:
    try:
        return decode(answer.decode()) if answer else None
    except ValueError:
        return None


async def in_use(talk: Conversation, accounts: Sequence[str], servers: int) -> dict[str, list[Mapping[str, Any]]]:
    """What the servers say of accounts that they have loaded, by public key: ``jwt``, ``expired`` and more.

    What a server has in its folder is not always what it goes by: see ``is_shut`` and ``with_use``.
    """
    answers = await talk.ask([(_INFO.format(account), b"") for account in accounts], servers)
    return {
        account: [reply["data"] for reply in by_server(replies).values() if reply.get("data")]
        for account, replies in zip(accounts, answers)
    }


def is_shut(said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a server lost an account while it was using it: it keeps everybody out.

    And it takes no notice of the very token that it had before (accounts.go, removeCb, and server.go,
    updateAccountWithClaimJWT).
    """
    return any(each.get("expired") for each in said)


def with_use(held: Held, said: Sequence[Mapping[str, Any]], servers: int) -> Held:
    """What is held, by what the servers go by.

    Of an account that the configuration preloads, a reload puts a new token into the folder, and the server goes on
    with the one that it has loaded (reload.go and accounts.go, configureResolver).
    """
    copies = tuple(copy for copy in (_decoded(str(each.get("jwt") or "").encode()) for each in said) if copy)
    return Held(held.missing, copies, max(servers - len(held.missing) - len(copies), 0))


async def send(talk: Conversation, accounts: Sequence[Wanted], servers: Sequence[str]) -> dict[str, tuple[str, ...]]:
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
        raise Incomplete(sentence("not every server took every account", failures))
    return confirmed


async def delete(talk: Conversation, accounts: Sequence[str], signer: Signer, servers: Sequence[str]) -> None:
    """Have every server delete accounts; raises Incomplete where one may not. Whether they are gone LIST will tell.

    A server that lacks one of them says so as an error: that alone is fine.
    """
    for start in range(0, len(accounts), _AT_ONCE):
        some = accounts[start : start + _AT_ONCE]
        for pair in signer.require("purged accounts are still on servers, and deleting them"):
            answers = (await talk.ask([(_DELETE, signer.deletion(pair, some))], len(servers)))[0]
            said = {name: _description(reply) for name, reply in by_server(answers).items() if "error" in reply}
            if not any("not trusted" in why for why in said.values()):
                break
        _refuse_deletion(said)


def _refuse_deletion(said: Mapping[str, str]) -> None:
    failures = []
    for name, why in sorted(said.items()):
        if "must be enabled" in why:
            failures.append(
                f"{name}: its resolver does not allow it: set nats_server_resolver_allow_delete: true (allow_delete in "
                "its configuration) and deploy again"
            )
        elif "not trusted" in why:
            failures.append(f"{name}: does not trust the key that signed the request: its operator has none of these")
        elif "deleted" not in why:
            failures.append(f"{name}: {why}")
    if failures:
        raise Incomplete(sentence("purged accounts could not be deleted", failures))


def _description(reply: Mapping[str, Any]) -> str:
    error = reply["error"]
    return str(error.get("description") or error) if isinstance(error, dict) else str(error)


def sentence(what: str, lines: Sequence[str], most: int = 20) -> str:
    """What went wrong, with up to ``most`` lines below it."""
    shown = [f"\n  - {line}" for line in lines[:most]]
    rest = f"\n  - and {len(lines) - most} more" if len(lines) > most else ""
    return f"{what}:{''.join(shown)}{rest}"
