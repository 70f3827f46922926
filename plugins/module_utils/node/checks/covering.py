# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether certificates carry the names by which peers and clients dial: those of the roles here, own ones elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Optional

from .. import listeners, nodes
from . import listeners as listener_checks
from .reader import PREFIX, Reader

#: Purpose of a certificate -> the key of nats_server_tls_files that holds it, where that is not the purpose itself.
_FILES = {"server": "client"}
#: Option of a block -> the profile of who listens there.
_ADVERTISED = {"gateway": "gateway", "leafnodes": "leafnode", "websocket": "websocket"}
_SPELLINGS = ("advertise", "leafnode_advertise")


class Dialled(NamedTuple):
    """A name by which others reach a server: of which certificate, and where it is said (variable and place in it)."""

    purpose: str
    host: str
    variable: str
    below: str = ""


def check_together(servers: Mapping[str, Reader], clustered: Mapping[str, Reader]) -> None:
    """The certificates that the roles make, held against what is dialled; problems go to each server's reader."""
    names = {host: {p: carried(host, server, p) for p in _purposes()} for host, server in servers.items()}
    for host, server in servers.items():
        for one in dialled(server):
            if not is_own(server, one.purpose) and not covered(one.host, names[host][one.purpose]):
                _refuse(server, one, "this server")
    for server in clustered.values():
        _further_routes(server, clustered, names)
        _own_gateways(server, servers, names)


def dialled(server: Reader) -> Iterator[Dialled]:
    """By which names others are told to dial this server, where TLS stands behind them."""
    clustered = server.flag("cluster", default=True) and server.flag("cluster_tls", default=True)
    for variable, purpose, wanted in (
        ("cluster_advertise", "route", clustered),
        ("client_advertise", "server", server.flag("tls", default=True)),
    ):
        said = host_of(server.text(variable) or "")
        if said and wanted:
            yield Dialled(purpose, said, variable)
    extra = server.mapping("extra_config")
    for found in listener_checks.served(server):
        block, _dot, last = found.plain.partition(".")
        options = extra.get(found.path.partition(".")[0])
        if block not in _ADVERTISED or last != "tls" or not isinstance(options, Mapping):
            continue
        for option, value in options.items():
            if str(option).lower() in _SPELLINGS and host_of(str(value)):
                where = f".{found.path.partition('.')[0]}.{option}"
                yield Dialled(found.profile, host_of(str(value)), "extra_config", where)


def carried(host: str, server: Reader, purpose: str) -> list[str]:
    """The names of the certificate that the roles make for one purpose of one server."""
    told = {PREFIX + name: server.raw(name) for name in ("address", "name", "certificate_names", "client_advertise")}
    node = nodes.node(host, {**told, "ansible_host": server.raw("ansible_host")})
    further = server.values.get("nats_pki_names")
    names = [str(name) for name in further] if isinstance(further, (list, tuple)) else []
    return list(nodes.carried(node.as_dict(), purpose, names))


def is_own(server: Reader, purpose: str) -> bool:
    """Whether a certificate is the operator's own, and none that the roles make."""
    files, folder = server.raw("tls_files"), server.text("pki_dir")
    certificate = files.get(f"{_FILES.get(purpose, purpose)}_certificate") if isinstance(files, Mapping) else None
    return bool(certificate and folder and not str(certificate).startswith(f"{folder.rstrip('/')}/"))


def covered(host: str, names: Sequence[str]) -> bool:
    """Whether a certificate with these names is good for a host, as Go and OpenSSL see it (RFC 6125 6.4)."""
    return any(_covers(name, host) for name in names)


def host_of(text: str) -> str:
    """The host of ``host``, ``host:port`` or a URL; nothing where there is none."""
    rest = text.strip().partition("://")[2] or text.strip()
    rest = rest.partition("/")[0].rpartition("@")[2]
    if _address(rest) is not None:
        return rest
    return re.sub(r":[^:\]]*\Z", "", rest).strip("[]")


def _purposes() -> tuple[str, ...]:
    return ("server", "route", *listeners.BLOCKS)


def _refuse(server: Reader, one: Dialled, whose: str) -> None:
    where = "route certificate" if one.purpose == "route" else f"certificate of the profile {one.purpose}"
    server.wrong(
        one.variable,
        f"{one.host} is not in the {where} of {whose}, the others would refuse it: add it to {PREFIX}certificate_names",
        one.below,
    )


def _further_routes(
    server: Reader, servers: Mapping[str, Reader], names: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """A further route to a server of this very cluster, by a name that its certificate does not carry."""
    if not server.flag("cluster_tls", default=True):
        return
    for index, route in enumerate(server.texts("cluster_routes")):
        dialled_host = host_of(route)
        for host, other in servers.items():
            meant = {host, str(other.raw("ansible_host") or ""), str(other.raw("name") or "")}
            if dialled_host not in meant or is_own(other, "route") or covered(dialled_host, names[host]["route"]):
                continue
            _refuse(server, Dialled("route", dialled_host, "cluster_routes", f"[{index}]"), host)


def _own_gateways(
    server: Reader, servers: Mapping[str, Reader], names: Mapping[str, Mapping[str, Sequence[str]]]
) -> None:
    """A list of gateways is the same for all clusters: its entry of this one says how the others dial it."""
    block = server.mapping("extra_config").get("gateway")
    served = {found.plain: found.profile for found in listener_checks.served(server)}
    if not isinstance(block, Mapping) or "gateway.tls" not in served:
        return
    profile = served["gateway.tls"]
    if any(is_own(other, profile) for other in servers.values()):
        return
    for index, remote in enumerate(block.get("gateways") or []):
        if not isinstance(remote, Mapping) or remote.get("name") != block.get("name"):
            continue
        urls = remote.get("urls") or [remote.get("url") or ""]
        for number, url in enumerate([urls] if isinstance(urls, str) else urls):
            host = host_of(str(url))
            if host and not any(covered(host, found[profile]) for found in names.values()):
                place = f".gateway.gateways[{index}].urls[{number}]"
                _refuse(server, Dialled(profile, host, "extra_config", place), "any server of this cluster")


def _covers(name: str, host: str) -> bool:
    wanted = _address(host)
    if wanted is not None:
        return bool(_address(name.strip("[]")) == wanted)
    if name.startswith("*."):
        return host.partition(".")[2].lower() == name[2:].lower()
    return name.lower() == host.lower()


def _address(text: str) -> Optional[Any]:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
