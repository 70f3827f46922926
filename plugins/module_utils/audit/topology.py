# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report's topology as it is told: the listeners that are alike on many servers are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .printable import one_line, shortened
from .seen import is_loopback
from .telling import counted

KINDS = ("client", "websocket", "mqtt", "leafnode", "gateway", "route", "monitoring", "profiling")
YES, NO, UNKNOWN = "yes", "no", "unknown"
_YES, _NO = ("true", "yes", "needed", "required"), ("false", "no", "none")


@dataclass(frozen=True)
class Server:
    name: str
    host: str
    version: str
    routes: tuple[str, ...]


@dataclass(frozen=True)
class Listener:
    """tls: its version, or why not; encrypted, certificate, login: YES, NO or UNKNOWN; origins: who reached it."""

    kind: str
    port: str
    tls: str
    encrypted: str
    certificate: str
    login: str
    origins: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Listeners that are alike. at: the places of their servers in the topology."""

    listener: Listener
    at: tuple[int, ...]
    addresses: tuple[str, ...]

    @property
    def local(self) -> bool:
        """Whether nobody but its own host reaches it."""
        return bool(self.addresses) and all(is_loopback(address.strip("[]")) for address in self.addresses)

    @property
    def weakness(self) -> int:
        """How much of what protects it is missing."""
        protection = (self.listener.encrypted, self.listener.certificate, self.listener.login)
        return sum({NO: 2, UNKNOWN: 1}.get(each, 0) for each in protection)


def servers(topology: Mapping[str, Any]) -> list[Server]:
    return [
        Server(
            one_line(each.get("name") or each.get("host") or f"server {number}"),
            one_line(each.get("host") or ""),
            one_line(each.get("version") or ""),
            tuple(map(one_line, each.get("routes") or ())),
        )
        for number, each in enumerate(topology.get("servers") or (), 1)
    ]


def groups(topology: Mapping[str, Any]) -> list[Group]:
    """The listeners, those that are alike as one, by what they are for."""
    found: dict[Listener, tuple[list[int], list[str]]] = {}
    for number, server in enumerate(topology.get("servers") or ()):
        for each in server.get("listeners") or ():
            at, addresses = found.setdefault(_listener(each), ([], []))
            at.append(number)
            addresses.append(one_line(each.get("address") or ""))
    grouped = [
        Group(listener, tuple(dict.fromkeys(at)), tuple(dict.fromkeys(filter(None, addresses))))
        for listener, (at, addresses) in found.items()
    ]
    return sorted(grouped, key=lambda group: (_order(group.listener.kind), group.listener.port.zfill(6), group.at))


def routes(found: Sequence[Server]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The pairs of servers of which one names the other, and those of which neither does."""
    named = [set(each.routes) for each in found]
    there: list[tuple[int, int]] = []
    none: list[tuple[int, int]] = []
    for first in range(len(found)):
        for second in range(first + 1, len(found)):
            known = found[second].name in named[first] or found[first].name in named[second]
            (there if known else none).append((first, second))
    return there, none


def of_routes(found: Sequence[Server]) -> str:
    """Who is connected with whom, in a sentence."""
    if len(found) < 2:
        return ""
    there, none = routes(found)
    if not none:
        return f"Every server has a route to every other ({counted(len(there), 'route')})."
    told = "; ".join(f"{shortened(found[a].name, 60)} and {shortened(found[b].name, 60)}" for a, b in none[:4])
    more = f"; and {counted(len(none) - 4, 'more pair')}" if len(none) > 4 else ""
    pairs = counted(len(none), "pair")
    return f"{pairs} of {len(there) + len(none):,} name no route to each other: {told}{more}."


def _listener(each: Mapping[str, Any]) -> Listener:
    tls = one_line(each.get("tls") or UNKNOWN).replace("TLSv", "TLS ")
    origins = each.get("reached_from") or ()
    return Listener(
        kind=one_line(each.get("kind") or "listener"),
        port=one_line(each.get("port") or ""),
        tls=tls,
        encrypted={"none": NO, "unknown": UNKNOWN}.get(tls, YES),
        certificate=_asked(each.get("client_certificate")),
        login=_asked(each.get("login")),
        origins=tuple(map(one_line, [origins] if isinstance(origins, str) else origins)),
    )


def _asked(value: object) -> str:
    """Whether it is asked for. Any other word says how."""
    word = "" if value is None else str(value).lower()
    if word in _NO:
        return NO
    return UNKNOWN if word in ("", UNKNOWN) else YES


def _order(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
