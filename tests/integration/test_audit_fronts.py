# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit's proof where nats-server can't be made that weak itself: what is before, beside and around it is.

No release takes TLS below 1.2: min_version refuses it, and GODEBUG=tls10server=1 changes nothing on 2.12.8 and ends
the newest (measured). None can be told to take a peer whose certificate is for something else: Go's crypto/tls looks.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door
from ansible_collections.aegis.nats.plugins.module_utils.node.audit import unit
from ansible_collections.aegis.nats.plugins.module_utils.node.handshake import read_greeting
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT
from ansible_collections.aegis.nats.tests.integration import looking
from ansible_collections.aegis.nats.tests.integration import test_audit as hardened
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import only
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki, accepting

pytestmark = pytest.mark.skipif(not hardened.SERVERS, reason="AEGIS_NATS_SERVERS names no server")
pki, sound = hardened.pki, hardened.sound
OLD_AND_NEW = "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"


@pytest.fixture
def server(tmp_path: Path, pki: Pki) -> hardened.Server:
    tmp_path.chmod(0o700)
    return hardened.Server(tmp_path, pki, hardened.SERVERS[-1])


def _front(made: Pki) -> ssl.SSLContext:
    """As a balancer that was set up long ago and never again."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file("server"), made.file("server", "key"))
    context.load_verify_locations(str(made.folder / "ca.crt"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_ciphers(OLD_AND_NEW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


def _carry(near: ssl.SSLSocket, far: ssl.SSLSocket) -> None:
    """Both ways until one side ends. By one thread: two must not read and write one connection at a time."""
    for each in (near, far):
        each.setblocking(False)
    with contextlib.suppress(ssl.SSLZeroReturnError, ConnectionError, ValueError):
        while True:
            for one, other in ((near, far), (far, near)):
                with contextlib.suppress(ssl.SSLWantReadError):
                    content = one.recv(65536)
                    if not content:
                        return
                    other.setblocking(True)
                    other.sendall(content)
                    other.setblocking(False)
            if not (near.pending() or far.pending()):
                select.select([near, far], [], [], 30)


@contextlib.contextmanager
def balancer(server: hardened.Server) -> Iterator[int]:
    """The port of a proxy that ends TLS before a server and begins it anew behind; INFO goes through."""
    context, behind = _front(server.pki), server.context()

    def serve(plain: socket.socket) -> None:
        place = ("127.0.0.1", server.ports["client"])
        with contextlib.suppress(OSError), plain, socket.create_connection(place, 5) as far:
            plain.sendall(read_greeting(far))
            with context.wrap_socket(plain, server_side=True) as near, behind.wrap_socket(far) as secure:
                _carry(near, secure)

    with accepting(lambda plain: threading.Thread(target=serve, args=(plain,), daemon=True).start()) as port:
        yield port


def test_a_balancer_that_takes_old_tls(server: hardened.Server, sound: set[hardened.Key]) -> None:
    with server.running(), balancer(server) as port:
        server.further = [Door("", "balancer", "client", "127.0.0.1", port)]
        found = server.audit()
    # Below TLS 1.2 there is no suite that is strong.
    hardened.turned_red(found, sound, {"tls-version", "tls-suites"})
    assert "takes TLS 1.0 and TLS 1.1" in found["tls-version", "client port of balancer", "fail"].evidence
    assert not server.unseen


@contextlib.contextmanager
def peer(server: hardened.Server, *options: str) -> Iterator[int]:
    """OpenSSL as a peer that asks for a certificate of the authority. It says back whatever it hears."""
    program, (port,) = shutil.which("openssl"), free_ports(1)
    assert program, "openssl is needed"
    files = ("-cert", server.pki.file("leafnode"), "-key", server.pki.file("leafnode", "key"))
    asks = ("-CAfile", str(server.pki.folder / "ca.crt"), "-Verify", "2", "-verify_return_error")
    words = [program, "s_server", "-accept", f"127.0.0.1:{port}", *files, *asks, "-tls1_3", "-rev", "-quiet", *options]
    running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        looking.wait_for("127.0.0.1", port, lambda: "openssl does not listen")
        yield port
    finally:
        running.terminate()
        running.wait(10)


@pytest.mark.parametrize("options", [(), ("-purpose", "any")], ids=["looks at the usage", "takes any usage"])
def test_a_peer_and_the_use_of_certificates(
    server: hardened.Server, sound: set[hardened.Key], options: tuple[str, ...]
) -> None:
    with server.running(), peer(server, *options) as port:
        server.further = [Door("", "peer", "route", "127.0.0.1", port)]
        found = server.audit()
    if not options:
        hardened.turned_red(found, sound, set())
        return
    hardened.turned_red(found, sound, {"peers-mutual-tls"})
    told = found["peers-mutual-tls", "route port of peer", "fail"].evidence
    assert "goes on with a certificate for servers alone" in told and "without a certificate" not in told
    assert not server.unseen


def test_nats_server_refuses_a_certificate_of_the_wrong_use(server: hardened.Server) -> None:
    with server.running():
        results = server.results()
    told = only(each for result in results if result.control.id == "peers-mutual-tls" for each in result.findings)
    assert told.verdict is Verdict.PASS and "one with a certificate for servers alone" in told.evidence, told


class InUnit(hardened.Server):
    """A server as if it ran by a unit file, which systemd reads and analyses without running it."""

    text_of_unit = ""

    def facts(self) -> dict[str, Any]:
        place = self.folder / "nats-server.service"
        place.write_text(self.text_of_unit)
        words = ["systemd-analyze", "--no-pager", "security", "--offline=true", str(place)]
        environment = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
        said = subprocess.run(words, capture_output=True, text=True, check=True, env=environment).stdout
        lines = dict(line.split("=", 1) for line in self.text_of_unit.splitlines() if "=" in line)
        # As systemctl has them: it shows no unit that is not loaded.
        shown = {name: {"true": "yes", "false": "no"}.get(value, value) for name, value in lines.items()}
        return {**super().facts(), "unit": unit.described("nats-server.service", shown, said)}


def template_of_unit() -> str:
    """That of the collection; lines with variables are about paths and times, but for the user."""
    text = (ROOT / "roles/nats_server/templates/nats-server.service.j2").read_text()
    lines = text.replace("{{ nats_server_user }}", "nats").replace("{{ nats_server_binary_path }}", "/bin/true")
    return "\n".join(line for line in lines.splitlines() if "{{" not in line or line.startswith("ExecStart="))


def without(*names: str) -> str:
    return "\n".join(line for line in template_of_unit().splitlines() if not line.startswith(names))


#: What is in the unit's place, and the controls that turn red.
MUTATIONS: dict[str, tuple[str, set[str]]] = {
    "new privileges": (without("NoNewPrivileges="), {"unit-hardened"}),
    "root": (without("User="), {"unit-hardened"}),
    "open": (without("Protect", "Private", "System", "Capability", "Restrict"), {"unit-hardened"}),
}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here to read a unit")
@pytest.mark.parametrize("name", ["as it is", *MUTATIONS])
def test_a_unit(tmp_path: Path, pki: Pki, sound: set[hardened.Key], name: str) -> None:
    text, expected = MUTATIONS.get(name, (template_of_unit(), set()))
    tmp_path.chmod(0o700)
    server = InUnit(tmp_path, pki, hardened.SERVERS[-1])
    server.text_of_unit = text
    with server.running():
        found = server.audit()
    hardened.turned_red(found, sound, expected)
    told = [finding.evidence for (control, *_rest), finding in found.items() if control == "unit-hardened"]
    assert all("exposure " in each for each in told), told
