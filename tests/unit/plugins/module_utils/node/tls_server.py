# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real TLS server on loopback that speaks the first words of a listener, with certificates of a real authority."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ansible_collections.aegis.nats.plugins.module_utils.node.handshake import Identity
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki import calls

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
INFO = b'INFO {"tls_required":true}\r\n'


@dataclass(frozen=True)
class Pki:
    """An authority with a server's and a client's certificate."""

    folder: Path

    @property
    def ca(self) -> str:
        return (self.folder / "ca.crt").read_text()

    def file(self, name: str, kind: str = "crt") -> str:
        return str(self.folder / f"issued/{name}.{kind}")

    def pair(self, name: str) -> bytes:
        return Path(self.file(name)).read_bytes() + Path(self.file(name, "key")).read_bytes()

    def client(self, ca: Optional[str] = None) -> Identity:
        return Identity("app", ca or self.ca, self.pair("app"))


def make(folder: Path, common_name: str) -> tuple[Pki, str]:
    """The authority, and the serial of its server's certificate."""
    now = datetime.now(timezone.utc)
    calls.authority(folder, now, common_name=common_name)
    wanted = [
        {"name": "server", "profile": "server", "ip": ["127.0.0.1"]},
        {"name": "app", "profile": "client", "common_name": "app"},
    ]
    made = calls.certificate(folder, wanted, now)
    return Pki(folder), made["certificates"]["server"]["serial"]


@contextlib.contextmanager
def accepting(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a listener that hands on every connection, one after the other, until it is left."""

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                serve(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextlib.contextmanager
def listening(
    pki: Pki,
    *,
    greeting: bytes = INFO,
    version: ssl.TLSVersion = TLS_1_3,
    answer: bytes = b"PONG\r\n",
    tls: bool = True,
) -> Iterator[int]:
    """The port of a server that demands client certificates of the same authority, until it is left.

    greeting: what it says in clear text first. answer: what it says to the first words; nothing: it closes then.
    tls: whether it goes on to the handshake.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.file("server"), pki.file("server", "key"))
    context.load_verify_locations(str(pki.folder / "ca.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = version
    held: list[socket.socket] = []

    def serve(plain: socket.socket) -> None:
        held.append(plain)
        with contextlib.suppress(OSError):
            plain.sendall(greeting)
            if tls:
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1000)
                    secure.sendall(answer) if answer else None

    try:
        with accepting(serve) as port:
            yield port
    finally:
        for plain in held:
            plain.close()
