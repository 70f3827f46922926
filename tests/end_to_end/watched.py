# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An estate that is watched: exporters beside its servers, node exporters, a Prometheus with the role's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, free_ports, wait_until

MONITORING = "aegis.nats.monitoring"
#: Environment variables that name the programs; ./test sets them.
PROGRAMS = {
    name: os.environ.get(f"AEGIS_{name}") or shutil.which(program)
    for name, program in {
        "NATS_EXPORTER": "prometheus-nats-exporter",
        "PROMETHEUS": "prometheus",
        "PROMTOOL": "promtool",
        "NODE_EXPORTER": "prometheus-node-exporter",
        "AMTOOL": "amtool",
    }.items()
}
needs_prometheus = pytest.mark.skipif(
    not all(PROGRAMS.values()), reason="Prometheus or its exporters are not there: run ./test end_to_end"
)


def program(name: str) -> str:
    found = PROGRAMS[name]
    assert found
    return found


class Watched:
    """What stands around an estate. ``close`` ends all of it."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.place = estate.root / "watched"
        self.place.mkdir()
        self.running: list[subprocess.Popen[bytes]] = []
        self.prometheus = ""
        self.settings()

    def settings(self) -> None:
        """The role's variables for three hosts that are one machine, with intervals as short as they go."""
        self.estate.settings.update(
            nats_monitoring_exporter_install_method="preinstalled",
            nats_monitoring_exporter_binary_path=program("NATS_EXPORTER"),
            nats_monitoring_library_dir="{{ quickstart_node_dir }}/lib",
            nats_monitoring_config_dir="{{ quickstart_node_dir }}/monitoring",
            nats_monitoring_textfile_dir="{{ quickstart_node_dir }}/textfile",
            nats_monitoring_python=sys.executable,
            nats_monitoring_expiry_interval=1,
            nats_monitoring_prometheus="central",
            nats_monitoring_promtool=program("PROMTOOL"),
            nats_monitoring_scrape_interval="1s",
            nats_monitoring_alert_for="3s",
        )
        ports = free_ports(2 * len(self.estate.nodes))
        for number, node in enumerate(self.estate.nodes):
            self.estate.hosts[node].update(
                nats_monitoring_exporter_port=ports[2 * number],
                nats_monitoring_host_metrics_port=ports[2 * number + 1],
            )

    def run(self, *options: str) -> Run:
        return self.estate.deploy(*options, playbook=MONITORING)

    def start(self, *words: str) -> None:
        log = (self.place / f"{Path(words[0]).name}-{len(self.running)}.log").open("wb")
        self.running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.place))

    def watch(self) -> None:
        """Start what a host and a Prometheus of their own would run: with the files that the role has written."""
        for node, settings in self.estate.hosts.items():
            self.start(
                program("NODE_EXPORTER"),
                f"--web.listen-address=127.0.0.1:{settings['nats_monitoring_host_metrics_port']}",
                "--collector.disable-defaults",
                "--collector.textfile",
                f"--collector.textfile.directory={self.estate.root}/nodes/{node}/textfile",
            )
        port = free_ports(1)[0]
        self.prometheus = f"http://127.0.0.1:{port}"
        self.start(
            program("PROMETHEUS"),
            f"--config.file={self.estate.root}/nats/monitoring/prometheus.yml",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--storage.tsdb.path={self.place}/data",
        )

        def answers() -> bool:
            try:
                return bool(self.query("count(up) == count(up == 1)"))
            except OSError:
                return False

        assert wait_until(answers, 30), self.logs()

    def ask(self, path: str, **parameters: str) -> Any:
        url = f"{self.prometheus}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=expression)["result"]
        return found

    def firing(self) -> set[tuple[str, str]]:
        """Name and host of each alert that fires."""
        alerts = self.ask("alerts")["alerts"]
        return {
            (each["labels"]["alertname"], each["labels"].get("host", ""))
            for each in alerts
            if each["state"] == "firing"
        }

    def logs(self) -> str:
        return "\n".join(place.read_text(errors="replace")[-3000:] for place in self.place.glob("*.log"))

    def processes(self) -> list[int]:
        """What the role has started on the hosts."""
        records = self.estate.root.glob("nodes/*/run/nats-e*.json")
        return [json.loads(record.read_text())["pid"] for record in records]

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        for pid in self.processes():
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                continue
