# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fresh TLS handshake with a listener of nats-server: what it shows, and whether it accepts a client certificate.

Who greets first differs (nats-server server/server.go, leafnode.go; route.go, gateway.go, websocket.go, mqtt.go): a
client or leafnode listener sends its INFO in clear text before the handshake, unless told to begin with it; the others
begin with the handshake. With TLS 1.3 a server judges the client's certificate after the client has finished, so the
verdict is only known from what comes back for the first words sent.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Optional

from ..plan.verifying import verifying_context

#: Which listeners greet in clear text, and what each of them answers to once the handshake is done.
GREETS = {"client": True, "leafnode": True, "route": False, "gateway": False, "websocket": False, "mqtt": False}
_HELLO = b"PING\r\n"
_MOST = 64 * 1024
_FIRST_WORDS = {
    "websocket": b"GET / HTTP/1.1\r\nHost: aegis.nats\r\n\r\n",
    # A protocol level that no server knows: it says so in its CONNACK.
    "mqtt": b"\x10\x0e\x00\x04MQTT\x63\x02\x00\x3c\x00\x02xx",
}


class Answer(Enum):
    """How far a handshake got."""

    ACCEPTED = "accepted"  # the server spoke after the handshake
    REFUSED = "refused"  # the server ended it with an alert
    CLOSED = "closed"  # the server ended it without a word
    DISTRUST = "distrust"  # this side does not accept the server's certificate
    NOTHING = "nothing"  # nobody there, or no answer


@dataclass(frozen=True)
class Listener:
    """One listener. kind: of GREETS; tls_first: it begins with the handshake although its kind greets.

    verified_as: the name that its certificate must have, where that is not its address.
    """

    name: str
    kind: str
    address: str
    port: int
    tls_first: bool = False
    verified_as: str = ""

    @property
    def greets(self) -> bool:
        """Whether its INFO comes in clear text, before the handshake."""
        return GREETS[self.kind] and not self.tls_first


@dataclass(frozen=True)
class Identity:
    """Who shakes hands. ca: PEM of whom this side trusts; pair: PEM of a certificate with its key, or None."""

    name: str
    ca: str = field(repr=False)
    pair: Optional[bytes] = field(default=None, repr=False)

    @cached_property
    def context(self) -> ssl.SSLContext:
        """For all its handshakes. Raises ssl.SSLError when authority, certificate or key can't be used."""
        return verifying_context(self.ca, self.pair)


@dataclass(frozen=True)
class Handshake:
    """What came of one. serial: hexadecimal, of the certificate that was shown and is trusted."""

    answer: Answer
    evidence: str
    serial: str = ""


def shake(listener: Listener, identity: Identity, timeout: float) -> Handshake:
    """Shake hands with ``listener`` as ``identity``. Blocks, each step for ``timeout`` seconds at most."""
    context = identity.context
    try:
        with socket.create_connection((listener.address, listener.port), timeout) as plain:
            if listener.greets:
                _need_greeting(plain)
            with context.wrap_socket(plain, server_hostname=listener.verified_as or listener.address) as secure:
                return _verdict(secure, listener.kind)
    except ssl.SSLCertVerificationError as error:
        return Handshake(Answer.DISTRUST, f"its certificate is not accepted here: {error.verify_message}")
    except ssl.SSLError as error:
        return _ended(error, "the server closed the connection in the handshake")
    except ConnectionResetError:
        return Handshake(Answer.CLOSED, "the server closed the connection in the handshake")
    except socket.timeout:
        return Handshake(Answer.NOTHING, f"no answer in {timeout:g} s")
    except OSError as error:
        return Handshake(Answer.NOTHING, error.strerror or str(error))


def read_greeting(plain: socket.socket) -> bytes:
    """The first line and nothing behind it, for the handshake comes next; less where the other side ends."""
    line = b""
    while not line.endswith(b"\n") and len(line) <= _MOST:
        received = plain.recv(1)
        if not received:
            break
        line += received
    return line


def _need_greeting(plain: socket.socket) -> None:
    line = read_greeting(plain)
    if not line.startswith(b"INFO ") or not line.endswith(b"\n"):
        raise OSError("no NATS server greets there in clear text before TLS")


def _verdict(secure: ssl.SSLSocket, kind: str) -> Handshake:
    shown = secure.getpeercert() or {}
    serial = str(shown.get("serialNumber", ""))
    told = f"{secure.version()}, serial {serial}"
    closed = f"{told}, and then closed without a word"
    try:
        secure.sendall(_FIRST_WORDS.get(kind, _HELLO))
        if secure.recv(64):
            return Handshake(Answer.ACCEPTED, told, serial)
        return Handshake(Answer.CLOSED, closed, serial)
    except ssl.SSLError as error:
        return _ended(error, closed, serial)
    except (BrokenPipeError, ConnectionResetError):
        return Handshake(Answer.CLOSED, closed, serial)


def _ended(error: ssl.SSLError, closed: str, serial: str = "") -> Handshake:
    """Who ended it: only an alert of the server is a refusal. closed: the words for an end without one."""
    words = (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, ssl.SSLEOFError):
        return Handshake(Answer.CLOSED, closed, serial)
    return Handshake(Answer.REFUSED if " alert " in words else Answer.NOTHING, f"TLS: {words}", serial)
