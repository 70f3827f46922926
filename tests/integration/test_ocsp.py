# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that name a responder, with the real judges: nats-server staples and asks, openssl sees it and follows
the URLs. The table of docs/revocation.md, row by row.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import verb_revocation_list
from ansible_collections.aegis.nats.tests.integration.ocsp_responder import free_port, listening, responder
from ansible_collections.aegis.nats.tests.integration.test_revocation import now
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, call, certificate

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(
    OPENSSL is None or not SERVERS, reason="no openssl, or AEGIS_NATS_SERVERS names nothing"
)


class Estate:
    """An authority, two certificates of a server (the second to be stapled), one of a client, one of the responder."""

    def __init__(self, root: Path) -> None:
        self.root, self.pki = root, root / "pki"
        self.ocsp, self.web, self.client = free_port(), free_port(), free_port()
        authority(self.pki, now())
        self.revoke()
        urls = {
            "ocsp_urls": [f"http://127.0.0.1:{self.ocsp}"],
            "crl_urls": [f"http://127.0.0.1:{self.web}/ca.crl"],
            "issuer_urls": [f"http://127.0.0.1:{self.web}/ca.crt"],
        }
        names = {"dns": ["localhost"], "ip": ["127.0.0.1"]}
        made = certificate(
            self.pki,
            [
                {"name": "plain", "profile": "server", **names, **urls},
                {"name": "must", "profile": "server", "must_staple": True, **names, **urls},
                {"name": "app", "profile": "client", **urls},
                {"name": "ocsp", "profile": "ocsp"},
            ],
            now(),
        )
        assert not made.get("failed"), made

    def revoke(self, *names: str) -> None:
        revoked = [{"name": name, "reason": "key_compromise"} for name in names]
        made = call(verb_revocation_list.VERB, {"path": str(self.pki), "revoked": revoked}, now())
        assert not made.get("failed"), made

    def responder(self, minutes: int = 60) -> Any:
        return responder(self.pki, self.ocsp, minutes)

    @contextlib.contextmanager
    def server(self, leaf: str, ocsp: str = "", tls: str = "", store: bool = False) -> Iterator[tuple[Any, Path]]:
        """nats-server with TLS from the first byte; it runs, or has ended."""
        log, issued = self.root / "server.log", self.pki / "issued"
        stored = f'jetstream {{ store_dir: "{self.root}/js", max_file_store: 1M, max_memory_store: 1M }}'
        (self.root / "server.conf").write_text(
            f"listen: 127.0.0.1:{self.client}\n"
            f'tls {{ cert_file: "{issued}/{leaf}.crt", key_file: "{issued}/{leaf}.key"\n'
            f'ca_file: "{self.pki}/ca.crt", handshake_first: true\n{tls} }}\n{stored if store else ""}\n'
            f"{f'ocsp {{ {ocsp} }}' if ocsp else ''}\n"
        )
        with log.open("w") as output:
            process = subprocess.Popen(
                [SERVERS[-1], "-c", str(self.root / "server.conf")], stdout=output, stderr=output, cwd=self.root
            )
        try:
            waited = time.monotonic() + 10
            while time.monotonic() < waited and process.poll() is None and "Server is ready" not in log.read_text():
                time.sleep(0.05)
            yield process, log
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(10)

    def staple(self) -> str:
        """What openssl is shown when it asks for the status: good, revoked, or nothing."""
        ask = [str(OPENSSL), "s_client", "-connect", f"127.0.0.1:{self.client}", "-status"]
        run = subprocess.run(
            [*ask, "-CAfile", self.pki / "ca.crt"],
            input="", capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert "Verify return code: 0 (ok)" in run.stdout, run.stdout + run.stderr
        for status in ("good", "revoked"):
            if f"Cert Status: {status}" in run.stdout:
                return status
        assert "OCSP response: no response sent" in run.stdout, run.stdout
        return "nothing"

    def gets_in(self) -> bool:
        """Whether the client with its certificate is let in."""
        context = ssl.create_default_context(cafile=str(self.pki / "ca.crt"))
        context.load_cert_chain(self.pki / "issued/app.crt", self.pki / "issued/app.key")
        try:
            with (
                socket.create_connection(("127.0.0.1", self.client), timeout=5) as plain,
                context.wrap_socket(plain, server_hostname="localhost") as secure,
            ):
                secure.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
                heard = more = secure.recv(4096)
                while more and b"PONG" not in heard:
                    more = secure.recv(4096)
                    heard += more
                return b"PONG" in heard
        except (ssl.SSLError, ConnectionError):
            return False


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


MODES = [
    ("plain", "", "nothing", True),
    ("plain", "mode: auto", "nothing", True),
    ("plain", "mode: must", "nothing", True),
    ("plain", "mode: always", "good", False),
    ("must", "", "good", False),
    ("must", "mode: auto", "good", False),
    ("must", "mode: must", "good", False),
    ("must", "mode: never", "nothing", True),
]


@pytest.mark.parametrize(("leaf", "mode", "shown", "starts"), MODES)
def test_modes_with_the_responder_up_and_down(estate: Estate, leaf: str, mode: str, shown: str, starts: bool) -> None:
    with estate.responder(), estate.server(leaf, mode) as (process, log):
        assert process.poll() is None, log.read_text()
        assert estate.staple() == shown
    with estate.server(leaf, mode) as (process, log):
        assert (process.poll() is None) is starts, log.read_text()
        assert starts or "exhausted ocsp servers" in log.read_text()


def test_a_revoked_certificate(estate: Estate) -> None:
    """With always and must the server ends; where only the certificate asks for it, it shows that it is revoked."""
    estate.revoke("plain", "must")
    with estate.responder():
        for leaf, mode in (("plain", "mode: always"), ("must", "mode: must")):
            with estate.server(leaf, mode) as (process, log):
                assert process.wait(10) != 0
                assert "revoked" in log.read_text().lower()
        with estate.server("must") as (process, log):
            assert process.poll() is None, log.read_text()
            assert estate.staple() == "revoked"


def test_answers_are_kept_beside_jetstream(estate: Estate) -> None:
    """A restart within the life of an answer needs no responder, where there is a store_dir."""
    with estate.responder(), estate.server("plain", "mode: always", store=True) as (process, _dummy):
        assert process.poll() is None
    with estate.server("plain", "mode: always", store=True) as (process, log):
        assert process.poll() is None, log.read_text()
        assert estate.staple() == "good"


def test_a_reload_while_the_responder_is_down(estate: Estate) -> None:
    """The server goes on, and shows the last answer; after a reload without a store it shows none."""
    with contextlib.ExitStack() as stack:
        up = contextlib.ExitStack()
        up.enter_context(estate.responder())
        process, log = stack.enter_context(estate.server("plain", "mode: always"))
        assert estate.staple() == "good"
        up.close()
        assert estate.staple() == "good"
        process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 5
        while time.monotonic() < end and "Reloaded server configuration" not in log.read_text():
            time.sleep(0.05)
        assert "Can't restart OCSP features" in log.read_text()
        assert estate.staple() == "nothing"
        assert process.poll() is None


@pytest.mark.long
def test_an_answer_that_ended_while_the_responder_is_down(estate: Estate) -> None:
    """Nobody gets in any more: the server has nothing to show and ends each handshake."""
    with contextlib.ExitStack() as stack:
        up = contextlib.ExitStack()
        up.enter_context(estate.responder(minutes=1))
        process, log = stack.enter_context(estate.server("plain", "mode: always"))
        assert estate.gets_in()
        up.close()
        time.sleep(65)
        assert process.poll() is None, log.read_text()
        assert not estate.gets_in()


def test_the_responder_takes_up_what_changes(estate: Estate) -> None:
    with estate.responder() as url:
        ask = [str(OPENSSL), "ocsp", "-issuer", f"{estate.pki}/ca.crt", "-cert", f"{estate.pki}/issued/app.crt"]
        ask += ["-url", url, "-CAfile", f"{estate.pki}/ca.crt", "-no_nonce"]
        good = subprocess.run(ask, capture_output=True, text=True, check=False, timeout=20)
        assert "app.crt: good" in good.stdout and "Response verify OK" in good.stderr
        estate.revoke("app")
        listening(estate.root / "ocsp.log", times=2)
        assert "app.crt: revoked" in subprocess.run(ask, capture_output=True, text=True, check=False, timeout=20).stdout


def test_a_server_asks_about_its_clients(estate: Estate) -> None:
    """ocsp_peer: a client that is revoked stays out; without a responder so does everybody, unless told otherwise."""
    peer = "verify: true\nocsp_peer: {{ verify: true, ca_timeout: 2{} }}"
    strict, lenient = peer.format(""), peer.format(", allow_when_ca_unreachable: true")
    with estate.responder(), estate.server("plain", tls=strict) as (process, log):
        assert process.poll() is None, log.read_text()
        assert estate.gets_in()
    shutil.rmtree(estate.root / "_rc_", ignore_errors=True)
    with estate.server("plain", tls=strict):
        assert not estate.gets_in()
    with estate.server("plain", tls=lenient):
        assert estate.gets_in()
    estate.revoke("app")
    with estate.responder(), estate.server("plain", tls=strict):
        assert not estate.gets_in()


@contextlib.contextmanager
def web(folder: Path, port: int) -> Iterator[None]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def test_openssl_fetches_the_list_that_is_published(estate: Estate) -> None:
    verify = [str(OPENSSL), "verify", "-x509_strict", "-crl_check", "-crl_download", "-CAfile", f"{estate.pki}/ca.crt"]
    leaf = f"{estate.pki}/issued/app.crt"
    with web(estate.pki / "public", estate.web):
        assert subprocess.run([*verify, leaf], capture_output=True, check=False, timeout=20).returncode == 0
        estate.revoke("app")
        gone = subprocess.run([*verify, leaf], capture_output=True, text=True, check=False, timeout=20)
        assert "certificate revoked" in gone.stderr
    issuer = subprocess.run(
        [str(OPENSSL), "x509", "-inform", "DER", "-in", estate.pki / "public/ca.crt", "-outform", "PEM"],
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    assert issuer.stdout.strip() == (estate.pki / "ca.crt").read_text().strip()
