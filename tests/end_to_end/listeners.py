# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners beside the port of clients: an estate that has them, what they serve, and a server of somebody else's."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, free_ports, wait_until
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import certificate
from cryptography import x509

#: Profile of the certificate -> block of the configuration, and whether the server speaks before TLS begins.
LISTENERS = {
    "websocket": ("websocket", False),
    "mqtt": ("mqtt", False),
    "gateway": ("gateway", False),
    "leafnode": ("leafnodes", True),
}
PROFILES = ["server", "route", *LISTENERS]


class Listeners:
    """The ports of an estate's listeners by profile and node, and of the server that dials them."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        count = len(estate.nodes)
        taken = {port for ports in estate.ports.values() for port in ports}
        ports = [port for port in free_ports(4 * count + 40) if port not in taken][: 4 * count + 3]
        self.ports = {name: ports[number * count : (number + 1) * count] for number, name in enumerate(LISTENERS)}
        self.other_gateway, self.other_client, self.other_monitor = ports[-3:]
        estate.settings["nats_pki_profiles"] = list(PROFILES)
        for number, node in enumerate(estate.nodes):
            estate.hosts[node]["nats_server_extra_config"] = self.config(number)

    def config(self, number: int) -> dict[str, Any]:
        """What an operator writes."""
        found: dict[str, Any] = {
            block: {
                "listen": f"127.0.0.1:{self.ports[profile][number]}",
                "tls": f"{{{{ nats_server_tls_blocks.{profile} }}}}",
            }
            for profile, (block, _first) in LISTENERS.items()
        }
        other = {"name": "other", "urls": [f"nats://127.0.0.1:{self.other_gateway}"]}
        found["gateway"].update(name="quickstart", connect_retries=3, gateways=[other])
        return found

    def context(self, client: str = "") -> ssl.SSLContext:
        """What a peer verifies with, and what it shows."""
        folder = self.estate.root / "nats/pki"
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        if client:
            context.load_cert_chain(folder / f"issued/{client}.crt", folder / f"issued/{client}.key")
        return context

    @contextlib.contextmanager
    def secured(self, profile: str, number: int, client: str = "") -> Iterator[ssl.SSLSocket]:
        """A fresh handshake with a listener."""
        with socket.create_connection(("127.0.0.1", self.ports[profile][number]), timeout=10) as plain:
            plain.settimeout(10)
            greeting = b""
            while LISTENERS[profile][1] and not greeting.endswith(b"\r\n"):
                greeting += plain.recv(1)
            with self.context(client).wrap_socket(plain, server_hostname="127.0.0.1") as secured:
                yield secured

    def served(self, profile: str, number: int) -> x509.Certificate:
        client = "other/gateway" if profile in ("gateway", "leafnode") else ""
        with self.secured(profile, number, client) as secured:
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")

    def issued(self, profile: str, number: int) -> x509.Certificate:
        place = self.estate.root / f"nats/pki/issued/{self.estate.nodes[number]}/{profile}.crt"
        return x509.load_pem_x509_certificate(place.read_bytes())

    def all_served(self) -> dict[tuple[str, int], int]:
        return {
            (profile, number): self.served(profile, number).serial_number
            for profile in LISTENERS
            for number in range(len(self.estate.nodes))
        }

    def all_issued(self) -> dict[tuple[str, int], int]:
        return {(profile, number): self.issued(profile, number).serial_number for profile, number in self.all_served()}

    def issue_for_other(self) -> None:
        """Certificates of a server that is no host of the inventory."""
        names = {"dns": ["localhost"], "ip": ["127.0.0.1"]}
        wanted = [
            {"name": "other/gateway", "profile": "gateway", **names},
            {"name": "other/leafnode", "profile": "leafnode", **names},
            {"name": "other/websocket", "profile": "websocket", **names},
        ]
        made = certificate(self.estate.root / "nats/pki", wanted, datetime.now(timezone.utc))
        assert not made.get("failed"), made

    def tls(self, name: str, *, verify: bool = False) -> str:
        pki = self.estate.root / "nats/pki"
        own = f'cert_file: "{pki}/issued/{name}.crt", key_file: "{pki}/issued/{name}.key"'
        return f'tls {{ {own}, ca_file: "{pki}/ca.crt"{", verify: true" if verify else ""} }}'

    @contextlib.contextmanager
    def other(self, config: str) -> Iterator[str]:
        """A nats-server of somebody else's; the URL of its monitoring."""
        folder = self.estate.root / "other"
        folder.mkdir(exist_ok=True)
        text = f"listen: 127.0.0.1:{self.other_client}\nhttp: 127.0.0.1:{self.other_monitor}\n{config}\n"
        (folder / "other.conf").write_text(text)
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [self.estate.binary, "-c", str(folder / "other.conf")], stdout=log, stderr=log, cwd=folder
            )
        url = f"http://127.0.0.1:{self.other_monitor}"
        try:
            assert wait_until(lambda: ask(url, "varz") is not None, 15), (folder / "log").read_text()
            yield url
        finally:
            process.terminate()
            process.wait(20)

    def log(self) -> str:
        return (self.estate.root / "other/log").read_text()


def ask(url: str, path: str) -> Optional[Any]:
    try:
        with urllib.request.urlopen(f"{url}/{path}", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


def of_nodes(estate: Estate, path: str) -> list[Any]:
    return [ask(f"http://127.0.0.1:{port}", path) for port in estate.ports["monitoring"]]


def creds(estate: Estate) -> Path:
    return estate.root / "nats/trust/keys/creds/MyCompany/TeamAlpha/order-service.creds"
