# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges whether servers can prove to each other who they are: what their certificates are for, and their login."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from .model import Finding, Verdict
from .seen import Knocked, Seen

_BOTH_ENDS = "nats_server_cluster_tls: true, and deploy (certificates for both ends of a route)"


def peers(seen: Seen) -> Iterator[Finding]:
    """The part of peers-mutual-tls that is about what peers show."""
    for each in seen.knocked:
        door = each.door
        dials = door.kind == "gateway" or (door.kind == "route" and bool(seen.config(door.host).get("routes")))
        if dials and each.served.get("dials") is False:
            words = "its certificate is good for servers only (no clientAuth): those that it dials refuse it"
            yield Finding(door.subject, Verdict.FAIL, words, _BOTH_ENDS, door.host)
    yield from _names(seen)
    for host in seen.hosts:
        for listener in seen.config(host).get("listeners") or []:
            if listener.get("by_name"):
                words = "asks for a name without a password: whoever has read it and has a certificate is a peer"
                subject = f"{listener['kind']} port of {seen.server(host)}"
                yield Finding(subject, Verdict.FAIL, words, "nats_server_cluster_tls: true, and deploy", host)


def _names(seen: Seen) -> Iterator[Finding]:
    """Routes are dialled by names that certificates have to be for.

    Told where there is no route at all, and enough servers were looked at that it is theirs that are dialled: one that
    was not looked at may have the name.
    """
    doors = [each for each in seen.knocked if each.door.kind == "route" and each.served.get("names") is not None]
    dialled = {urlsplit(route).netloc for host in seen.hosts for route in seen.config(host).get("routes") or []}
    if len(doors) < max(2, len(dialled)):
        return
    for host in seen.hosts:
        config, said = seen.config(host), seen.hosts[host].get("server") or {}
        tls = next((each["tls"] for each in config.get("listeners") or [] if each["kind"] == "route"), None)
        if not tls or tls.get("insecure") or said.get("routes") != 0:
            continue
        wanted = sorted({str(urlsplit(route).hostname) for route in config.get("routes") or []})
        strange = [name for name in wanted if not any(_is_for(each, name) for each in doors)]
        if strange:
            words = f"has no route, and dials {', '.join(strange)}, which no certificate of a route is for"
            yield Finding(f"routes of {seen.server(host)}", Verdict.FAIL, words, _BOTH_ENDS, host)


def _is_for(each: Knocked, name: str) -> bool:
    served: Mapping[str, object] = each.served
    names = served.get("names")
    own = [str(entry).lower() for entry in names] if isinstance(names, list) else []
    # RFC 6125, 6.4.3: a wildcard stands for the whole first label.
    return name in own or f"*.{name.partition('.')[2]}" in own
