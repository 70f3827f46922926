# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the cluster whole, as one of its servers sees it? What is missing is told in words.

``/healthz`` of the others does not show a missing peer, so routes are counted by peer. Only the leader of a Raft group
knows how far its replicas are, so every server is asked and each tells of the groups that it leads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from .monitor import Health, Monitor, Unreachable, Varz


@dataclass(frozen=True)
class Peer:
    """A server at the other end of one or several routes."""

    name: str
    id: str


@dataclass(frozen=True)
class Replica:
    """A member of a Raft group as its leader sees it. lag: entries behind."""

    name: str
    current: bool
    offline: bool
    lag: int


@dataclass(frozen=True)
class Group:
    """The Raft group of one stream. replicas: all but the leader."""

    account: str
    stream: str
    leader: str
    replicas: tuple[Replica, ...]


@dataclass(frozen=True)
class JetStream:
    """JetStream as one server sees it; meta_replicas are known to the meta leader only. held: accounts and streams."""

    enabled: bool
    meta_leader: str = ""
    cluster_size: int = 0
    meta_replicas: tuple[Replica, ...] = ()
    groups: tuple[Group, ...] = ()
    held: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class View:
    """One server's view of its cluster."""

    server: Varz
    peers: tuple[Peer, ...]
    jetstream: JetStream
    health: Health


def peers_of(routez: Mapping[str, Any]) -> tuple[Peer, ...]:
    """Distinct peers of /routez: there are several connections to each."""
    found = {
        route["remote_id"]: Peer(route.get("remote_name") or "", route["remote_id"])
        for route in routez.get("routes") or []
        if route.get("remote_id")
    }
    return tuple(sorted(found.values(), key=lambda peer: (peer.name, peer.id)))


def jetstream_of(jsz: Mapping[str, Any]) -> JetStream:
    """The answer of /jsz with accounts and streams."""
    if jsz.get("disabled"):
        return JetStream(False)
    meta = jsz.get("meta_cluster") or {}
    streams = [
        (account, stream)
        for account in jsz.get("account_details") or []
        for stream in account.get("stream_detail") or []
    ]
    groups = [
        Group(
            account=account.get("name") or account.get("id") or "",
            stream=stream.get("name", ""),
            leader=stream["cluster"].get("leader") or "",
            replicas=_replicas(stream["cluster"].get("replicas")),
        )
        for account, stream in streams
        if stream.get("cluster")
    ]
    return JetStream(
        enabled=True,
        meta_leader=meta.get("leader") or "",
        cluster_size=int(meta.get("cluster_size") or 0),
        meta_replicas=_replicas(meta.get("replicas")),
        groups=tuple(groups),
        # The id of an account in operator mode is its public key; its name may be that of another one without operator.
        held=tuple(
            (account.get("id") or account.get("name") or "", stream.get("name", "")) for account, stream in streams
        ),
    )


def _replicas(values: Optional[Sequence[Mapping[str, Any]]]) -> tuple[Replica, ...]:
    return tuple(
        Replica(
            name=value.get("name") or value.get("peer") or "",
            current=bool(value.get("current")),
            offline=bool(value.get("offline")),
            lag=int(value.get("lag") or 0),
        )
        for value in values or []
    )


def look(monitor: Monitor, jetstream: bool = True) -> View:
    """Ask one server everything; its health without JetStream's clustered assets when ``jetstream`` is no matter."""
    health = monitor.health("" if jetstream else "js-enabled-only=true")
    return View(monitor.varz(), peers_of(monitor.routez()), jetstream_of(monitor.jsz()), health)


def missing(
    view: View, expected: Union[Sequence[str], int, None], jetstream: bool, members: Optional[int] = None
) -> list[str]:
    """What keeps the cluster from being whole in this view; empty when nothing does.

    expected: names of all servers of the cluster (this one may be among them), or how many there are with this one;
    None does not count them. members: how many of them have JetStream, if not all.
    """
    me = view.server.name
    found = list(_missing_peers(view, expected))
    if jetstream:
        size = len(set(expected) | {me}) if isinstance(expected, (list, tuple)) else expected
        found += _missing_jetstream(view, members or (int(size) if isinstance(size, int) else None))
    if not view.health.ok:
        found.append(f"{me}: /healthz says {view.health.status} {view.health.error}".rstrip())
    return found


def _missing_peers(view: View, expected: Union[Sequence[str], int, None]) -> Iterator[str]:
    me = view.server.name
    if isinstance(expected, int):
        if len(view.peers) < expected - 1:
            names = ", ".join(peer.name for peer in view.peers) or "none"
            yield f"{me} has routes to {len(view.peers)} of {expected - 1} peers ({names})"
        return
    seen = {peer.name for peer in view.peers}
    for name in expected or ():
        if name not in (me, *seen):
            yield f"{me} has no route to {name}"


def _missing_jetstream(view: View, size: Optional[int]) -> Iterator[str]:
    me, js = view.server.name, view.jetstream
    if not js.enabled:
        yield f"{me}: JetStream is not enabled"
        return
    if js.cluster_size or (size or 1) > 1:
        if not js.meta_leader:
            yield f"{me} knows no meta leader"
        if size and js.cluster_size < size:
            yield f"{me} counts {js.cluster_size} of {size} servers in the meta group"
    # A follower's own list says "not current" of the other followers for ever (2.15.1).
    for replica in js.meta_replicas if js.meta_leader == me else ():
        trouble = _trouble(replica)
        if trouble:
            yield f"meta group: {replica.name} {trouble}"
    for group in js.groups:
        label = f"stream {group.stream} of {group.account}"
        if not group.leader:
            yield f"{label}: has no leader"
        if group.leader == me:
            yield from (
                f"{label}: replica {replica.name} {trouble}"
                for replica, trouble in ((replica, _trouble(replica)) for replica in group.replicas)
                if trouble
            )


def _trouble(replica: Replica) -> str:
    if replica.offline:
        return "is offline"
    if replica.lag:
        return f"is {replica.lag} behind"
    return "" if replica.current else "is not current"


def is_whole(monitor: Optional[Monitor], expected: Sequence[str], members: Optional[int] = None) -> bool:
    """Whether nothing is missing at one look; a server that nobody can ask says nothing. With no members JetStream is
    not asked."""
    jetstream = members != 0
    try:
        return monitor is not None and not missing(look(monitor, jetstream), expected or None, jetstream, members)
    except Unreachable:
        return False


@dataclass(frozen=True)
class Waited:
    """whole: nothing is missing. missing: what was, at the last look. seconds: how long it took."""

    whole: bool
    missing: tuple[str, ...]
    seconds: float
    view: Optional[View]


def wait(
    monitor: Monitor,
    expected: Union[Sequence[str], int, None],
    *,
    jetstream: bool,
    members: Optional[int] = None,
    timeout: float,
    interval: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Waited:
    """Look until nothing is missing, at most ``timeout`` seconds; at least one look is taken."""
    start = clock()
    while True:
        view: Optional[View] = None
        try:
            view = look(monitor, jetstream)
            lacking = missing(view, expected, jetstream, members)
        except Unreachable as error:
            lacking = [str(error)]
        seconds = clock() - start
        if not lacking or seconds >= timeout:
            return Waited(not lacking, tuple(lacking), seconds, view)
        sleep(max(min(interval, timeout - seconds), 0.01))
