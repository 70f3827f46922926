# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A TLS scanner before every listener of a deployed server, and before one that is weak on purpose.

The tests of the deployed server run in their order, on one cluster.
"""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.tls import GCM_SUITES, TLS13_SUITES
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate
from ansible_collections.aegis.nats.tests.end_to_end.host_keys import deployed
from ansible_collections.aegis.nats.tests.end_to_end.listeners import LISTENERS, Listeners
from ansible_collections.aegis.nats.tests.end_to_end.tls_scanner import (
    PROTOCOLS,
    Finding,
    Severity,
    accepted,
    curves,
    doorway,
    judge,
    program,
    scan,
)

TLS12 = {"nats_server_tls_min_version": "1.2", "nats_server_cluster_tls_min_version": "1.2"}
CRL = "http://pki.example.com/ca.crl"
WISHES: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "TLS 1.2": TLS12,
    "TLS 1.2, RSA": {**TLS12, "nats_pki_leaf_key_type": "rsa-2048"},
}


@pytest.fixture(scope="module")
def listeners(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Listeners]:
    program()
    made = Estate(tmp_path_factory.mktemp("scanned") / "estate", binary)
    try:
        made.settings["nats_pki_crl_urls"] = [CRL]
        yield Listeners(made)
    finally:
        made.close()


@contextlib.contextmanager
def doors(listeners: Listeners) -> Iterator[dict[str, int]]:
    """Where TLS begins at once, by listener of the first node."""
    ports = {"client": listeners.estate.ports["client"][0], "route": listeners.estate.ports["cluster"][0]}
    ports.update({profile: listeners.ports[profile][0] for profile in LISTENERS})
    with contextlib.ExitStack() as stack:
        for name in ("client", *(profile for profile, (_block, first) in LISTENERS.items() if first)):
            ports[name] = stack.enter_context(doorway(ports[name]))
        yield ports


def scanned(listeners: Listeners) -> dict[str, dict[str, Any]]:
    """What the scanner found at each listener."""
    pki = listeners.estate.root / "nats/pki"
    listeners.issue_for_other()
    shown = (pki / "issued/other/gateway.crt", pki / "issued/other/gateway.key")
    with doors(listeners) as ports:
        found = scan(listeners.estate.root, ports, pki / "ca.crt", shown)
    assert set(found) == {"client", "route", "websocket", "mqtt", "gateway", "leafnode"}
    return found


def above_low(found: dict[str, dict[str, Any]]) -> dict[str, list[Finding]]:
    weighed = {name: [wrong for wrong in judge(each) if wrong.severity > Severity.LOW] for name, each in found.items()}
    return {name: wrong for name, wrong in weighed.items() if wrong}


@pytest.mark.parametrize("wish", WISHES)
def test_every_listener(listeners: Listeners, wish: str) -> None:
    listeners.estate.settings.update(WISHES[wish])
    deployed(listeners.estate)
    found = scanned(listeners)
    assert not above_low(found)
    key = "_RSA_" if "RSA" in wish else "_ECDSA_"
    older = {suite for suite in GCM_SUITES if key in suite} if "1.2" in wish else set()
    for name, each in found.items():
        suites = {protocol: accepted(each, protocol) for protocol in PROTOCOLS}
        assert suites.pop("tls_1_3") == set(TLS13_SUITES), name
        assert suites.pop("tls_1_2") == older, name
        assert not any(suites.values()), name
        assert curves(each) == {"X25519", "secp256r1", "secp384r1", "secp521r1"}, name


def test_a_weaker_wish_is_seen_where_it_was_granted(listeners: Listeners) -> None:
    """The suites of the client port are those of the listeners beside it, and not of routes."""
    weaker = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
    listeners.estate.settings["nats_server_tls_cipher_suites"] = [*GCM_SUITES, weaker]
    run = deployed(listeners.estate)
    assert any("Lucky 13" in warning for warning in run.warnings)
    seen = [Finding(Severity.MEDIUM, f"tls_1_2 with {weaker}")]
    assert above_low(scanned(listeners)) == dict.fromkeys(("client", *LISTENERS), seen)


class _Weak(socketserver.BaseRequestHandler):
    """Whatever OpenSSL still has, and a client that may begin anew as often as it likes."""

    server: _WeakServer

    def handle(self) -> None:
        self.request.settimeout(10)
        with contextlib.suppress(OSError), self.server.context.wrap_socket(self.request, server_side=True) as secured:
            while secured.recv(4096):
                pass


class _WeakServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Weak)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        self.context.options &= ~ssl.OP_NO_RENEGOTIATION
        self.context.options |= 1 << 8  # SSL_OP_ALLOW_CLIENT_RENEGOTIATION
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self.context.minimum_version = ssl.TLSVersion.TLSv1
        self.context.load_cert_chain(certificate, key)


@pytest.fixture
def weak(tmp_path: Path) -> Iterator[tuple[int, Path, Path]]:
    """Port, certificate and key of a listener that nobody should have."""
    key, certificate = tmp_path / "weak.key", tmp_path / "weak.crt"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-sha1", "-days", "900", "-subj", "/CN=weak"]
    subprocess.run([*request, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with _WeakServer(certificate, key) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.server_address[1]), certificate, key
        server.shutdown()
        thread.join(20)


def test_a_weak_listener_is_caught(weak: tuple[int, Path, Path], tmp_path: Path) -> None:
    """The judge of the test above."""
    port, certificate, key = weak
    wrong = judge(scan(tmp_path, {"weak": port}, certificate, (certificate, key))["weak"])
    told = {finding.text: finding.severity for finding in wrong}
    assert told["the certificate names neither a revocation list nor a responder"] is Severity.HIGH
    assert told["tls_1_0 is offered"] is Severity.MEDIUM
    assert told["tls_1_2 with TLS_RSA_WITH_NULL_SHA256"] is Severity.CRITICAL
    assert told["tls_1_2 with TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"] is Severity.MEDIUM
    assert told["tls_1_2 with TLS_RSA_WITH_AES_128_GCM_SHA256"] is Severity.MEDIUM
    assert told["CN=weak: a key of 1024 bits"] is Severity.HIGH
    assert told["CN=weak: signed with sha1"] is Severity.HIGH
    assert told["the certificate lives for 900 days"] is Severity.MEDIUM
    assert told["renegotiation: is_vulnerable_to_client_renegotiation_dos is True"] is Severity.MEDIUM
