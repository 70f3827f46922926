# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a certificate is for: the closed set of profiles and the key usages that each gives (RFC 5280 4.2.1.12)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum
from typing import Optional

SERVER_AUTH = "serverAuth"
CLIENT_AUTH = "clientAuth"
OCSP_SIGNING = "OCSPSigning"


class Profile(Enum):
    """Where the certificate is used; the value is how it is written."""

    SERVER = "server"
    ROUTE = "route"
    CLIENT = "client"
    GATEWAY = "gateway"
    LEAFNODE = "leafnode"
    WEBSOCKET = "websocket"
    MQTT = "mqtt"
    MONITORING = "monitoring"
    OCSP = "ocsp"

    @property
    def usages(self) -> frozenset[str]:
        """Extended key usages. A peer of a route, gateway or leafnode dials and listens: nats-server wants both."""
        if self in (Profile.ROUTE, Profile.GATEWAY, Profile.LEAFNODE):
            return frozenset({SERVER_AUTH, CLIENT_AUTH})
        if self is Profile.OCSP:
            return frozenset({OCSP_SIGNING})
        return frozenset({CLIENT_AUTH if self is Profile.CLIENT else SERVER_AUTH})

    @property
    def stapled(self) -> bool:
        """Whether a responder's answer can be sent beside it: nats-server does so where it listens, leaf nodes aside
        (server/ocsp.go, enableOCSP); a proxy before the monitoring port may.
        """
        return self.listens and self is not Profile.LEAFNODE

    @property
    def listens(self) -> bool:
        """Whether peers dial it, so that it must name a host or an address."""
        return SERVER_AUTH in self.usages


def guess(usages: Set[str]) -> Optional[str]:
    """The profile that these extended key usages fit best, or None."""
    server, client = SERVER_AUTH in usages, CLIENT_AUTH in usages
    if server and client:
        return Profile.ROUTE.value
    if server:
        return Profile.SERVER.value
    return Profile.CLIENT.value if client else None


@dataclass(frozen=True)
class KeyType:
    """An algorithm and its size, as in ``ecdsa-p256``; ``size`` is the curve's or the modulus' bits, 0 for Ed25519."""

    name: str
    family: str
    size: int


KEY_TYPES = {
    known.name: known
    for known in (
        KeyType("ecdsa-p256", "ecdsa", 256),
        KeyType("ecdsa-p384", "ecdsa", 384),
        KeyType("rsa-2048", "rsa", 2048),
        KeyType("rsa-3072", "rsa", 3072),
        KeyType("rsa-4096", "rsa", 4096),
        KeyType("ed25519", "ed25519", 0),
    )
}
