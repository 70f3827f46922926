# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the servers of a cluster say of JetStream over the system account: who leads, who belongs, who holds what.

Each server tells of what it holds (``$SYS.REQ.SERVER.PING.JSZ``, nats-server server/events.go, monitor.go). Only
the leader of a Raft group knows how far its replicas are, so of each stream its leader is believed; where it has none,
whoever holds it. A stream whose holders are all away is told by nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..plan.errors import NatsError
from ..resolver.conversation import Conversation, by_server

_JSZ = "$SYS.REQ.SERVER.PING.JSZ"
_PAGE = 256
_AGAIN = 0.25
# How long servers that nobody has counted are listened for.
_LINGER = 0.3
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def peer_id(name: str) -> str:
    """The id of a server in Raft groups, which its name alone decides (nats-server server/util.go, getHash)."""
    return "".join(_DIGITS[byte % 62] for byte in hashlib.sha256(name.encode()).digest()[:8])


class NoLeader(NatsError):
    """JetStream's meta group has no leader, so nothing of it can be changed."""


@dataclass(frozen=True)
class Replica:
    """A member of a Raft group as its leader sees it. lag: entries behind.

    name: a server that nobody has seen since the others started has its id there.
    """

    name: str
    current: bool = True
    offline: bool = False
    lag: int = 0

    @property
    def trouble(self) -> str:
        """What it lacks, in words; empty when nothing."""
        if self.offline:
            return "is offline"
        if self.lag:
            return f"is {self.lag} behind"
        return "" if self.current else "is not current"


@dataclass(frozen=True)
class Asset:
    """A stream, or one of its consumers, and where it lies.

    account: its id, which the API goes by; account_name: what people call it. consumer: empty for the stream itself.
    replicas: how many it is to have; members: those it has, its leader among them. tags: what a server must have.
    passing: kept in memory, or a consumer that is not durable.
    """

    account: str
    account_name: str
    stream: str
    consumer: str = ""
    replicas: int = 1
    leader: str = ""
    members: tuple[Replica, ...] = ()
    tags: tuple[str, ...] = ()
    passing: bool = False

    @property
    def label(self) -> str:
        """As it is told to people."""
        stream = f"stream {self.stream} of {self.account_name}"
        return f"consumer {self.consumer} of {stream}" if self.consumer else stream

    @property
    def names(self) -> tuple[str, ...]:
        """Servers that hold it."""
        return tuple(member.name for member in self.members)


@dataclass(frozen=True)
class Meta:
    """JetStream's meta group: every server with JetStream, running or not. members: the leader among them."""

    leader: str
    members: tuple[Replica, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(member.name for member in self.members))

    @property
    def running(self) -> tuple[str, ...]:
        return tuple(sorted(member.name for member in self.members if not member.offline))

    def others(self, name: str) -> tuple[Replica, ...]:
        return tuple(member for member in self.members if member.name != name)


@dataclass(frozen=True)
class Seen:
    """Everything that the servers said. tags: of each server that answered."""

    meta: Meta
    assets: tuple[Asset, ...] = ()
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def answered(self) -> tuple[str, ...]:
        return tuple(sorted(self.tags))


async def ask_meta(talk: Conversation, patience: float) -> Meta:
    """The meta group as its leader sees it; asks again while there is none, up to ``patience`` seconds."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while True:
        answers = (await talk.ask([(_JSZ, b"{}")], 1, _LINGER))[0]
        found = meta_of(by_server(answers))
        if found:
            return found
        if clock() >= end:
            raise NoLeader(_no_leader(by_server(answers)))
        await asyncio.sleep(_AGAIN)


def _no_leader(answers: Mapping[str, Mapping[str, Any]]) -> str:
    names = ", ".join(sorted(answers)) or "no server"
    return (
        f"JetStream's meta group has no leader ({names} answered): more than half of its servers must run; start those "
        "that are away, then run this again"
    )


def meta_of(answers: Mapping[str, Mapping[str, Any]]) -> Optional[Meta]:
    """The meta group by the answer of the server that leads it; None when none does."""
    for name, answer in sorted(answers.items()):
        meta = (answer.get("data") or {}).get("meta_cluster") or {}
        if meta.get("leader") == name:
            return Meta(name, (Replica(name), *_replicas(meta.get("replicas"))))
    return None


async def ask_all(talk: Conversation, patience: float, without: str = "") -> Seen:
    """What every running server holds; asks again while one of them does not answer, up to ``patience`` seconds.

    without: a server that may be away though the others have not noticed yet; it counts as offline then.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while True:
        meta = await ask_meta(talk, max(end - clock(), 0.0))
        pages = await _pages(talk, len(meta.running))
        silent = sorted(set(meta.running) - set(pages))
        if set(silent) <= {without}:
            seen = Seen(meta, assets_of(pages), {name: tags for name, (tags, _dummy) in pages.items()})
            return replace(seen, meta=_away(meta, silent))
        if clock() >= end:
            raise NatsError(
                f"no answer from {', '.join(silent)}, which JetStream's meta leader {meta.leader} counts as running: "
                "what they hold must be known first; look at their routes, then run this again"
            )
        await asyncio.sleep(_AGAIN)


def _away(meta: Meta, names: Sequence[str]) -> Meta:
    return replace(
        meta, members=tuple(replace(each, offline=each.offline or each.name in names) for each in meta.members)
    )


_Page = tuple[frozenset[str], tuple[Mapping[str, Any], ...]]


async def _pages(talk: Conversation, count: int) -> dict[str, _Page]:
    """By server: its tags, and the details of every account that it holds something of."""
    found: dict[str, _Page] = {}
    offset, total = 0, 1
    while offset < total:
        wish = {"accounts": True, "streams": True, "consumer": True, "config": True, "offset": offset, "limit": _PAGE}
        answers = by_server((await talk.ask([(_JSZ, json.dumps(wish).encode())], count, _LINGER))[0])
        for name, answer in answers.items():
            data = answer.get("data") or {}
            details = tuple(data.get("account_details") or ())
            tags = frozenset(answer["server"].get("tags") or ())
            found[name] = (tags, (*found.get(name, (tags, ()))[1], *details))
            total = max(total, int(data.get("total") or 0))
        offset += _PAGE
    return found


def assets_of(pages: Mapping[str, _Page]) -> tuple[Asset, ...]:
    """Every stream and consumer once: as its leader tells of it, else as the first that holds it.

    Of a stream with one replica that is being moved, two may say that they lead: it lies with both.
    """
    found: dict[tuple[str, str, str], tuple[bool, Asset]] = {}
    for server, (_dummy, accounts) in sorted(pages.items()):
        for asset in _assets(accounts, server):
            key = (asset.account, asset.stream, asset.consumer)
            leads = asset.leader == server
            if key in found and found[key][0] and leads:
                found[key] = (True, _both(found[key][1], asset))
            elif key not in found or leads:
                found[key] = (leads, asset)
    return tuple(found[key][1] for key in sorted(found))


def _both(one: Asset, other: Asset) -> Asset:
    return replace(one, members=(*one.members, *(each for each in other.members if each.name not in one.names)))


def _assets(accounts: Sequence[Mapping[str, Any]], server: str) -> Iterable[Asset]:
    for account in accounts:
        identity = str(account.get("id") or account.get("name") or "")
        name = str(account.get("name") or identity)
        for stream in account.get("stream_detail") or ():
            config = stream.get("config") or {}
            placement = config.get("placement") or {}
            replicas = int(config.get("num_replicas") or 1)
            in_memory = config.get("storage") == "memory"
            made = Asset(identity, name, str(stream.get("name") or ""), "", replicas, passing=in_memory)
            yield _placed(made, stream.get("cluster"), server, tuple(placement.get("tags") or ()))
            for consumer in stream.get("consumer_detail") or ():
                own = consumer.get("config") or {}
                wanted = int(own.get("num_replicas") or 0) or replicas
                passing = in_memory or bool(own.get("mem_storage")) or not own.get("durable_name")
                names = (str(stream.get("name") or ""), str(consumer.get("name") or ""))
                made = Asset(identity, name, *names, wanted, passing=passing)
                yield _placed(made, consumer.get("cluster"), server)


def _placed(asset: Asset, cluster: Optional[Mapping[str, Any]], server: str, tags: tuple[str, ...] = ()) -> Asset:
    leader = str((cluster or {}).get("leader") or "")
    others = _replicas((cluster or {}).get("replicas"))
    # Without a leader, whoever tells of it holds it; the list of the others has everybody else.
    first = leader or server
    members = (Replica(first), *(each for each in others if each.name != first))
    return replace(asset, leader=leader, members=members, tags=tags)


def _replicas(values: Optional[Sequence[Mapping[str, Any]]]) -> tuple[Replica, ...]:
    return tuple(
        Replica(
            name=_name(value),
            current=bool(value.get("current")),
            offline=bool(value.get("offline")),
            lag=int(value.get("lag") or 0),
        )
        for value in values or ()
    )


def _name(value: Mapping[str, Any]) -> str:
    name, peer = str(value.get("name") or ""), str(value.get("peer") or "")
    return peer if not name or name.startswith("Server name unknown") else name


def named(seen: Seen, name: str) -> Seen:
    """What was seen, with ``name`` where only its id was known."""
    own = peer_id(name)

    def known(members: tuple[Replica, ...]) -> tuple[Replica, ...]:
        return tuple(replace(each, name=name) if each.name == own else each for each in members)

    assets = tuple(replace(asset, members=known(asset.members)) for asset in seen.assets)
    return replace(seen, meta=replace(seen.meta, members=known(seen.meta.members)), assets=assets)
