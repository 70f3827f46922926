# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocking at a server by hand, byte for byte: with or without TLS, certificate and creds, and what came back.

By hand because a client library would not try what has to be refused. Order on the wire: the server's INFO in plain
text, the TLS handshake, then CONNECT and PING; whoever is let in gets PONG (nats-server server/client.go).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Optional
from urllib.parse import urlsplit

from ..client.access import Access, tls_context
from ..client.connect import reason
from ..client.tunnel import passage
from .hello import Choice, Offer, client_hello, read_answer
from .wire import record, wanted

_MOST = 64 * 1024
_TLS_ALERT = b"\x15\x03"


class Answer(Enum):
    """How far a knock got."""

    NOTHING = "nothing"  # nobody there, or no answer: nothing can be concluded
    DISTRUST = "distrust"  # this side does not accept the server's certificate: nothing can be concluded
    NO_TLS = "no TLS"  # the server offers no TLS
    CLOSED = "closed"  # the server ended the connection without a word of the protocol
    TLS_ALERT = "TLS alert"  # the server ended the handshake and said why
    ERROR = "error"  # the server said -ERR
    ADMITTED = "admitted"  # the server said PONG


@dataclass(frozen=True)
class Knock:
    """What came back, and the evidence in words."""

    answer: Answer
    evidence: str


class _Ended(Exception):
    def __init__(self, answer: Answer, evidence: str) -> None:
        self.knock = Knock(answer, evidence)


def knock(url: str, access: Access, encrypt: bool) -> Knock:
    """Knock at ``url`` with the certificate and login of ``access``, each of which may be None. Blocks, bounded.

    encrypt: False sends CONNECT and PING in plain text; a login is then never sent.
    """
    return _reached(url, access, lambda plain, host: _knock(plain, host, access, encrypt))


def say_hello(url: str, access: Access, offer: Offer) -> Knock:
    """Offer TLS and no more: TLS_ALERT when the server refuses it, ADMITTED when it would go on. Blocks, bounded."""
    return _reached(url, access, lambda plain, _host: _say_hello(plain, access, offer))


def _reached(url: str, access: Access, work: Callable[[socket.socket, str], Knock]) -> Knock:
    """Do ``work`` with a connection to ``url``, and the host's name."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 0)
    try:
        if access.tunnel is None:
            with socket.create_connection(address, access.timeout) as plain:
                return work(plain, address[0])
        with passage(access.tunnel, *address) as way:
            found = work(way.connection, address[0])
            # When the tunnel did not come about, the end of the connection says nothing of the server.
            return Knock(Answer.NOTHING, way.complaint()) if way.complaint() else found
    except OSError as error:
        return Knock(Answer.NOTHING, reason(error, access))


def _knock(plain: socket.socket, host: str, access: Access, encrypt: bool) -> Knock:
    wire = _Wire(plain, access.timeout)
    try:
        if encrypt and access.tls_first:
            with wire.encrypted(access, access.tls_hostname or host) as secure:
                return secure.ask(_connect(access, secure.greeting(encrypt)))
        info = wire.greeting(encrypt)
        if not encrypt:
            return wire.ask(_connect(None, info))
        if not (info.get("tls_required") or info.get("tls_available")):
            return Knock(Answer.NO_TLS, "the server offers no TLS")
        with wire.encrypted(access, access.tls_hostname or host) as secure:
            return secure.ask(_connect(access, info))
    except _Ended as ended:
        return ended.knock


def _say_hello(plain: socket.socket, access: Access, offer: Offer) -> Knock:
    wire = _Wire(plain, access.timeout)
    try:
        if not access.tls_first:
            wire.greeting(encrypt=True)
        choice = wire.choice(offer)
    except _Ended as ended:
        return ended.knock
    if choice.refusal:
        return Knock(Answer.TLS_ALERT, choice.refusal)
    if choice.suite is None:
        return Knock(Answer.NOTHING, "the server answers a TLS 1.3 hello with something else")
    return Knock(Answer.ADMITTED, f"{choice.suite} with {choice.group}")


def _connect(access: Optional[Access], info: Mapping[str, Any]) -> bytes:
    said: dict[str, Any] = {"verbose": False, "pedantic": False, "lang": "python3", "version": "1", "protocol": 1}
    if access is not None and access.login is not None and info.get("nonce"):
        said["jwt"] = access.login.token
        said["sig"] = access.login.answer(info["nonce"])
    return b"CONNECT " + json.dumps(said).encode() + b"\r\nPING\r\n"


class _Wire:
    """A socket read line by line until a moment in time."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._end = time.monotonic() + timeout
        self._read = b""

    def _line(self) -> bytes:
        """The next line; empty when the other side has ended."""
        while b"\n" not in self._read and len(self._read) < _MOST:
            self._connection.settimeout(max(0.01, self._end - time.monotonic()))
            received = self._connection.recv(4096)
            if not received:
                break
            self._read += received
        line, _dummy, self._read = self._read.partition(b"\n")
        return line.rstrip(b"\r")

    def greeting(self, encrypt: bool) -> Mapping[str, Any]:
        """The server's INFO; inside TLS, a certificate that it does not want is answered here."""
        inside = isinstance(self._connection, ssl.SSLSocket)
        try:
            line = self._line()
        except socket.timeout:
            line = b""
        except ssl.SSLError as error:
            raise _Ended(Answer.TLS_ALERT, f"TLS: {_words(error)}") from None
        except ConnectionError:
            if not inside:
                raise
            line = b""
        if line.startswith(b"INFO "):
            with contextlib.suppress(ValueError):
                found = json.loads(line[5:])
                if isinstance(found, dict):
                    return found
        if not line and inside:
            raise _Ended(Answer.CLOSED, "the server closed the connection after the TLS handshake")
        if not line and not encrypt:
            raise _Ended(Answer.CLOSED, "no greeting in plain text")
        raise _Ended(Answer.NOTHING, "no NATS server greets there in plain text before TLS")

    def choice(self, offer: Offer) -> Choice:
        """What the server answers to a hello that makes this offer."""
        self._connection.settimeout(self._timeout)
        self._connection.sendall(client_hello(offer, os.urandom(64)))
        received = record(self._connection)
        if wanted(received):
            raise _Ended(Answer.CLOSED, "the server closed the connection in the TLS handshake")
        return read_answer(received)

    @contextlib.contextmanager
    def encrypted(self, access: Access, name: str) -> Iterator[_Wire]:
        """The same wire after a TLS handshake that verifies the server as ``name``."""
        context = tls_context(access.ca, access.pair)
        self._connection.settimeout(self._timeout)
        try:
            secure = context.wrap_socket(self._connection, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            raise _Ended(Answer.DISTRUST, f"its certificate is not accepted: {error.verify_message}") from None
        except ssl.SSLError as error:
            raise _Ended(Answer.TLS_ALERT, f"TLS: {_words(error)}") from None
        except ConnectionError:
            raise _Ended(Answer.CLOSED, "the server closed the connection in the TLS handshake") from None
        with secure:
            yield _Wire(secure, self._timeout)

    def ask(self, message: bytes) -> Knock:
        """Send CONNECT and PING, and read to the verdict."""
        try:
            self._connection.settimeout(self._timeout)
            self._connection.sendall(message)
            while True:
                line = self._line()
                if line == b"PONG":
                    return Knock(Answer.ADMITTED, "let in")
                if line.startswith(b"-ERR"):
                    return Knock(Answer.ERROR, line[4:].decode("utf-8", "replace").strip().strip("'"))
                if not line or line.startswith(_TLS_ALERT):
                    return Knock(Answer.CLOSED, "the server closed the connection")
        except ssl.SSLError as error:
            return Knock(Answer.TLS_ALERT, f"TLS: {_words(error)}")
        except ConnectionError:
            return Knock(Answer.CLOSED, "the server closed the connection")


def _words(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()
