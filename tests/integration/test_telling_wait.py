# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_wait as a task of a play against a real cluster of three: what is read on the controller while it waits."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, Optional

import pytest
from ansible_collections.aegis.nats.tests.integration.node_host import SERVERS, Host, leaked

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
COLLECTIONS = Path(__file__).resolve().parents[2] / ".collections"
NAMES = ["n1", "n2", "n3"]
LINE = re.compile(r"^n1: waits until the cluster is whole, (\d+) of (\d+) s: (.*)$")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Host]]:
    root = tmp_path_factory.mktemp("told")
    made = {name: Host(root / name, SERVERS[-1], name) for name in NAMES}
    routes = ", ".join(f'"nats://127.0.0.1:{host.cluster}"' for host in made.values())
    try:
        for host in made.values():
            host.root.mkdir()
            cluster = f'cluster {{ name: c, listen: "127.0.0.1:{host.cluster}", routes: [{routes}] }}'
            result = host.deploy(host.config(f"{cluster}\n{host.jetstream()}"))
            assert not result.get("failed"), result
        yield made
    finally:
        for host in made.values():
            host.close()


class Played:
    """What a play of one cluster_wait on n1 wrote. runs: how often the module was run there."""

    def __init__(self, folder: Path, host: Host, on_line: Optional[Callable[[], object]] = None, **asked: Any) -> None:
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": {"n1": local}}}))
        task = {"aegis.nats.cluster_wait": {"monitor": host.monitor.url, "peers": NAMES, "interval": 0.2, **asked}}
        (folder / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}]))
        program = str(Path(sys.executable).parent / "ansible-playbook")
        run = subprocess.Popen(
            [program, "-i", "hosts.json", "play.yml", "-vvv"],
            cwd=folder,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
                "ANSIBLE_NOCOLOR": "1",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert run.stdout is not None
        began, self.lines, self.output = time.monotonic(), [], ""
        for line in run.stdout:
            self.output += line
            said = LINE.match(line)
            if said:
                self.lines.append((int(said[1]), int(said[2]), said[3]))
                if on_line:
                    on_line()
        self.code, self.seconds = run.wait(), time.monotonic() - began
        run.stdout.close()
        self.runs = len(re.findall(r"^Using module file .*cluster_wait\.py", self.output, re.MULTILINE))
        assert not leaked(self.output)


def test_a_whole_cluster_costs_one_run_and_no_line(hosts: dict[str, Host], tmp_path: Path) -> None:
    played = Played(tmp_path, hosts["n1"], timeout=30)
    assert played.code == 0, played.output
    assert (played.runs, played.lines) == (1, [])


def test_who_is_missing_is_told_until_time_is_over(hosts: dict[str, Host], tmp_path: Path) -> None:
    """However busy the machine: a run of the module may take some seconds more than it waits."""
    hosts["n3"].service("stopped")
    try:
        played = Played(tmp_path, hosts["n1"], timeout=22)
    finally:
        hosts["n3"].service("started")
    assert played.code == 2, played.output
    seconds = [line[0] for line in played.lines]
    assert len(seconds) >= 2, played.output
    assert 4 <= seconds[0] < 8
    assert all(later - earlier >= 8 for earlier, later in zip(seconds, seconds[1:]))
    assert {line[1] for line in played.lines} == {22}
    assert played.lines[0][2].startswith("n1 has no route to n3")
    assert all("n1 has no route to n3" in line[2] or line[2] == "still the same" for line in played.lines)
    told = re.search(r"the cluster is not whole after (\d+) s:\\n  - n1 has no route to n3", played.output)
    assert told and int(told[1]) >= 22, played.output
    assert played.seconds >= 22
    assert played.runs == len(played.lines) + 1


def test_it_goes_on_when_the_peer_is_back(hosts: dict[str, Host], tmp_path: Path) -> None:
    hosts["n2"].service("stopped")
    back: list[dict[str, Any]] = []

    def bring_back() -> None:
        if not back:
            back.append(hosts["n2"].service("started"))

    try:
        played = Played(tmp_path, hosts["n1"], on_line=bring_back, timeout=60)
    finally:
        bring_back()
    assert played.code == 0, played.output
    assert "n1 has no route to n2" in played.lines[0][2]
    assert played.lines[-1][0] < 50, "it did not wait to the end"
