# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocking at every listener: real handshakes with right, wrong and missing certificates, old versions, weak suites.

Bounded: some ten connections a listener, each for a few seconds at most, and none stays. A listener of peers is never
given a login, so nothing joins a cluster.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..client.access import Access
from ..node.handshake import GREETS, Answer, Identity, Listener, shake
from ..plan.memory_file import readable
from ..probe.knock import Answer as Said
from ..probe.knock import knock
from ..probe.old_hello import STRONG, VERSIONS, WEAK, Chosen, client_hello, read_answer
from .certificates import described
from .seen import Door, Knocked

_AT_ONCE = 12
#: What is said in clear text to listeners that do not talk as a client's does, and how an answer in clear text begins.
_FIRST_WORDS = {
    "websocket": b"GET / HTTP/1.1\r\nHost: aegis.nats\r\n\r\n",
    "mqtt": b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02xx",
}
_IN_CLEAR = (b"HTTP/", b"\x20\x02", b"INFO", b"PONG", b"-ERR")
_REFUSED, _LET_IN, _UNKNOWN = "refused", "let in", "unknown"


@dataclass(frozen=True)
class Visitor:
    """Who knocks. ca: PEM of the authority that servers must have their certificates from; pair: a certificate of it.

    stranger: a certificate that nobody has signed but its own key.
    """

    ca: Optional[str]
    pair: Optional[bytes] = field(default=None, repr=False)
    stranger: Optional[bytes] = field(default=None, repr=False)
    access: Access = field(default_factory=lambda: Access(()), repr=False)
    timeout: float = 4.0


def knock_at(doors: Sequence[Door], visitor: Visitor) -> tuple[Knocked, ...]:
    """All of them, some at a time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return tuple(pool.map(lambda door: _knock_at(door, visitor), doors))


def _knock_at(door: Door, visitor: Visitor) -> Knocked:
    if door.elsewhere:
        return Knocked(door, why=f"it listens on {door.bound} of its own host")
    try:
        socket.create_connection((door.address, door.port), visitor.timeout).close()
    except OSError as error:
        return Knocked(door, why=error.strerror or str(error))
    found = Knocked(door, reached=True)
    if door.kind == "monitoring":
        return replace(found, plain=_asked_by_http(door, visitor.timeout))
    if door.kind == "profiling":
        return replace(found, plain=(_LET_IN, "it answers"))
    found = replace(found, plain=_plain(door, visitor))
    served = _served(door, visitor)
    found = replace(found, served=served)
    if not served.get("tls"):
        return found
    return replace(
        found,
        old=tuple(version for version in ("TLS 1.0", "TLS 1.1") if _takes(door, version, [*WEAK, *STRONG], visitor)),
        weak=_weak(door, visitor),
        without=_shown(door, visitor, None),
        stranger=_shown(door, visitor, visitor.stranger) if visitor.stranger else (_UNKNOWN, "no certificate to try"),
        anonymous=_anonymous(door, visitor) if door.kind == "client" else (_UNKNOWN, ""),
    )


def _listener(door: Door) -> Listener:
    return Listener(door.subject, door.kind, door.address, door.port, door.tls_first)


def _served(door: Door, visitor: Visitor) -> dict[str, Any]:
    """A handshake as a client of the cluster makes it; where the certificate is not accepted, one that looks at it."""
    shaken = (
        shake(_listener(door), Identity("audit", visitor.ca or "", visitor.pair), visitor.timeout)
        if visitor.ca
        else None
    )
    seen = _look(door, visitor)
    if seen is not None and seen.get("silent"):
        return {"tls": None, "why": f"no answer in {visitor.timeout:g} s"}
    if seen is None:
        return {"tls": False, "why": shaken.evidence if shaken else "no TLS there"}
    trusted = shaken is not None and shaken.answer not in (Answer.DISTRUST, Answer.NOTHING)
    chain = [_strict(door, visitor)] if trusted else []
    why = shaken.evidence if shaken else ""
    known = {"tls": True, "trusted": trusted if visitor.ca else None, "why": why}
    return {**known, "chain": [each for each in chain if each], **seen}


def _strict(door: Door, visitor: Visitor) -> str:
    """Why a verifier that keeps to RFC 5280 (X509_STRICT, the default from Python 3.13 on) refuses the chain."""
    identity = Identity("audit", visitor.ca or "", visitor.pair)
    identity.context.verify_flags |= ssl.VERIFY_X509_STRICT
    found = shake(_listener(door), identity, visitor.timeout)
    return found.evidence if found.answer is Answer.DISTRUST else ""


def _look(door: Door, visitor: Visitor) -> Optional[dict[str, Any]]:
    """The certificate that is shown, whoever has signed it; None without TLS.

    Up to TLS 1.2 a server that asks for a certificate ends the handshake before this side may look at its own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if visitor.pair is not None:
        with readable(visitor.pair) as path:
            context.load_cert_chain(path)
    try:
        with socket.create_connection((door.address, door.port), visitor.timeout) as plain:
            if GREETS[door.kind] and not door.tls_first and not _greeting(plain).startswith(b"INFO "):
                return None
            with context.wrap_socket(plain, server_hostname=door.address) as secure:
                return {"version": secure.version(), **described(secure.getpeercert(binary_form=True) or b"")}
    except socket.timeout:
        return {"silent": True}
    except ssl.SSLError as error:
        return {"version": "TLS"} if "ALERT" in str(error.reason) else None
    except OSError:
        return None


def _greeting(plain: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < 64 * 1024:
        received = plain.recv(1)
        if not received:
            break
        line += received
    return line


def _hello(door: Door, version: str, suites: Sequence[str], visitor: Visitor) -> Chosen:
    try:
        with socket.create_connection((door.address, door.port), visitor.timeout) as plain:
            if GREETS[door.kind] and not door.tls_first:
                _greeting(plain)
            plain.sendall(client_hello(version, suites, os.urandom(32)))
            received = b""
            while len(received) < 5 or len(received) < 5 + int.from_bytes(received[3:5], "big"):
                part = plain.recv(4096)
                if not part:
                    break
                received += part
            return read_answer(received)
    except ConnectionError:
        return Chosen(refused=True)
    except OSError:
        return Chosen()


def _takes(door: Door, version: str, suites: Sequence[str], visitor: Visitor) -> bool:
    chosen = _hello(door, version, suites, visitor)
    return bool(chosen.version) and VERSIONS.get(chosen.version, 0) <= VERSIONS[version]


def _weak(door: Door, visitor: Visitor) -> tuple[str, ...]:
    """The weak suites of TLS 1.2 that it takes, one after the other until none is left."""
    left, found = list(WEAK), []
    while left:
        chosen = _hello(door, "TLS 1.2", left, visitor)
        if chosen.suite not in left:
            break
        found.append(chosen.suite)
        left.remove(chosen.suite)
    return tuple(found)


def _shown(door: Door, visitor: Visitor, pair: Optional[bytes]) -> tuple[str, str]:
    """What becomes of one who shows this certificate, or none."""
    if visitor.ca is None:
        return _UNKNOWN, "without the authority's certificate the server can't be told from another"
    found = shake(_listener(door), Identity("audit", visitor.ca, pair), visitor.timeout)
    if found.answer is Answer.ACCEPTED:
        return _LET_IN, found.evidence
    if found.answer in (Answer.REFUSED, Answer.CLOSED):
        return _REFUSED, found.evidence
    return _UNKNOWN, found.evidence


def _plain(door: Door, visitor: Visitor) -> tuple[str, str]:
    """Whether it talks without TLS."""
    if door.kind == "client":
        said = knock(f"nats://{_host(door)}", replace(visitor.access, login=None), encrypt=False)
        if said.answer is Said.ADMITTED or (said.answer is Said.ERROR and "TLS Required" not in said.evidence):
            return _LET_IN, said.evidence
        return (_UNKNOWN if said.answer is Said.NOTHING else _REFUSED), said.evidence
    try:
        with socket.create_connection((door.address, door.port), visitor.timeout) as plain:
            if GREETS[door.kind] and not door.tls_first:
                _greeting(plain)
            plain.sendall(_FIRST_WORDS.get(door.kind, b"CONNECT {}\r\nPING\r\n"))
            answer = plain.recv(256)
    except socket.timeout:
        return _UNKNOWN, f"no answer in {visitor.timeout:g} s"
    except OSError as error:
        return _REFUSED, error.strerror or str(error)
    if answer.startswith(_IN_CLEAR) and b"TLS" not in answer:
        return _LET_IN, "it answers in clear text"
    return _REFUSED, "it does not talk in clear text"


def _anonymous(door: Door, visitor: Visitor) -> tuple[str, str]:
    """A client with a certificate, if there is one, and nothing else."""
    said = knock(f"tls://{_host(door)}", replace(visitor.access, login=None), encrypt=True)
    if said.answer is Said.ADMITTED:
        return _LET_IN, said.evidence
    if said.answer is Said.ERROR and "Authorization" in said.evidence:
        return _REFUSED, said.evidence
    refused_before = said.answer in (Said.TLS_ALERT, Said.CLOSED) and visitor.access.pair is None
    return (_REFUSED if refused_before else _UNKNOWN), said.evidence


def _asked_by_http(door: Door, timeout: float) -> tuple[str, str]:
    """Whoever asks by http or https: nats-server asks nobody there for a certificate (StartHTTPSMonitoring)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for connection in (
        http.client.HTTPConnection(door.address, door.port, timeout=timeout),
        http.client.HTTPSConnection(door.address, door.port, timeout=timeout, context=context),
    ):
        try:
            connection.request("GET", "/varz")
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
        return (_LET_IN if status == 200 else _REFUSED), f"GET /varz answers {status}"
    return _UNKNOWN, "it talks neither HTTP nor HTTPS"


def _host(door: Door) -> str:
    return f"[{door.address}]:{door.port}" if ":" in door.address else f"{door.address}:{door.port}"
