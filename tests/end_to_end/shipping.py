# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent of nats_monitoring on loopback, deployed by its real tasks, and a real receiver for what it sends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import pytest
import yaml
from ansible_collections.aegis.nats.tests.end_to_end.estate import PROGRAM, ROOT, free_ports, wait_until

COLLECTOR = os.environ.get("AEGIS_OTELCOL")
needs_collector = pytest.mark.skipif(not COLLECTOR, reason="otelcol is not there: set AEGIS_OTELCOL or run ./test")


@dataclass
class Record:
    """A log record as it arrived."""

    body: str
    attributes: Mapping[str, str]
    resource: Mapping[str, str]
    severity: str
    nanoseconds: int

    @property
    def event(self) -> str:
        return self.attributes.get("nats.event", "")


@dataclass
class Receiver:
    """A collector that writes what it is sent to a file."""

    root: Path
    tls: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: Optional[subprocess.Popen[bytes]] = None

    @property
    def file(self) -> Path:
        return self.root / "arrived.jsonl"

    def start(self) -> None:
        """Listen; it adds to what arrived before."""
        grpc: dict[str, Any] = {"endpoint": f"127.0.0.1:{self.port}", "include_metadata": True}
        if self.tls:
            grpc["tls"] = dict(self.tls)
        told = {"key": "token", "from_context": "metadata.x-oneuptime-token", "action": "upsert"}
        config = {
            "receivers": {"otlp": {"protocols": {"grpc": grpc}}},
            "processors": {"resource": {"attributes": [told]}},
            "exporters": {"file": {"path": str(self.file), "append": True, "flush_interval": "100ms"}},
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {
                    "logs": {
                        "receivers": ["otlp"],
                        "processors": ["resource"] if self.token else [],
                        "exporters": ["file"],
                    }
                },
            },
        }
        place = self.root / "receiver.yaml"
        place.write_text(yaml.safe_dump(config))
        with (self.root / "receiver.log").open("ab") as log:
            self.process = subprocess.Popen([str(COLLECTOR), f"--config={place}"], stdout=log, stderr=log)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    @property
    def records(self) -> list[Record]:
        found: list[Record] = []
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):
                found.extend(_records(json.loads(line)))
        return found


def _records(sent: Mapping[str, Any]) -> Iterator[Record]:
    for part in sent["resourceLogs"]:
        resource = _plain(part["resource"]["attributes"])
        for scope in part["scopeLogs"]:
            for each in scope["logRecords"]:
                attributes = _plain(each.get("attributes", []))
                severity, moment = each.get("severityText", ""), int(each.get("timeUnixNano", 0))
                yield Record(each["body"]["stringValue"], attributes, resource, severity, moment)


def _plain(attributes: list[dict[str, Any]]) -> dict[str, str]:
    return {each["key"]: str(next(iter(each["value"].values()))) for each in attributes}


class Agent:
    """The agent of a host ``n1`` in a folder, beside the log that it reads."""

    def __init__(self, root: Path, log: Path, receiver: Receiver, **settings: Any) -> None:
        self.root, self.log, self.receiver = root, log, receiver
        self.metrics_port = free_ports(1)[0]
        root.mkdir(parents=True, exist_ok=True)
        self.settings: dict[str, Any] = {
            "ansible_python_interpreter": sys.executable,
            "nats_server_name": "n1",
            "nats_server_cluster_name": "harbour",
            "nats_server_log_file": str(log),
            "nats_monitoring_service_manager": "process",
            "nats_monitoring_become": False,
            "nats_monitoring_run_dir": str(root),
            "nats_monitoring_log_dir": str(root),
            "nats_monitoring_agent": True,
            "nats_monitoring_expiry": False,
            "nats_monitoring_agent_install_method": "preinstalled",
            "nats_monitoring_agent_binary_path": str(COLLECTOR),
            "nats_monitoring_agent_config_dir": str(root / "etc"),
            "nats_monitoring_agent_data_dir": str(root / "data"),
            "nats_monitoring_agent_metrics_port": self.metrics_port,
            "nats_monitoring_agent_otlp_endpoint": f"127.0.0.1:{receiver.port}",
            "nats_monitoring_agent_otlp_tls": False,
            **settings,
        }

    def play(self, *arguments: str, tasks_from: str = "agent.yml", **changes: Any) -> subprocess.CompletedProcess[str]:
        """Run the role's tasks."""
        role = {"name": "aegis.nats.nats_monitoring", "tasks_from": tasks_from, "vars_from": "agent.yml"}
        play = {"hosts": "n1", "connection": "local", "gather_facts": False}
        tasks = [{"ansible.builtin.include_role": role}]
        (self.root / "play.yml").write_text(yaml.safe_dump([{**play, "tasks": tasks}]))
        inventory = self.root / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {"n1": {**self.settings, **changes}}}}))
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
        }
        command = [PROGRAM, "-i", str(inventory), str(self.root / "play.yml"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=180)

    def deploy(self, **changes: Any) -> str:
        done = self.play(**changes)
        assert done.returncode == 0, done.stdout + done.stderr
        assert wait_until(lambda: bool(self.counts), 15), (self.root / "nats-agent.log").read_text()
        return done.stdout

    @property
    def pid(self) -> int:
        return int(json.loads((self.root / "nats-agent.json").read_text())["pid"])

    @property
    def counts(self) -> dict[str, int]:
        """What the Prometheus endpoint tells; nothing where nobody listens."""
        found: dict[str, int] = {}
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
            for line in lines:
                if line.startswith("nats_security_events_total{"):
                    event = line.partition('{event="')[2].partition('"}')[0]
                    found[event] = int(float(line.split()[-1]))
        return found

    def stop(self, number: int = signal.SIGTERM) -> None:
        with contextlib.suppress(OSError, ValueError):
            pid = self.pid
            os.kill(pid, number)
            # It is nobody's child here, so it is asked for by its words.
            assert wait_until(lambda: str(self.root).encode() not in _words(pid), 20)

    def left(self) -> bytes:
        """Everything that it keeps and has written: its queue, its places in the log, its own log, its settings."""
        kept = [*(self.root / "data").rglob("*"), self.root / "nats-agent.log", self.root / "etc" / "agent.yaml"]
        return b"".join(path.read_bytes() for path in kept if path.is_file())


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextlib.contextmanager
def shipping(root: Path, log: Path, **settings: Any) -> Iterator[Agent]:
    """An agent that runs and a receiver that listens, for the length of a block."""
    root.mkdir(parents=True, exist_ok=True)
    receiver = Receiver(root)
    agent = Agent(root / "agent", log, receiver, **settings)
    try:
        receiver.start()
        agent.deploy()
        yield agent
    finally:
        agent.stop(signal.SIGKILL)
        receiver.stop()


def seconds_until(agent: Agent, wanted: Mapping[str, int], most: float = 30) -> float:
    """How long it takes until as many of each event have arrived."""
    began = time.monotonic()

    def arrived() -> bool:
        events = [record.event for record in agent.receiver.records]
        return all(events.count(event) >= count for event, count in wanted.items())

    assert wait_until(arrived, most), [record.body for record in agent.receiver.records]
    return time.monotonic() - began
