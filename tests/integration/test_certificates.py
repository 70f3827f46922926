# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our certificates before other judges: the openssl program, and nats-server as listener, route and client."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
OPENSSL = shutil.which("openssl")
KINDS = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"]

CONFIG = """
server_name: {name}
listen: 127.0.0.1:{client}
http: 127.0.0.1:{http}
tls {{ cert_file: "{pki}/issued/{name}/server.crt", key_file: "{pki}/issued/{name}/server.key"
      ca_file: "{pki}/ca.crt", verify: true }}
cluster {{ name: test, listen: 127.0.0.1:{route}, routes: ["tls://localhost:{peer}"]
          tls {{ cert_file: "{pki}/issued/{name}/{profile}.crt", key_file: "{pki}/issued/{name}/{profile}.key"
                ca_file: "{pki}/ca.crt", verify: true }} }}
"""


def issue(pki: Path, kind: str) -> None:
    """Server, route and client certificates of two nodes on loopback and of an application."""
    now = datetime.now(timezone.utc)
    made = authority(pki, now, key_type=kind)
    assert not made.get("failed"), made
    names = {"dns": ["localhost"], "ip": ["127.0.0.1"], "key_type": kind}
    wanted = [
        {"name": f"{node}/{profile}", "profile": profile, **names}
        for node in ("n1", "n2")
        for profile in ("server", "route")
    ]
    made = certificate(pki, [*wanted, {"name": "app", "profile": "client", "key_type": kind}], now)
    assert not made.get("failed"), made


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_is_strict_and_content(tmp_path: Path, kind: str) -> None:
    issue(tmp_path, kind)
    uses = {
        "n1/server": {"sslserver"},
        "n1/route": {"sslserver", "sslclient"},
        "app": {"sslclient"},
    }
    for name, fits in uses.items():
        for purpose in ("sslserver", "sslclient"):
            command = [OPENSSL, "verify", "-x509_strict", "-purpose", purpose, "-CAfile", str(tmp_path / "ca.crt")]
            command += ["-verify_ip", "127.0.0.1"] if name != "app" else []
            run = subprocess.run(
                [*command, str(tmp_path / f"issued/{name}.crt")], capture_output=True, text=True, check=False
            )
            assert (run.returncode == 0) is (purpose in fits), f"{name} {purpose}: {run.stderr}"


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        found = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for number in range(count)]
        return [listener.getsockname()[1] for listener in found]


@contextlib.contextmanager
def two_nodes(server: str, folder: Path, profile: str) -> Iterator[list[dict[str, int]]]:
    """Two running servers whose routes show the certificates of ``profile``; their ports."""
    numbers = free_ports(6)
    nodes = [dict(zip(("client", "route", "http"), numbers[at : at + 3])) for at in (0, 3)]
    with contextlib.ExitStack() as running:
        for number, ports in enumerate(nodes):
            peer = nodes[1 - number]["route"]
            name = f"n{number + 1}"
            config = folder / f"{name}.conf"
            config.write_text(CONFIG.format(name=name, pki=folder, peer=peer, profile=profile, **ports))
            log = running.enter_context((folder / f"{name}.log").open("w"))
            process = subprocess.Popen([server, "-c", str(config)], stdout=log, stderr=log)
            running.callback(process.wait, 10)
            running.callback(process.terminate)
        yield nodes


def routes(ports: dict[str, int]) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{ports['http']}/routez", timeout=2) as answer:
            return int(json.load(answer)["num_routes"])
    except OSError:
        return -1


def wait_for_routes(nodes: list[dict[str, int]], seconds: float) -> list[int]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [routes(ports) for ports in nodes]
        if min(found) > 0:
            break
        time.sleep(0.1)
    return found


def greeting(folder: Path, port: int, client: str | None) -> bytes:
    """What a client hears after TLS: nats-server sends INFO, then TLS begins, then PING is answered."""
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if client:
        context.load_cert_chain(folder / f"issued/{client}.crt", folder / f"issued/{client}.key")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        assert plain.recv(4096).startswith(b"INFO ")
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
            return secure.recv(4096)


def taken(folder: Path, port: int, client: str | None) -> bool:
    """Whether the server answers; with TLS 1.3 a client learns only at its first read that it was refused."""
    try:
        return b"PONG" in greeting(folder, port, client)
    except (ssl.SSLError, ConnectionError):
        return False


@pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
@pytest.mark.parametrize("server", SERVERS, ids=lambda path: Path(path).name)
@pytest.mark.parametrize("kind", KINDS)
def test_two_servers_form_a_route_and_take_a_client(tmp_path: Path, server: str, kind: str) -> None:
    issue(tmp_path, kind)
    with two_nodes(server, tmp_path, "route") as nodes:
        assert min(wait_for_routes(nodes, 10)) > 0, (tmp_path / "n1.log").read_text()
        for ports in nodes:
            assert taken(tmp_path, ports["client"], "app")
        for client in (None, "n1/server"):
            assert not taken(tmp_path, nodes[0]["client"], client), f"a client with {client} was taken"


@pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
def test_a_server_certificate_makes_no_route(tmp_path: Path) -> None:
    issue(tmp_path, "ecdsa-p256")
    with two_nodes(SERVERS[-1], tmp_path, "server") as nodes:
        assert wait_for_routes(nodes, 3) == [0, 0]
    assert "incompatible key usage" in (tmp_path / "n1.log").read_text() + (tmp_path / "n2.log").read_text()
