# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that stay connected through a change, and a fresh look at what a listener serves."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import ssl
import threading
import urllib.request
from types import TracebackType
from typing import Any, Optional

import nats
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate
from cryptography import x509
from cryptography.hazmat.primitives import serialization

#: Where this user may hear replies.
INBOX = "_INBOX_order-service"
CREDS = "nats/trust/keys/creds/MyCompany/TeamAlpha/order-service.creds"


def tls_context(estate: Estate) -> ssl.SSLContext:
    """What the deploy's own client connects with; the server's certificate must be right for 127.0.0.1."""
    folder = estate.root / "nats/pki"
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(folder / "issued/clients/deploy.crt", folder / "issued/clients/deploy.key")
    return context


def served(estate: Estate, number: int) -> x509.Certificate:
    """The certificate that a fresh handshake with a node's client port brings; verified against the authority."""
    with socket.create_connection(("127.0.0.1", estate.ports["client"][number]), timeout=10) as plain:
        plain.settimeout(10)
        greeting = b""
        while not greeting.endswith(b"\r\n"):
            greeting += plain.recv(1)
        assert greeting.startswith(b"INFO ")
        with tls_context(estate).wrap_socket(plain, server_hostname="127.0.0.1") as secured:
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")


def key_digest(certificate: x509.Certificate) -> str:
    """As keys on hosts are named."""
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(certificate.public_key().public_bytes(*form)).hexdigest()[:16]


def routes(estate: Estate) -> dict[str, list[tuple[int, str]]]:
    """By node, its routes: id and start. Equal before and after when none was dropped."""
    found = {}
    for name, port in zip(estate.nodes, estate.ports["monitoring"]):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/routez", timeout=5) as answer:
            told = json.load(answer)["routes"]
        found[name] = sorted((route["rid"], route["start"]) for route in told)
    return found


class Staying:
    """A client on each node that goes to its server and back all the time, and counts what went wrong."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.disconnects = 0
        self.errors: list[str] = []
        self.round_trips = 0
        self._connected = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Staying:
        self._thread.start()
        assert self._connected.wait(30), self.errors
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._end.set()
        self._thread.join(30)

    async def _run(self) -> None:
        clients = [await self._client(port) for port in self._estate.ports["client"]]
        self._connected.set()
        while not self._end.is_set():
            for client in clients:
                try:
                    await client.flush(timeout=10)
                    self.round_trips += 1
                except Exception as error:
                    self.errors.append(repr(error))
            await asyncio.sleep(0.05)
        for client in clients:
            await client.close()

    async def _client(self, port: int) -> Any:
        async def lost() -> None:
            if not self._end.is_set():
                self.disconnects += 1

        async def failed(error: Exception) -> None:
            self.errors.append(repr(error))

        return await nats.connect(
            f"tls://127.0.0.1:{port}",
            tls=tls_context(self._estate),
            user_credentials=str(self._estate.root / CREDS),
            disconnected_cb=lost,
            error_cb=failed,
            max_reconnect_attempts=-1,
        )
