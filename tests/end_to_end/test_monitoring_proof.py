# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on a host is known in two places within thirty seconds: an alert of Prometheus, a record of OTLP."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import (
    Estate,
    deployed_estate,
    free_ports,
    good,
    wait_until,
)
from ansible_collections.aegis.nats.tests.end_to_end.secrets import files_below, leaks, secrets_of
from ansible_collections.aegis.nats.tests.end_to_end.shipping import COLLECTOR, Receiver, needs_collector
from ansible_collections.aegis.nats.tests.end_to_end.watched import Watched, needs_prometheus

pytestmark = [needs_prometheus, needs_collector]
SECONDS = 30.0
AUDIT = "aegis.nats.audit"


class Proof:
    """A watched estate whose logs are carried to a receiver."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self.estate, self.watched, self.receiver = estate, Watched(estate), Receiver(folder)
        estate.settings.update(
            nats_monitoring_agent=True,
            nats_monitoring_agent_install_method="preinstalled",
            nats_monitoring_agent_binary_path=str(COLLECTOR),
            nats_monitoring_agent_config_dir="{{ quickstart_node_dir }}/agent",
            nats_monitoring_agent_data_dir="{{ quickstart_node_dir }}/agent/data",
            nats_monitoring_agent_otlp_endpoint=f"127.0.0.1:{self.receiver.port}",
            nats_monitoring_agent_otlp_tls=False,
        )
        for node, port in zip(estate.nodes, free_ports(len(estate.nodes))):
            estate.hosts[node]["nats_monitoring_agent_metrics_port"] = port

    def happens(self, alert: str, event: str, host: str, cause: Callable[[], object]) -> tuple[float, float]:
        """Seconds from the end of the cause until the alert fires, and until the record is there, both of this host."""
        assert (alert, host) not in self.watched.firing()
        known = len(self.receiver.records)
        cause()
        began, seconds = time.monotonic(), [0.0, 0.0]

        def both() -> bool:
            fires = (alert, host) in self.watched.firing()
            records = self.receiver.records[known:]
            told = any(each.event == event and each.resource["host.name"] == host for each in records)
            for place, seen in enumerate((fires, told)):
                if seen and not seconds[place]:
                    seconds[place] = time.monotonic() - began
            return fires and told

        assert wait_until(both, SECONDS), (self.watched.firing(), self.receiver.records[known:], self.watched.logs())
        print(f"{alert} on {host}: {seconds[0]:.1f} s; {event} by OTLP: {seconds[1]:.1f} s")
        return seconds[0], seconds[1]

    def port(self, node: str) -> int:
        return int(self.estate.ports["client"][self.estate.nodes.index(node)])

    def context(self, with_certificate: bool) -> ssl.SSLContext:
        pki = self.estate.root / "nats/pki"
        made = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        if with_certificate:
            made.load_cert_chain(pki / "issued/clients/order-service.crt", pki / "issued/clients/order-service.key")
        return made

    def knock(self, node: str, with_certificate: bool, words: bytes = b"") -> None:
        """A client by hand: after the server's greeting, TLS, and then what it says."""
        with socket.create_connection(("127.0.0.1", self.port(node)), timeout=5) as plain:
            assert plain.recv(65536).startswith(b"INFO ")
            # TLS 1.3 tells who has no certificate only after the handshake.
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                wrapped = self.context(with_certificate).wrap_socket(plain, server_hostname="127.0.0.1")
                wrapped.sendall(words)
                wrapped.recv(65536)

    def close(self) -> None:
        self.watched.close()
        self.receiver.stop()
        for record in self.estate.root.glob("nodes/*/run/nats-agent.json"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(json.loads(record.read_text())["pid"], signal.SIGKILL)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Proof]:
    with deployed_estate(tmp_path_factory.mktemp("proof") / "estate", binary) as estate:
        made = Proof(estate, tmp_path_factory.mktemp("receiver"))
        try:
            made.receiver.start()
            good(estate.deploy(playbook=AUDIT))
            # The deploy and the audit have knocked themselves, which the agent would count.
            for log in estate.root.glob("nodes/*/log/nats-server.log"):
                os.truncate(log, 0)
            good(made.watched.run())
            made.watched.watch()
            assert wait_until(lambda: not made.watched.firing(), 60), made.watched.firing()
            yield made
        finally:
            made.close()


def test_a_second_run_changes_nothing(proof: Proof) -> None:
    assert good(proof.watched.run()).changes == []


def test_twenty_failed_logins(proof: Proof) -> None:
    login = b'CONNECT {"verbose":false,"user":"guess","pass":"s3cret-guess","lang":"x"}\r\nPING\r\n'

    def guess() -> None:
        for _number in range(20):
            proof.knock("n2", True, login)

    proof.happens("NatsLoginsFailed", "login_failed", "n2", guess)

    def guesses() -> list[str]:
        return [each.event for each in proof.receiver.records if each.attributes.get("user.name") == "guess"]

    assert wait_until(lambda: guesses() == 20 * ["login_failed"], 10), guesses()


def test_a_handshake_without_a_certificate(proof: Proof) -> None:
    proof.happens("NatsHandshakeErrors", "handshake_error", "n1", lambda: proof.knock("n1", False))


def test_a_certificate_with_five_days_left(proof: Proof) -> None:
    issued = proof.estate.root / "nats/pki/issued/n3"

    def reissue() -> None:
        for place in issued.glob("*.crt"):
            place.unlink()
        proof.estate.settings["nats_pki_leaf_days"] = 5
        good(proof.estate.deploy())

    proof.happens("NatsCertificateEndsNow", "ends_soon", "n3", reissue)
    told = [each for each in proof.receiver.records if each.event == "ends_soon"]
    assert {each.resource["host.name"] for each in told} == {"n3"} and {each.severity for each in told} == {"ERR"}
    assert all("/nodes/n3/" in each.body and " ends on " in each.body for each in told)


def test_a_stopped_server(proof: Proof) -> None:
    def stop() -> None:
        pid = next(pid for pid, words in proof.estate.processes().items() if "/n2/" in words)
        os.kill(pid, signal.SIGTERM)

    proof.happens("NatsServerLost", "server_stopped", "n2", stop)
    left = {each.resource["host.name"] for each in proof.receiver.records if each.event == "route_lost"}
    assert {"n1", "n3"} <= left


def test_no_secret_left_the_hosts(proof: Proof) -> None:
    """What arrived, what the agents keep, and what Prometheus was told."""
    root = proof.estate.root
    folders = [
        path for node in proof.estate.nodes for path in (root / f"nodes/{node}/agent", root / f"nodes/{node}/textfile")
    ]
    texts = files_below(proof.receiver.root, root / "nats/monitoring", *folders)
    texts |= {str(place): place.read_text() for place in root.glob("nodes/*/log/nats-agent.log")}
    assert any("authentication error" in text for text in texts.values())
    secrets = secrets_of(proof.estate)
    assert len(secrets) > 10
    assert leaks({**secrets, "what was guessed": "s3cret-guess"}, texts) == []
    shapes = re.compile(r"\bS[OAUNCX][A-Z2-7]{40}|eyJ[A-Za-z0-9_-]{20}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY")
    assert [place for place, text in texts.items() if shapes.search(text)] == []
