# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What TLS messages that are written by hand are made of (RFC 8446, section 3), and how much of a record is there."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable

ALERT, HANDSHAKE = 21, 22
SERVER_HELLO = 2
# Extensions of a hello (IANA "TLS ExtensionType Values").
SUPPORTED_GROUPS, POINT_FORMATS, SIGNATURE_ALGORITHMS = 10, 11, 13


def numbers(found: Iterable[int]) -> bytes:
    """Numbers of two bytes each."""
    return b"".join(struct.pack("!H", number) for number in found)


def vector(width: int, content: bytes) -> bytes:
    """A vector of TLS: its length in ``width`` bytes, then its content."""
    return len(content).to_bytes(width, "big") + content


def extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(2, content)


def wanted(received: bytes) -> int:
    """How many bytes of the first record are missing."""
    whole = 5 if len(received) < 5 else 5 + int.from_bytes(received[3:5], "big")
    return max(0, whole - len(received))


def record(connection: socket.socket) -> bytes:
    """The next record, or what came of it before the other side ended. Raises OSError."""
    received = b""
    while missing := wanted(received):
        part = connection.recv(missing)
        if not part:
            break
        received += part
    return received
