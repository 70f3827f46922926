# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a TLS server chooses, asked by a ClientHello that is written by hand (RFC 8446, 4.1.2).

By hand because Python's ssl can offer neither one TLS 1.3 cipher suite alone nor every group, and does not tell which
group was chosen. No key share is sent, so a server that goes on names its group in a HelloRetryRequest; nothing is
computed, and nothing secret is agreed.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from .wire import ALERT, HANDSHAKE, SERVER_HELLO, SIGNATURE_ALGORITHMS, SUPPORTED_GROUPS, extension, numbers, vector

#: IANA "TLS Supported Groups", by the names of nats-server.
GROUPS: Mapping[str, int] = {
    "X25519MLKEM768": 0x11EC,
    "SecP256r1MLKEM768": 0x11EB,
    "SecP384r1MLKEM1024": 0x11ED,
    "X25519": 0x001D,
    "CurveP256": 0x0017,
    "CurveP384": 0x0018,
    "CurveP521": 0x0019,
}
#: IANA "TLS Cipher Suites" of TLS 1.3.
SUITES: Mapping[str, int] = {
    "TLS_AES_128_GCM_SHA256": 0x1301,
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
}
# What certificates may be signed with, so that only what is asked about can be refused: ECDSA, Ed25519, RSA.
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601)
_TLS12, _TLS13 = 0x0303, 0x0304
_SUPPORTED_VERSIONS, _KEY_SHARE = 43, 51
_RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
#: RFC 8446, section 6.2.
_ALERTS = {40: "handshake failure", 47: "illegal parameter", 70: "protocol version", 71: "insufficient security"}


@dataclass(frozen=True)
class Offer:
    """TLS 1.3 with these suites and groups and no others; by their names."""

    suites: Sequence[str] = tuple(SUITES)
    groups: Sequence[str] = tuple(GROUPS)


@dataclass(frozen=True)
class Choice:
    """What a server answered: its suite and group, or why it refused. Neither: it answered something else."""

    suite: Optional[str] = None
    group: Optional[str] = None
    refusal: Optional[str] = None


def client_hello(offer: Offer, random: bytes) -> bytes:
    """The record that makes the offer. random: 64 bytes."""
    extensions = b"".join(
        (
            extension(_SUPPORTED_VERSIONS, vector(1, struct.pack("!H", _TLS13))),
            extension(SUPPORTED_GROUPS, vector(2, numbers(GROUPS[name] for name in offer.groups))),
            extension(SIGNATURE_ALGORITHMS, vector(2, numbers(_SIGNATURES))),
            extension(_KEY_SHARE, vector(2, b"")),
        )
    )
    suites = vector(2, numbers(SUITES[name] for name in offer.suites))
    head = struct.pack("!H", _TLS12) + random[:32] + vector(1, random[32:64])
    body = head + suites + vector(1, b"\0") + vector(2, extensions)
    message = b"\x01" + vector(3, body)
    return struct.pack("!BH", HANDSHAKE, 0x0301) + vector(2, message)


def read_answer(received: bytes) -> Choice:
    """What the first record of the answer says."""
    kind, content = received[:1], received[5:]
    if kind == bytes((ALERT,)) and len(content) == 2:
        return Choice(refusal=_ALERTS.get(content[1], f"alert {content[1]}"))
    try:
        return _server_hello(content) if kind == bytes((HANDSHAKE,)) else Choice()
    except (IndexError, struct.error):
        return Choice()


def _server_hello(message: bytes) -> Choice:
    """RFC 8446, 4.1.3: of a HelloRetryRequest, its suite and group."""
    if message[0] != SERVER_HELLO or message[6:38] != _RETRY:
        return Choice()
    at = 39 + message[38]
    (suite,) = struct.unpack_from("!H", message, at)
    at, group = at + 5, None
    while at < len(message):
        kind, length = struct.unpack_from("!HH", message, at)
        if kind == _KEY_SHARE:
            (group,) = struct.unpack_from("!H", message, at + 4)
        at += 4 + length
    return Choice(_name(SUITES, suite), _name(GROUPS, group))


def _name(names: Mapping[str, int], number: Optional[int]) -> Optional[str]:
    return next((name for name, known in names.items() if known == number), None)
