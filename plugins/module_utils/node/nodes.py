# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of a cluster as the inventory describes them: names, addresses, ports."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: What a host that says nothing gets; a test holds these equal to the defaults of the role nats_server.
DEFAULT_PORT = 4222
DEFAULT_CLUSTER_PORT = 6222
DEFAULT_JETSTREAM = True
#: What each server gets a certificate for, unless told.
PROFILES = ("server", "route")
#: Whose certificates nats-server sends a responder's answer along with; a test holds it equal to the profiles of pki.
STAPLED = frozenset(("server", "route", "gateway", "websocket", "mqtt"))
_AMONG_PEERS = frozenset(("route", "gateway"))

_HOST_NAME = re.compile(
    r"^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
)


@dataclass(frozen=True)
class Node:
    """One server.

    host: its inventory name; name: its server_name; address: how others reach it;
    names: every DNS name and IP address that its certificates carry; advertised: what clients are told to dial, which
    those certificates carry that clients see; jetstream: whether it has it.
    """

    host: str
    name: str
    address: str
    port: int
    cluster_port: int
    names: tuple[str, ...]
    advertised: tuple[str, ...] = ()
    jetstream: bool = DEFAULT_JETSTREAM

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "names": list(self.names), "advertised": list(self.advertised)}


def node(host: str, variables: Mapping[str, Any]) -> Node:
    """One server from its host variables (``nats_server_*`` and ``ansible_host``)."""
    address = str(variables.get("nats_server_address") or variables.get("ansible_host") or host)
    own = [address, *(name for name in (host, str(variables.get("nats_server_name") or host)) if is_host(name))]
    further = variables.get("nats_server_certificate_names") or []
    return Node(
        host=host,
        name=str(variables.get("nats_server_name") or host),
        address=address,
        port=_port(variables.get("nats_server_port"), DEFAULT_PORT),
        cluster_port=_port(variables.get("nats_server_cluster_port"), DEFAULT_CLUSTER_PORT),
        names=tuple(dict.fromkeys([*own, *(str(name) for name in further)])),
        advertised=_advertised(str(variables.get("nats_server_client_advertise") or "")),
        jetstream=_is_true(variables.get("nats_server_jetstream", DEFAULT_JETSTREAM)),
    )


def _is_true(value: Any) -> bool:
    """What Ansible's filter bool takes for true."""
    return str(value).lower() in ("true", "yes", "on", "1", "y", "t")


def _advertised(text: str) -> tuple[str, ...]:
    """The host of ``host[:port]``; nothing where it is none, preflight tells that."""
    host = text if _is_address(text) else re.sub(r":\d+$", "", text).strip("[]")
    return (host,) if host and is_host(host) else ()


def _port(value: Any, default: int) -> int:
    """A port; what is none is told by preflight, together with everything else, and stands at its default here."""
    try:
        return int(value or default)
    except (TypeError, ValueError):
        return default


def nodes(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[Node]:
    """The servers of ``hosts`` in the inventory's order."""
    return [node(host, hostvars[host]) for host in hosts]


def urls(servers: Iterable[Mapping[str, Any]], scheme: str) -> list[str]:
    """The client URL of every server."""
    return [f"{scheme}://{host_port(server['address'], server['port'])}" for server in servers]


def routes(servers: Iterable[Mapping[str, Any]], own: str, further: Iterable[str]) -> list[dict[str, Any]]:
    """Where a server's routes go: every other server of the cluster, then ``further`` (``host:port``)."""
    found = [
        {"address": server["address"], "port": server["cluster_port"]} for server in servers if server["host"] != own
    ]
    for entry in further:
        address, _dummy, port = entry.rpartition(":")
        found.append({"address": address.strip("[]"), "port": int(port)})
    return found


def peers(servers: Iterable[Mapping[str, Any]], own: str, hosts: Collection[str]) -> list[str]:
    """The names of the servers of ``hosts``, but for that of the host ``own``."""
    others = frozenset(hosts) - {own}
    return [server["name"] for server in servers if server["host"] in others]


def meta_group(servers: Iterable[Mapping[str, Any]], hosts: Collection[str]) -> int:
    """How many servers of ``hosts`` have JetStream; 0 where they are not most of all that have it."""
    having = [server["host"] in frozenset(hosts) for server in servers if server["jetstream"]]
    return sum(having) if sum(having) * 2 > len(having) else 0


def listeners(
    servers: Iterable[Mapping[str, Any]],
    issued: Mapping[str, Mapping[str, Any]],
    kinds: Iterable[str],
    *,
    tls_first: bool,
    verify: bool,
    pinned: Collection[str] = (),
) -> list[dict[str, Any]]:
    """The TLS listeners of every server, of each of ``kinds`` (client, route), with the serial that each must show.

    issued: certificates by name (``n1/server``), each with its ``serial``. tls_first: clients begin with the handshake;
    verify: they must show a certificate; pinned: the kinds that let in pinned keys only.
    """
    ports = {"client": ("port", "server"), "route": ("cluster_port", "route")}
    return [
        {
            "name": f"the {kind} port of {server['name']}",
            "kind": kind,
            "address": server["address"],
            "port": server[ports[kind][0]],
            "tls_first": tls_first and kind == "client",
            "verify": verify or kind != "client",
            "pinned": kind in pinned,
            "serial": issued.get(f"{server['host']}/{ports[kind][1]}", {}).get("serial"),
        }
        for server in servers
        for kind in kinds
    ]


def certificates(
    servers: Iterable[Mapping[str, Any]],
    defaults: Mapping[str, Any],
    names: list[str],
    clients: Iterable[Mapping[str, Any]],
    *,
    keys: str = "controller",
    profiles: Iterable[str] = PROFILES,
    must_staple: bool = False,
) -> list[dict[str, Any]]:
    """A certificate for each of ``profiles`` a server (client port, routes, ...) and one a client.

    keys: where the servers' private keys live. What the servers of a cluster show to each other carries their own
    names only: a load balancer's name is no peer's.
    """
    wanted: list[dict[str, Any]] = []
    asked = tuple(profiles)
    for server in servers:
        for purpose in asked:
            wanted.append(
                {
                    **defaults,
                    "name": f"{server['host']}/{purpose}",
                    "profile": purpose,
                    "common_name": server["name"],
                    **({} if keys == "controller" else {"key": keys}),
                    **({"must_staple": True} if must_staple and purpose in STAPLED else {}),
                    **_by_kind(carried(server, purpose, names)),
                }
            )
    for client in clients:
        name = client.get("name")
        wanted.append({**defaults, "common_name": name, **client, "name": f"clients/{name}", "profile": "client"})
    return wanted


def carried(server: Mapping[str, Any], purpose: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names of a server's certificate for one purpose; ``names`` are those that clients use for all servers."""
    if purpose in _AMONG_PEERS:
        return tuple(server["names"])
    return (*server["names"], *server.get("advertised", ()), *names)


def _by_kind(names: Iterable[str]) -> dict[str, list[str]]:
    """DNS names and IP addresses apart, each once, as the fields of a certificate."""
    kinds: dict[str, list[str]] = {"dns": [], "ip": []}
    for name in dict.fromkeys(names):
        kinds["ip" if _is_address(name) else "dns"].append(name)
    return kinds


def is_host(name: str) -> bool:
    """Whether a certificate can carry ``name``; an inventory name such as ``nats_1`` can't."""
    return _is_address(name) or bool(_HOST_NAME.match(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def host_port(address: str, port: object) -> str:
    """``address:port``, an IPv6 address in brackets."""
    return f"[{address}]:{port}" if ":" in address and not address.startswith("[") else f"{address}:{port}"
