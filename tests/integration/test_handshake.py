# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes with all six kinds of listeners of real servers: who is accepted, who is not, and by whom."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.handshake import (
    GREETS,
    Answer,
    Identity,
    Listener,
    shake,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_verb_handshake import at, call, client
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no server")
NAMES = {"ip": ["127.0.0.1"], "dns": ["localhost"]}
PROFILES = {"client": "server", **{kind: kind for kind in GREETS if kind != "client"}}
CONFIG = """
listen: "127.0.0.1:{client}"
server_name: n1
{tls[client]}
accounts {{ A: {{ users: [{{user: u, password: p}}] }}, SYS: {{ users: [{{user: s, password: p}}] }} }}
system_account: SYS
cluster {{ name: c, listen: "127.0.0.1:{route}", {tls[route]}, authorization {{ user: r, password: p }},
  routes: ["tls://127.0.0.1:9"] }}
gateway {{ name: c, listen: "127.0.0.1:{gateway}", {tls[gateway]} }}
leafnodes {{ listen: "127.0.0.1:{leafnode}", {tls[leafnode]} }}
websocket {{ listen: "127.0.0.1:{websocket}", {tls[websocket]} }}
mqtt {{ listen: "127.0.0.1:{mqtt}", {tls[mqtt]} }}
jetstream {{ store_dir: "{store}" }}
"""


def now() -> datetime:
    return datetime.now(timezone.utc)


def made(folder: Path, name: str) -> tuple[Pki, dict[str, Any]]:
    authority(folder, common_name=name, now=now())
    wanted = [
        {"name": f"n1/{profile}", "profile": profile, "common_name": "n1", **NAMES} for profile in PROFILES.values()
    ]
    issued = certificate(folder, [*wanted, {"name": "app", "profile": "client", "common_name": "app"}], now())
    return Pki(folder), issued["certificates"]


@dataclass(frozen=True)
class Live:
    """A server with a listener of each kind, and two authorities of which it knows the first."""

    pki: Pki
    issued: dict[str, Any]
    other: Pki
    ports: dict[str, int]

    def shake(self, kind: str, identity: Identity, tls_first: bool = False) -> Any:
        return shake(Listener("n1", kind, "127.0.0.1", self.ports[kind], tls_first), identity, 5)


def configuration(pki: Pki, ports: dict[str, int], store: Path, more: str = "") -> str:
    tls = {
        kind: f'tls {{ cert_file: "{pki.file(f"n1/{profile}")}", key_file: "{pki.file(f"n1/{profile}", "key")}", '
        f'ca_file: "{pki.folder}/ca.crt", verify: true, timeout: 5{more if kind == "client" else ""} }}'
        for kind, profile in PROFILES.items()
    }
    return CONFIG.format(**ports, tls=tls, store=store)


@contextlib.contextmanager
def running(binary: str, folder: Path, config: str, ports: dict[str, int]) -> Iterator[None]:
    (folder / "n1.conf").write_text(config)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([binary, "-c", str(folder / "n1.conf")], stdout=log, stderr=log)
    try:
        for port in ports.values():
            wait_for(port, folder / "log")
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def free_ports() -> dict[str, int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _dummy in GREETS]
    ports = dict(zip(GREETS, (one.getsockname()[1] for one in held)))
    for one in held:
        one.close()
    return ports


@pytest.fixture(scope="module", params=SERVERS, ids=lambda path: Path(path).name)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    (pki, issued), (other, _dummy) = made(folder / "ours", "Our CA"), made(folder / "theirs", "Their CA")
    ports = free_ports()
    with running(request.param, folder, configuration(pki, ports, folder / "js"), ports):
        yield Live(pki, issued, other, ports)


@pytest.mark.parametrize("kind", GREETS)
def test_who_is_accepted(live: Live, kind: str) -> None:
    """Often enough that the race between verdict and first words would show."""
    for _dummy in range(10):
        found = live.shake(kind, live.pki.client())
        assert found.answer is Answer.ACCEPTED, found
        assert int(found.serial, 16) == int(live.issued[f"n1/{PROFILES[kind]}"]["serial"], 16)
        assert found.evidence.startswith("TLSv1.3, serial ")


@pytest.mark.parametrize("kind", GREETS)
def test_who_is_not(live: Live, kind: str) -> None:
    for _dummy in range(10):
        unknown = live.shake(kind, live.other.client(live.pki.ca))
        assert unknown.answer in (Answer.REFUSED, Answer.CLOSED), unknown
        nobody = live.shake(kind, Identity("nobody", live.pki.ca))
        assert nobody.answer in (Answer.REFUSED, Answer.CLOSED), nobody


@pytest.mark.parametrize("kind", GREETS)
def test_a_server_that_is_not_trusted(live: Live, kind: str) -> None:
    found = live.shake(kind, live.pki.client(live.other.ca))
    assert (found.answer, found.serial) == (Answer.DISTRUST, "")


@pytest.mark.parametrize("kind", ["route", "gateway", "websocket", "mqtt"])
def test_the_wrong_kind_is_no_proof(live: Live, kind: str) -> None:
    """Who waits for a greeting where none comes has seen neither acceptance nor refusal."""
    found = shake(Listener("n1", "client", "127.0.0.1", live.ports[kind]), live.pki.client(), 0.5)
    assert (found.answer, found.evidence) == (Answer.NOTHING, "no answer in 0.5 s")


def test_the_verb_over_all_listeners(live: Live) -> None:
    listeners = [
        at(port, kind=kind, serial=live.issued[f"n1/{PROFILES[kind]}"]["serial"]) for kind, port in live.ports.items()
    ]
    stranger = client(live.other, name="a stranger", allowed=False)
    result = call(live.pki, *listeners, clients=[stranger])
    assert not result.get("failed"), result
    assert len(result["handshakes"]) == 12
    wrong = call(live.pki, *listeners, clients=[{**stranger, "allowed": True}])
    assert wrong["msg"].startswith("6 of 12 handshakes are not as expected:")


@pytest.mark.parametrize("binary", SERVERS, ids=lambda path: Path(path).name)
def test_a_client_port_that_begins_with_the_handshake(binary: str, tmp_path: Path) -> None:
    pki, _dummy = made(tmp_path / "ours", "Our CA")
    ports = free_ports()
    config = configuration(pki, ports, tmp_path / "js", ", handshake_first: true")
    with running(binary, tmp_path, config, ports):
        live = Live(pki, {}, pki, ports)
        assert live.shake("client", pki.client(), tls_first=True).answer is Answer.ACCEPTED
        assert live.shake("client", Identity("nobody", pki.ca), tls_first=True).answer in (
            Answer.REFUSED,
            Answer.CLOSED,
        )
