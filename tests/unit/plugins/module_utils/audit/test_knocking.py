# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocking at listeners: a TLS server that asks for certificates, one that talks in clear text, and nobody."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_listeners
from ansible_collections.aegis.nats.plugins.module_utils.audit.certificates import stranger
from ansible_collections.aegis.nats.plugins.module_utils.audit.knocking import Visitor, knock_at
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door, Knocked
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import seen
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import (
    TLS_1_2,
    TLS_1_3,
    Pki,
    listening,
    make,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki import calls

NOW = datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make(tmp_path_factory.mktemp("pki"), "An authority")[0]


@pytest.fixture(scope="module")
def visitor(pki: Pki) -> Visitor:
    return Visitor(known(pki, 2), stranger(NOW), pki.pair("server"), "")


def known(pki: Pki, timeout: float) -> Access:
    """A client of the cluster."""
    pair = Pair(*(Path(pki.file("app", kind)).read_bytes() for kind in ("crt", "key")))
    return Access((), ca=pki.ca.encode(), pair=pair, timeout=timeout)


def knocked(port: int, visitor: Visitor, kind: str = "route") -> Knocked:
    return knock_at([Door("h1", "n1", kind, "127.0.0.1", port)], visitor)[0]


def test_a_listener_that_asks_for_certificates(pki: Pki, visitor: Visitor) -> None:
    with listening(pki, greeting=b"", version=TLS_1_2) as port:
        found = knocked(port, visitor)
    assert found.reached and found.served["tls"] and found.served["trusted"], found
    assert found.served["version"] == "TLSv1.2" and found.served["ends"] > NOW
    assert found.old == () and found.without[0] == found.stranger[0] == found.misused[0] == "refused", found


def test_only_peers_are_shown_a_certificate_of_the_wrong_use(pki: Pki, visitor: Visitor) -> None:
    with listening(pki) as port:
        assert knocked(port, visitor, "client").misused == ("unknown", "")
    with listening(pki, greeting=b"") as port:
        assert knocked(port, Visitor(known(pki, 2), None, None, "no key")).misused == ("unknown", "no key")


@pytest.fixture(scope="module")
def by_name(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Its server's certificate has a name and no address."""
    folder = tmp_path_factory.mktemp("by_name")
    calls.authority(folder, NOW)
    wanted = [
        {"name": "server", "profile": "server", "dns": ["*.nats.internal"]},
        {"name": "app", "profile": "client", "common_name": "app"},
    ]
    assert not calls.certificate(folder, wanted, NOW).get("failed")
    return Pki(folder)


def test_a_certificate_for_a_name_is_no_stranger_s_where_the_address_is_knocked_at(by_name: Pki) -> None:
    with listening(by_name, greeting=b"", version=TLS_1_2) as port:
        found = knocked(port, Visitor(known(by_name, 2), stranger(NOW)))
    assert found.served["trusted"] and found.door.verified_as == "any.nats.internal", found
    assert found.without[0] == found.stranger[0] == "refused"
    with listening(by_name) as port:
        found = knock_at([Door("h1", "n1", "client", "localhost", port)], Visitor(known(by_name, 2), stranger(NOW)))[0]
    assert found.served["trusted"] is False and "mismatch" in found.served["why"].lower()


@pytest.mark.parametrize(("version", "strong"), [(TLS_1_2, True), (TLS_1_3, False)])
def test_whether_tls_1_2_is_taken(pki: Pki, visitor: Visitor, version: ssl.TLSVersion, strong: bool) -> None:
    with listening(pki, greeting=b"", version=version) as port:
        assert knocked(port, visitor).strong is strong


def test_one_of_another_authority(pki: Pki, visitor: Visitor, tmp_path_factory: pytest.TempPathFactory) -> None:
    other, _serial = make(tmp_path_factory.mktemp("other"), "Another authority")
    with listening(other, greeting=b"") as port:
        found = knocked(port, visitor)
    assert found.served["tls"] and found.served["trusted"] is False
    assert "certificate is not accepted" in found.served["why"]
    assert found.without[0] == "unknown"


def test_without_an_authority_nothing_is_concluded(pki: Pki) -> None:
    with listening(pki, greeting=b"") as port:
        found = knocked(port, Visitor(Access((), timeout=2)))
    assert found.served["trusted"] is None and found.without[0] == "unknown"


def test_nobody_there(visitor: Visitor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = knocked(port, visitor)
    assert not found.reached and "refused" in found.why.lower()


class _Varz(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/varz" else 404)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def monitoring() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Varz)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_monitoring_that_answers(monitoring: int, visitor: Visitor) -> None:
    assert knocked(monitoring, visitor, "monitoring").plain == ("let in", "GET /varz answers 200")


def test_a_listener_in_clear_text(visitor: Visitor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _dummy in range(6):
                plain, _address = listener.accept()
                # Who only looks whether it listens is gone by now.
                with plain, contextlib.suppress(ConnectionError):
                    plain.sendall(b'INFO {"server_id":"N"}\r\n')
                    plain.settimeout(5)
                    plain.recv(1000)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        found = knocked(listener.getsockname()[1], visitor)
    assert found.reached and found.served == {"tls": False, "why": found.served["why"]}
    assert found.plain == ("let in", "it answers in clear text")


def test_the_context_that_looks_verifies_nothing_but_keeps_nothing(pki: Pki, visitor: Visitor) -> None:
    """Only the certificate is read there: nothing is sent over that connection."""
    with listening(pki, greeting=b"", version=ssl.TLSVersion.TLSv1_3) as port:
        assert knocked(port, visitor).served["version"] == "TLSv1.3"


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_there_is_not(visitor: Visitor, port: int) -> None:
    """What a host tells is not to be believed, and a server that takes a random port says -1."""
    found = knocked(port, visitor, "client")
    assert not found.reached and found.why


def silent(connections: list[socket.socket]) -> socket.socket:
    """A listener that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connections.append(listener.accept()[0])

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.mark.parametrize("kind", ["client", "route"])
def test_a_listener_that_says_nothing_is_not_taken_for_one_without_tls(pki: Pki, kind: str) -> None:
    held: list[socket.socket] = []
    visitor = Visitor(known(pki, 0.3))
    with silent(held) as listener:
        found = knocked(listener.getsockname()[1], visitor, kind)
    for each in held:
        each.close()
    (finding,) = judge_listeners.authority(seen(knocked=[found]))
    assert finding.verdict is Verdict.COULD_NOT_LOOK


def test_monitoring_that_answers_by_https(pki: Pki, visitor: Visitor) -> None:
    """nats-server asks nobody for a certificate there (StartHTTPSMonitoring), so whoever knocks is let in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.file("server"), pki.file("server", "key"))
    with HTTPServer(("127.0.0.1", 0), _Varz) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        found = knocked(server.server_port, visitor, "monitoring")
        server.shutdown()
        thread.join(10)
    assert found.plain == ("let in", "GET /varz answers 200")


def test_profiling_that_answers(monitoring: int, visitor: Visitor) -> None:
    assert knocked(monitoring, visitor, "profiling").plain == ("let in", "it answers")


def test_old_versions_and_weak_suites_are_found(pki: Pki, visitor: Visitor) -> None:
    """A server of OpenSSL that takes what it should not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.file("server"), pki.file("server", "key"))
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-GCM-SHA384:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _address = listener.accept()
                with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(1000)
                    secure.sendall(b"PONG\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        found = knocked(listener.getsockname()[1], visitor)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    assert found.old == ("TLS 1.0", "TLS 1.1")
    assert found.weak == ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",)
    assert found.without[0] == found.stranger[0] == "let in"
