# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server takes of TLS 1.2 and older, asked by a ClientHello that is written by hand (RFC 5246, 7.4.1.2).

By hand because an OpenSSL of today offers neither old versions nor weak suites, whatever it is told. Nothing is agreed:
the server's choice is read, and the connection closed.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from .wire import (
    ALERT,
    HANDSHAKE,
    POINT_FORMATS,
    SERVER_HELLO,
    SIGNATURE_ALGORITHMS,
    SUPPORTED_GROUPS,
    extension,
    numbers,
    vector,
)

VERSIONS: Mapping[str, int] = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303}
#: IANA "TLS Cipher Suites" that Go knows (crypto/tls/cipher_suites.go) and that are weak: no forward secrecy, no AEAD,
#: or a broken cipher.
WEAK: Mapping[str, int] = {
    "TLS_RSA_WITH_RC4_128_SHA": 0x0005,
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA": 0x000A,
    "TLS_RSA_WITH_AES_128_CBC_SHA": 0x002F,
    "TLS_RSA_WITH_AES_256_CBC_SHA": 0x0035,
    "TLS_RSA_WITH_AES_128_CBC_SHA256": 0x003C,
    "TLS_RSA_WITH_AES_128_GCM_SHA256": 0x009C,
    "TLS_RSA_WITH_AES_256_GCM_SHA384": 0x009D,
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA": 0xC007,
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": 0xC009,
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": 0xC00A,
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA": 0xC011,
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA": 0xC012,
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": 0xC013,
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": 0xC014,
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256": 0xC023,
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256": 0xC027,
}
STRONG: Mapping[str, int] = {
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": 0xC02B,
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": 0xC02C,
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": 0xC02F,
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": 0xC030,
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": 0xCCA8,
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": 0xCCA9,
}
_NAMES = {number: name for suites in (WEAK, STRONG) for name, number in suites.items()}
_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201)


@dataclass(frozen=True)
class Chosen:
    """What the server chose; refused: it ended the handshake. Neither: it answered something else."""

    version: str = ""
    suite: str = ""
    refused: bool = False


def client_hello(version: str, suites: Sequence[str], random: bytes) -> bytes:
    """The record that offers one version, as the highest, with these suites. random: 32 bytes."""
    known = {**WEAK, **STRONG}
    number = VERSIONS[version]
    extensions = extension(SUPPORTED_GROUPS, vector(2, numbers(_GROUPS))) + extension(POINT_FORMATS, vector(1, b"\0"))
    if number == VERSIONS["TLS 1.2"]:
        extensions += extension(SIGNATURE_ALGORITHMS, vector(2, numbers(_SIGNATURES)))
    offered = vector(2, numbers([known[name] for name in suites]))
    body = struct.pack("!H", number) + random + vector(1, b"") + offered + vector(1, b"\0") + vector(2, extensions)
    message = b"\x01" + vector(3, body)
    return struct.pack("!BH", HANDSHAKE, min(number, VERSIONS["TLS 1.0"])) + vector(2, message)


def read_answer(received: bytes) -> Chosen:
    """What the first record of the answer says."""
    if not received or received[0] == ALERT:
        return Chosen(refused=True)
    content = received[5:]
    if received[0] != HANDSHAKE or len(content) < 39 or content[0] != SERVER_HELLO:
        return Chosen()
    (version,) = struct.unpack_from("!H", content, 4)
    at = 39 + content[38]
    if len(content) < at + 2:
        return Chosen()
    (suite,) = struct.unpack_from("!H", content, at)
    name: Optional[str] = next((name for name, number in VERSIONS.items() if number == version), None)
    return Chosen(name or f"version {version:#06x}", _NAMES.get(suite, f"suite {suite:#06x}"))
