# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the servers of the inventory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils.node import nodes, turns
from ..module_utils.plan.errors import NatsError


def of_hosts(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The servers of ``hosts``: host, name, address, port, cluster_port, names."""
    return [node.as_dict() for node in nodes.nodes(hosts, hostvars)]


def host_port(address: object, port: object) -> str:
    """``address:port``, an IPv6 address in brackets."""
    return nodes.host_port(str(address), str(port))


def routes(servers: Iterable[Mapping[str, Any]], own: str, further: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Where the routes of the host ``own`` go: address and port."""
    return nodes.routes(servers, own, further)


def peers(servers: Iterable[Mapping[str, Any]], own: str, hosts: Iterable[str]) -> list[str]:
    """The names of the servers of ``hosts``, but for that of the host ``own``."""
    return nodes.peers(servers, own, list(hosts))


def meta_group(servers: Iterable[Mapping[str, Any]], hosts: Iterable[str]) -> int:
    """How many servers of ``hosts`` have JetStream, 0 without a quorum of them."""
    return nodes.meta_group(servers, list(hosts))


def urls(servers: Iterable[Mapping[str, Any]], scheme: str = "tls") -> list[str]:
    """The client URL of every server."""
    return nodes.urls(servers, scheme)


def certificates(
    servers: Iterable[Mapping[str, Any]],
    defaults: Mapping[str, Any],
    names: Iterable[str],
    clients: Iterable[Mapping[str, Any]],
    *,
    keys: str = "controller",
    profiles: Iterable[str] = nodes.PROFILES,
    must_staple: bool = False,
) -> list[dict[str, Any]]:
    """The leaf certificates of a cluster, as aegis.nats.certificate takes them."""
    found = nodes.certificates(
        servers, defaults, list(names), clients, keys=keys, profiles=profiles, must_staple=must_staple
    )
    return [dict(wanted) for wanted in found]


def tls_listeners(
    servers: Iterable[Mapping[str, Any]],
    certificates: Mapping[str, Mapping[str, Any]],
    kinds: Iterable[str],
    *,
    tls_first: bool = False,
    verify: bool = True,
    pinned: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """The TLS listeners of every server, as aegis.nats.handshake takes them."""
    known = {"tls_first": tls_first, "verify": verify, "pinned": list(pinned)}
    return nodes.listeners(servers, certificates, list(kinds), **known)


def batches(hosts: Sequence[str], share: object, total: int) -> list[list[str]]:
    """The turns in which ``hosts`` restart, out of ``total`` servers."""
    try:
        return turns.batches(hosts, share, total)
    except NatsError as error:
        raise AnsibleFilterError(f"nats_server_restart_share: {error}") from error


def needed(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], variable: str) -> list[str]:
    """The keys of a variable, a dictionary on each of ``hosts``, that say something on one of them at least."""
    told = [hostvars[host].get(variable) or {} for host in hosts]
    return sorted({name for needs in told for name, value in needs.items() if value})


def hosts_changing(hosts: Iterable[Mapping[str, Any]], option: str) -> list[str]:
    """Those of ``hosts`` (their variables) whose staging gave a reason beginning with ``option`` (a regex)."""
    matches = re.compile(option).match
    return [
        host["inventory_hostname"]
        for host in hosts
        if any(matches(reason) for reason in host["nats_server_staged"]["reasons"])
    ]


def audited(
    servers: Iterable[Mapping[str, Any]], hostvars: Mapping[str, Mapping[str, Any]], variable: str
) -> dict[str, dict[str, Any]]:
    """What every host of ``servers`` has told, as aegis.nats.audit takes it; one that was not reached says so."""
    silent = {"msg": "the host could not be reached"}
    return {
        server["host"]: {"address": server["address"], "facts": hostvars[server["host"]].get(variable) or silent}
        for server in servers
    }


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {
            "nodes": of_hosts,
            "batches": batches,
            "certificates": certificates,
            "routes": routes,
            "peers": peers,
            "meta_group": meta_group,
            "urls": urls,
            "tls_listeners": tls_listeners,
            "host_port": host_port,
            "needed": needed,
            "audited": audited,
            "hosts_changing": hosts_changing,
        }
