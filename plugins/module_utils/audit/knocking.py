# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocking at every listener: real handshakes with right, wrong and missing certificates, old versions, weak suites.

Bounded: some ten connections a listener, each for a few seconds at most, and none stays. A listener of peers is never
given a login, so nothing joins a cluster.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Optional

from ..client.access import Access
from ..node.handshake import Answer, Identity, read_greeting, shake
from ..plan.memory_file import readable
from ..probe.knock import Answer as Said
from ..probe.knock import knock
from ..probe.old_hello import STRONG, VERSIONS, WEAK, Chosen, client_hello, read_answer
from ..probe.wire import record
from .certificates import described
from .seen import PEERS, Door, Knocked

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
    """Who knocks. access: the authority that servers must have their certificates from, and a certificate of it.

    stranger: a certificate that nobody has signed but its own key. for_servers: one of the authority that is for
    servers alone, so that no peer may show it; lacking: why there is none. Each way to shake hands is made once for
    all doors; without an authority a server can't be told from another, so then there is none.
    """

    access: Access
    stranger: Optional[bytes] = field(default=None, repr=False)
    for_servers: Optional[bytes] = field(default=None, repr=False)
    lacking: str = "none is at hand"

    @property
    def timeout(self) -> float:
        return self.access.timeout

    def access_to(self, door: Door) -> Access:
        """With the certificate and no login, in the order that the door wants."""
        hostname = door.verified_as or self.access.tls_hostname
        return replace(self.access, login=None, tls_first=door.tls_first, tls_hostname=hostname)

    @property
    def _pem(self) -> Optional[bytes]:
        return self.access.pair.pem if self.access.pair else None

    @cached_property
    def known(self) -> Optional[Identity]:
        """A client of the cluster."""
        return self._as(self._pem)

    @cached_property
    def strict(self) -> Optional[Identity]:
        """The same, verifying as RFC 5280 has it (X509_STRICT, the default from Python 3.13 on)."""
        found = self._as(self._pem)
        if found is not None:
            found.context.verify_flags |= ssl.VERIFY_X509_STRICT
        return found

    @cached_property
    def nobody(self) -> Optional[Identity]:
        """One without a certificate."""
        return self._as(None)

    @cached_property
    def outsider(self) -> Optional[Identity]:
        """One with the stranger's."""
        return self._as(self.stranger)

    @cached_property
    def misused(self) -> Optional[Identity]:
        """One with a certificate that is for something else."""
        return self._as(self.for_servers) if self.for_servers else None

    @cached_property
    def looking(self) -> ssl.SSLContext:
        """For a look at whatever certificate is shown."""
        context = unverified_context()
        if self._pem is not None:
            with readable(self._pem) as path:
                context.load_cert_chain(path)
        return context

    def _as(self, pair: Optional[bytes]) -> Optional[Identity]:
        ca = self.access.ca
        return Identity("audit", ca.decode("ascii", "replace"), pair) if ca else None


def unverified_context() -> ssl.SSLContext:
    """For what is read from whoever answers; nothing that matters is sent there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


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
    seen = _look(door, visitor)
    door = replace(door, verified_as=_other_name(door, seen or {}))
    served = _served(door, visitor, seen)
    found = replace(found, door=door, served=served)
    if not served.get("tls"):
        return found
    return replace(
        found,
        old=tuple(version for version in ("TLS 1.0", "TLS 1.1") if _takes(door, version, [*WEAK, *STRONG], visitor)),
        weak=_weak(door, visitor),
        strong=_takes_strong(door, visitor),
        without=_shown(door, visitor.nobody, visitor.timeout),
        stranger=_shown(door, visitor.outsider, visitor.timeout)
        if visitor.stranger
        else (_UNKNOWN, "no certificate to try"),
        misused=_misused(door, visitor),
        anonymous=_anonymous(door, visitor) if door.kind == "client" else (_UNKNOWN, ""),
    )


def _other_name(door: Door, seen: Mapping[str, Any]) -> str:
    """A name that a certificate has, where it does not have the IP address by which it is reached."""
    names = [str(name) for name in seen.get("names") or []]
    try:
        ipaddress.ip_address(door.address)
    except ValueError:
        return ""
    return "" if door.address in names or not names else names[0].replace("*", "any", 1)


def _served(door: Door, visitor: Visitor, seen: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    """A handshake as a client of the cluster makes it, beside what was seen of the certificate."""
    shaken = shake(door.listener, visitor.known, visitor.timeout) if visitor.known else None
    if seen is not None and seen.get("silent"):
        return {"tls": None, "why": f"no answer in {visitor.timeout:g} s"}
    if seen is None:
        return {"tls": False, "why": shaken.evidence if shaken else "no TLS there"}
    known: dict[str, Any] = {"tls": True, "trusted": None, "why": "", "chain": []}
    if shaken is not None:
        trusted = shaken.answer not in (Answer.DISTRUST, Answer.NOTHING)
        known.update(trusted=trusted, why=shaken.evidence, chain=_strict(door, visitor) if trusted else [])
    return {**known, **seen}


def _strict(door: Door, visitor: Visitor) -> list[str]:
    """Why a strict verifier refuses the chain."""
    found = shake(door.listener, visitor.strict, visitor.timeout) if visitor.strict else None
    return [found.evidence] if found is not None and found.answer is Answer.DISTRUST else []


@contextlib.contextmanager
def _connected(door: Door, visitor: Visitor) -> Iterator[tuple[socket.socket, bytes]]:
    """A connection, and the greeting that stands before its handshake. Raises OSError."""
    with socket.create_connection((door.address, door.port), visitor.timeout) as plain:
        yield plain, read_greeting(plain) if door.listener.greets else b""


def _look(door: Door, visitor: Visitor) -> Optional[dict[str, Any]]:
    """The certificate that is shown, whoever has signed it; None without TLS.

    Up to TLS 1.2 a server that asks for a certificate ends the handshake before this side may look at its own.
    """
    try:
        with _connected(door, visitor) as (plain, greeting):
            if door.listener.greets and not greeting.startswith(b"INFO "):
                return None
            with visitor.looking.wrap_socket(plain, server_hostname=door.address) as secure:
                return {"version": secure.version(), **described(secure.getpeercert(binary_form=True) or b"")}
    except socket.timeout:
        return {"silent": True}
    except ssl.SSLError as error:
        return {"version": "TLS"} if "ALERT" in str(error.reason) else None
    except OSError:
        return None


def _hello(door: Door, version: str, suites: Sequence[str], visitor: Visitor) -> Chosen:
    try:
        with _connected(door, visitor) as (plain, _greeting):
            plain.sendall(client_hello(version, suites, os.urandom(32)))
            return read_answer(record(plain))
    except ConnectionError:
        return Chosen(refused=True)
    except OSError:
        return Chosen()


def _takes(door: Door, version: str, suites: Sequence[str], visitor: Visitor) -> bool:
    chosen = _hello(door, version, suites, visitor)
    return bool(chosen.version) and VERSIONS.get(chosen.version, 0) <= VERSIONS[version]


def _takes_strong(door: Door, visitor: Visitor) -> Optional[bool]:
    """Whether TLS 1.2 is taken with any of the strong suites; None where the answer tells nothing."""
    chosen = _hello(door, "TLS 1.2", list(STRONG), visitor)
    return True if chosen.suite in STRONG else False if chosen.refused else None


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


def _misused(door: Door, visitor: Visitor) -> tuple[str, str]:
    """A listener of clients may be shown one by a server that is a client as well, so only peers are asked."""
    if door.kind not in PEERS:
        return _UNKNOWN, ""
    if visitor.misused is None:
        return _UNKNOWN, visitor.lacking
    return _shown(door, visitor.misused, visitor.timeout)


def _shown(door: Door, identity: Optional[Identity], timeout: float) -> tuple[str, str]:
    """What becomes of one who shows this certificate, or none."""
    if identity is None:
        return _UNKNOWN, "without the authority's certificate the server can't be told from another"
    found = shake(door.listener, identity, timeout)
    if found.answer is Answer.ACCEPTED:
        return _LET_IN, found.evidence
    if found.answer in (Answer.REFUSED, Answer.CLOSED):
        return _REFUSED, found.evidence
    return _UNKNOWN, found.evidence


def _plain(door: Door, visitor: Visitor) -> tuple[str, str]:
    """Whether it talks without TLS."""
    if door.kind == "client":
        said = knock(door.url("nats"), visitor.access_to(door), encrypt=False)
        if said.answer is Said.ADMITTED or (said.answer is Said.ERROR and "TLS Required" not in said.evidence):
            return _LET_IN, said.evidence
        return (_UNKNOWN if said.answer is Said.NOTHING else _REFUSED), said.evidence
    try:
        with _connected(door, visitor) as (plain, _greeting):
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
    said = knock(door.url("tls"), visitor.access_to(door), encrypt=True)
    if said.answer is Said.ADMITTED:
        return _LET_IN, said.evidence
    if said.answer is Said.ERROR and "Authorization" in said.evidence:
        return _REFUSED, said.evidence
    refused_before = said.answer in (Said.TLS_ALERT, Said.CLOSED) and visitor.access.pair is None
    return (_REFUSED if refused_before else _UNKNOWN), said.evidence


def _asked_by_http(door: Door, timeout: float) -> tuple[str, str]:
    """Whoever asks by http or https: nats-server asks nobody there for a certificate (StartHTTPSMonitoring)."""
    for connection in (
        http.client.HTTPConnection(door.address, door.port, timeout=timeout),
        http.client.HTTPSConnection(door.address, door.port, timeout=timeout, context=unverified_context()),
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
