# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revocation before other judges: openssl reads the list, openssl ocsp answers from the index, nats-server staples."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import verb_revocation_list
from ansible_collections.aegis.nats.tests.integration import ocsp_responder
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, call, certificate

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
NAMES = {"dns": ["localhost"], "ip": ["127.0.0.1"]}
WANTED = [
    {"name": "n1/server", "profile": "server", **NAMES},
    {"name": "n2/server", "profile": "server", **NAMES},
    {"name": "ocsp", "profile": "ocsp"},
]


def now() -> datetime:
    return datetime.now(timezone.utc)


def listing(pki: Path, *revoked: Any) -> Any:
    made = call(verb_revocation_list.VERB, {"path": str(pki), "revoked": list(revoked)}, now())
    assert not made.get("failed"), made
    return made


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """Three certificates of which one is revoked; it lies in old.crt, the one that took its place in issued/."""
    pki = tmp_path / "pki"
    authority(pki, now())
    listing(pki)
    certificate(pki, WANTED, now())
    shutil.copy(pki / "issued/n2/server.crt", pki / "old.crt")
    shutil.copy(pki / "issued/n2/server.key", pki / "old.key")
    revoked = [{"name": "n2/server", "reason": "key_compromise"}]
    listing(pki, *revoked)
    made = certificate(pki, WANTED, now(), revoked=revoked)
    assert made["reasons"] == ["n2/server: its certificate is revoked (key_compromise)"]
    return pki


def openssl(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(OPENSSL), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=30)


def test_openssl_reads_the_list(pki: Path) -> None:
    run = openssl("crl", "-in", pki / "ca.crl", "-CAfile", pki / "ca.crt", "-noout", "-text")
    assert "verify OK" in run.stderr
    assert "Key Compromise" in run.stdout
    check = ["verify", "-x509_strict", "-crl_check", "-CAfile", pki / "ca.crt", "-CRLfile", pki / "ca.crl"]
    assert openssl(*check, pki / "issued/n1/server.crt").returncode == 0
    assert openssl(*check, pki / "issued/n2/server.crt").returncode == 0
    assert "certificate revoked" in openssl(*check, pki / "old.crt").stderr


@contextlib.contextmanager
def responder(pki: Path) -> Iterator[str]:
    """The example's responder, running; its URL."""
    with ocsp_responder.responder(pki, ocsp_responder.free_port()) as url:
        yield url


def ask(pki: Path, url: str, leaf: Path) -> str:
    question = ["ocsp", "-issuer", pki / "ca.crt", "-cert", leaf, "-url", url, "-CAfile", pki / "ca.crt", "-no_nonce"]
    run = openssl(*question)
    assert "Response verify OK" in run.stderr, run.stderr
    return run.stdout


def test_a_responder_answers_from_the_index(pki: Path) -> None:
    with responder(pki) as url:
        assert "server.crt: good" in ask(pki, url, pki / "issued/n1/server.crt")
        assert "server.crt: good" in ask(pki, url, pki / "issued/n2/server.crt")
        said = ask(pki, url, pki / "old.crt")
        assert "old.crt: revoked" in said
        assert "Reason: keyCompromise" in said


CONFIG = """
listen: 127.0.0.1:{port}
tls {{ cert_file: "{certificate}", key_file: "{key}", ca_file: "{pki}/ca.crt" }}
ocsp {{ mode: {mode}, url: "{url}" }}
"""


@contextlib.contextmanager
def server(pki: Path, leaf: Path, url: str, mode: str = "always") -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    config, log = pki / "server.conf", pki / "server.log"
    names = {"certificate": leaf, "key": leaf.with_suffix(".key"), "pki": pki, "url": url, "mode": mode}
    config.write_text(CONFIG.format(port=port, **names))
    with log.open("w") as output:
        process = subprocess.Popen([SERVERS[-1], "-c", str(config)], stdout=output, stderr=output, text=True, cwd=pki)
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end and process.poll() is None and "Server is ready" not in log.read_text():
            time.sleep(0.05)
        yield process, port, log
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(10)


def staple(pki: Path, port: int) -> str:
    """What a client that asks for a stapled answer gets to see; nats-server speaks before TLS begins."""
    run = subprocess.run(
        ["python3", "-c", PROXY, str(OPENSSL), str(port), str(pki / "ca.crt")],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    return run.stdout + run.stderr


# openssl s_client knows no NATS: a listener that has taken the INFO line already stands between the two.
PROXY = """
import socket, subprocess, sys, threading
openssl, port, ca = sys.argv[1:]
listener = socket.create_server(("127.0.0.1", 0))
def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
def serve():
    client = listener.accept()[0]
    upstream = socket.create_connection(("127.0.0.1", int(port)))
    info = b""
    while not info.endswith(b"\\r\\n"):
        info += upstream.recv(1)
    threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
    pump(upstream, client)
threading.Thread(target=serve, daemon=True).start()
run = subprocess.run(
    [openssl, "s_client", "-connect", "127.0.0.1:%d" % listener.getsockname()[1], "-status", "-CAfile", ca],
    input="", capture_output=True, text=True, timeout=20,
)
print(run.stdout, run.stderr)
"""


@pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
def test_a_server_staples(pki: Path) -> None:
    with responder(pki) as url, server(pki, pki / "issued/n1/server.crt", url) as (process, port, log):
        assert process.poll() is None, log.read_text()
        said = staple(pki, port)
        assert "OCSP Response Status: successful" in said, said
        assert "Cert Status: good" in said
        assert "Verify return code: 0 (ok)" in said


@pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
def test_a_server_with_a_revoked_certificate_or_without_responder_does_not_start(pki: Path) -> None:
    with responder(pki) as url, server(pki, pki / "old.crt", url) as (process, _dummy, log):
        assert process.wait(10) != 0
        assert "revoked" in log.read_text().lower(), log.read_text()
    with server(pki, pki / "issued/n1/server.crt", url) as (process, _dummy, log):
        assert process.wait(10) != 0
        assert "exhausted ocsp servers" in log.read_text(), log.read_text()


@pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
def test_a_server_reads_no_list(pki: Path) -> None:
    """The plain truth of docs/revocation.md: a client with a revoked certificate is let in, until it is pinned out."""
    config = pki / "plain.conf"
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    listing(pki)
    app = {"name": "app", "profile": "client"}
    certificate(pki, [*WANTED, app], now())
    shutil.copy(pki / "issued/app.crt", pki / "gone.crt")
    shutil.copy(pki / "issued/app.key", pki / "gone.key")
    revoked = {"name": "app", "reason": "key_compromise"}
    listing(pki, revoked)
    fresh = certificate(pki, [*WANTED, app], now(), revoked=[revoked])["certificates"]["app"]["spki_sha256"]
    for pins, taken in (("", {"gone": True, "issued/app": True}), (fresh, {"gone": False, "issued/app": True})):
        pinned = f'pinned_certs: ["{pins}"]' if pins else ""
        config.write_text(
            f'listen: 127.0.0.1:{port}\ntls {{ cert_file: "{pki}/issued/n1/server.crt"\n'
            f'key_file: "{pki}/issued/n1/server.key"\nca_file: "{pki}/ca.crt"\nverify: true\n{pinned} }}\n'
        )
        with (pki / "plain.log").open("w") as log:
            process = subprocess.Popen([SERVERS[-1], "-c", str(config)], stdout=log, stderr=log)
        try:
            for _dummy in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.05)
            assert {name: gets_in(pki, port, name) for name in taken} == taken
        finally:
            process.terminate()
            process.wait(10)


def gets_in(pki: Path, port: int, name: str) -> bool:
    import ssl

    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / f"{name}.crt", pki / f"{name}.key")
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
            plain.recv(4096)
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                secure.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
                return b"PONG" in secure.recv(4096)
    except (ssl.SSLError, ConnectionError):
        return False
