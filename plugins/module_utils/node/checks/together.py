# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can only be seen when all servers of a cluster are looked at."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping

from ...plan.errors import NatsError
from ..listeners import configured, places
from ..turns import at_once, keeps_quorum
from . import covering, resolver
from .reader import PREFIX, Reader

_ANY = frozenset(("0.0.0.0", "::", "", "*"))
_EQUAL = (
    ("cluster_name", True),
    ("cluster_user", True),
    ("cluster_password", False),
    ("cluster_tls", True),
    ("auth", True),
    ("users", False),
    ("accounts", False),
    ("token", False),
    ("callout", False),
    ("hash_passwords", True),
    ("restart_share", True),
)


def check(servers: Mapping[str, Reader], shared: Reader) -> None:
    """Problems of one server go to its reader, those of the whole cluster to ``shared``."""
    clustered = {host: server for host, server in servers.items() if server.flag("cluster", default=True)}
    _names(servers)
    _ports(servers)
    _equal(clustered, shared)
    _quorum(clustered, shared)
    _restarts(servers, shared)
    resolver.check_together(clustered, shared)
    covering.check_together(servers, clustered)


def _names(servers: Mapping[str, Reader]) -> None:
    first: dict[str, str] = {}
    for host, server in servers.items():
        name = server.text("name") or host
        if name in first:
            server.wrong("name", f"{first[name]} has the same name {name}: names are unique, two such servers fight")
        first.setdefault(name, host)


def _ports(servers: Mapping[str, Reader]) -> None:
    """Two listeners of one machine on one port."""
    taken: list[tuple[str, str, int, str, str]] = []
    for host, server in servers.items():
        for purpose, address, port in _listeners(server):
            machine = _machine(host, server)
            for other_machine, other_address, other_port, other_purpose, other_host in taken:
                if machine == other_machine and port == other_port and _overlap(address, other_address):
                    whose = "this host" if other_host == host else other_host
                    server.wrong(
                        purpose,
                        f"{port} is already {PREFIX}{other_purpose} of {whose} on the same address: take another",
                    )
                    break
            taken.append((machine, address, port, purpose, host))


def _listeners(server: Reader) -> Iterator[tuple[str, str, int]]:
    purposes = [("port", "host", True), ("cluster_port", "cluster_host", server.flag("cluster", default=True))]
    purposes.append(("monitoring_port", "monitoring_host", server.flag("monitoring", default=True)))
    for purpose, address, wanted in purposes:
        port = server.port(purpose)
        if wanted and port is not None:
            yield purpose, server.text(address) or "0.0.0.0", port
    for block, _profile, options in configured(server.mapping("extra_config")):
        for option, address, port in places(options):
            yield f"extra_config.{block}.{option}", address, port


def _machine(host: str, server: Reader) -> str:
    """What tells machines apart: where Ansible connects to, or the address; loopback is one machine."""
    address = str(server.raw("ansible_host") or server.raw("address") or host)
    try:
        return "loopback" if ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return "loopback" if address == "localhost" else address


def _overlap(one: str, other: str) -> bool:
    return one == other or one in _ANY or other in _ANY


def _equal(servers: Mapping[str, Reader], shared: Reader) -> None:
    for name, showable in _EQUAL:
        found: dict[str, str] = {}
        for host, server in servers.items():
            value = server.raw(name)
            if value is not None:
                found.setdefault(str(value).lower() if isinstance(value, bool) else str(value), host)
        if len(found) > 1:
            told = ", ".join(f"{host} has {value}" for value, host in found.items())
            hosts = " and ".join(found.values())
            words = told if showable else f"{hosts} have different ones"
            shared.wrong(name, f"must be the same on all servers of the cluster: {words}")
    versions = sorted({str(server.raw("version")) for server in servers.values() if server.raw("version")})
    if len(versions) > 1:
        shared.warn("version", f"the servers of the cluster are not of one version: {', '.join(versions)}")


def _quorum(servers: Mapping[str, Reader], shared: Reader) -> None:
    storing = [host for host, server in servers.items() if server.flag("jetstream", default=True)]
    routes = any(server.texts("cluster_routes") for server in servers.values())
    if len(storing) == 1 and len(servers) > 1 and not routes:
        servers[storing[0]].wrong(
            "jetstream",
            "no other server of the cluster has JetStream, and one alone never gets a leader: write true on three, "
            "or false on all",
        )
    elif len(storing) == 2:
        shared.warn("jetstream", "two servers have no majority when one is away: streams stop then, use three")
    elif storing and len(storing) % 2 == 0:
        shared.warn(
            "jetstream", f"{len(storing)} servers survive no more losses than {len(storing) - 1}: use an odd number"
        )
    if len(servers) == 1 and not routes:
        shared.warn("cluster", "is true for a single server: it waits for others that are not there, write false")


def _restarts(servers: Mapping[str, Reader], shared: Reader) -> None:
    """How many restart at a time; what differs between servers is told where all must be equal."""
    wishes = [server.raw("restart_share") for server in servers.values()]
    wish = next((wish for wish in wishes if wish is not None), 1)
    total = len(servers)
    try:
        number = at_once(wish, total)
    except NatsError as error:
        shared.wrong("restart_share", str(error))
        return
    if number == total and total > 1:
        shared.warn("restart_share", f"is {wish}: all {total} servers restart together, which is an outage")
    elif not keeps_quorum(number, total):
        shared.wrong(
            "restart_share",
            f"is {wish}: while {number} of {total} servers restart the others are no majority: write "
            f"{max(1, (total - 1) // 2)}, or 100% for an outage of all",
        )
