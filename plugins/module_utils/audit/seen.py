# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit has seen, before anybody judges it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, Optional

from ..node.handshake import Listener
from ..node.nodes import host_port
from .controller import Kept
from .held import Account, Stored
from .people import Known, known

#: Listeners of other servers.
PEERS = ("route", "gateway", "leafnode")
_LAST = 253402300799  # 9999-12-31T23:59:59Z, the last second that datetime knows


def moment(seconds: int) -> datetime:
    """A time in Unix seconds; whoever may write to a resolver may write one beyond all years."""
    return datetime.fromtimestamp(min(max(seconds, 0), _LAST), timezone.utc)


def is_loopback(address: str) -> bool:
    """Whether only the machine itself gets there."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


@dataclass(frozen=True)
class Door:
    """A listener and how it is reached from here. kind: as of the model's topology; bound: what the host says of it.

    elsewhere: it is on the loopback interface of another machine, which is not this one's. verified_as: a name of its
    certificate, where that does not have the IP address by which it is reached; clients reach it by that name.
    """

    host: str
    server: str
    kind: str
    address: str
    port: int
    tls_first: bool = False
    bound: str = ""
    tls: Optional[Mapping[str, Any]] = None
    elsewhere: bool = False
    verified_as: str = ""

    @property
    def subject(self) -> str:
        return f"{self.kind} port of {self.server} ({self.address}:{self.port})"

    @cached_property
    def listener(self) -> Listener:
        """As handshakes take it."""
        return Listener(self.subject, self.kind, self.address, self.port, self.tls_first, self.verified_as)

    def url(self, scheme: str) -> str:
        return f"{scheme}://{host_port(self.address, str(self.port))}"


@dataclass(frozen=True)
class Knocked:
    """What came of knocking at one. reached: somebody listens there.

    served: serial, version, ends, why: of the handshake that verified the certificate; ``why`` says what was wrong.
    old and weak: what was taken of them; strong: whether TLS 1.2 was, with the suites that are not weak;
    without, stranger, misused, plain, anonymous: "refused", "let in" or "unknown", each with its evidence.
    """

    door: Door
    reached: bool = False
    why: str = ""
    served: Mapping[str, Any] = field(default_factory=dict)
    old: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    strong: Optional[bool] = None
    without: tuple[str, str] = ("unknown", "")
    stranger: tuple[str, str] = ("unknown", "")
    misused: tuple[str, str] = ("unknown", "")
    plain: tuple[str, str] = ("unknown", "")
    anonymous: tuple[str, str] = ("unknown", "")


@dataclass(frozen=True)
class Seen:
    """hosts: by name, what aegis.nats.node_audit returned. last: when the audit before was made.

    stored: the store on the controller, where there is one; kept: the secrets there.
    """

    now: datetime
    hosts: Mapping[str, Mapping[str, Any]]
    knocked: tuple[Knocked, ...]
    accounts: tuple[Account, ...]
    last: Optional[datetime] = None
    has_certificate: bool = False
    has_authority: bool = False
    stored: Optional[Stored] = None
    kept: Kept = field(default_factory=Kept)

    def config(self, host: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (self.hosts.get(host) or {}).get("config") or {}
        return found

    def server(self, host: str) -> str:
        """A server's own name."""
        said = self.hosts[host].get("server") or {}
        return str(said.get("server_name") or host)

    def has_operator(self, host: str) -> bool:
        """Whether a server's users are known by JWT."""
        config = self.config(host)
        return any(config.get(name) for name in ("operator", "operator_files", "trusted_keys"))

    @property
    def operators(self) -> dict[str, Mapping[str, Any]]:
        """Those that the running servers trust, by their keys."""
        return {
            str(operator["key"]): operator
            for facts in self.hosts.values()
            for operator in (facts.get("server") or {}).get("operators") or []
        }

    @cached_property
    def known(self) -> Known:
        """Every user that is known, worked out once."""
        return known(self.hosts, self.accounts, self.operators, self.stored, self.now)
