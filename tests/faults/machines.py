# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machines of the Molecule scenario day_two, with its traffic, in the hands of a test."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, wait_until

SHARED = ROOT / "molecule" / "shared"
SCENARIO = ROOT / "molecule" / "day_two"
TRAFFIC = SHARED / "traffic"
FIRST = ("n1", "n2", "n3")
#: As .config/molecule/config.yml has it.
ANSIBLE = {
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
    "ANSIBLE_FORKS": "10",
    "ANSIBLE_INJECT_FACT_VARS": "0",
    "ANSIBLE_PIPELINING": "1",
    "ANSIBLE_SCP_IF_SSH": "smart",
}


class Machines(Estate):
    """Three machines in containers; ``close`` takes them away. root: Molecule's ephemeral directory.

    whole: nothing is left of an operation that failed, so they will do for the next one.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.home, self.scratch = root, root / "home", root / "tmp"
        self.nodes = FIRST
        self.whole = False
        for folder in (root, self.home, self.scratch, root / "inventory"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def command(self, *options: str, playbook: Optional[str] = None) -> list[str]:
        inventories = [self.root / "inventory", SHARED / "inventory", SCENARIO / "inventory.yml"]
        sources = [f"--inventory={place}" for place in inventories]
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return [program, *sources, *options, playbook or "aegis.nats.deploy"]

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(
            MOLECULE_PROJECT_DIRECTORY=str(ROOT),
            MOLECULE_SCENARIO_NAME="faults",
            MOLECULE_EPHEMERAL_DIRECTORY=str(self.root),
            **ANSIBLE,
            **more,
        )

    def must(self, playbook: str, *options: str) -> None:
        """A playbook that has to succeed."""
        run = self.deploy(*options, playbook=playbook, timeout=600)
        good(run)

    def want(self, **change: Any) -> None:
        """Change the inventory; so is a variable of the role that the scenario itself does not change."""
        self.must(str(SCENARIO / "wanted.yml"), "-e", json.dumps({"change": change}))

    def create(self) -> None:
        """Machines for all servers of the inventory that have none."""
        self.must(str(SHARED / "create.yml"), "-e", json.dumps({"machine_options": ["--tmpfs=/var/lib/nats:size=96m"]}))

    def close(self) -> None:
        self.deploy(playbook=str(SHARED / "destroy.yml"))
        shutil.rmtree(self.root / "nats", ignore_errors=True)  # so that what comes next is not refused what has left
        self.nodes = FIRST

    def grow(self) -> None:
        """A fourth machine, which the inventory has and which has no server yet."""
        (self.root / "inventory" / "further.yml").write_text("nats_servers: {hosts: {n4: {}}}\n", encoding="utf-8")
        self.create()
        self.nodes = (*FIRST, "n4")

    def shrink(self) -> None:
        """The fourth machine is gone, and forgotten."""
        self.remove("n4")
        for name in ("inventory/further.yml", "inventory/addresses.yml", "nats/changes/n4.left"):
            (self.root / name).unlink(missing_ok=True)
        self.nodes = FIRST
        self.create()

    def remove(self, node: str) -> None:
        """The machine is lost with all that it has."""
        for name in self.docker("ps", "--all", "--format", "{{.Names}}").splitlines():
            if name.endswith(f"-faults-{node}"):
                self.docker("rm", "--force", "--volumes", name)

    def renew(self, node: str) -> None:
        """It is lost, and an empty one stands in its place."""
        self.remove(node)
        self.create()

    def container(self, node: str) -> str:
        listed = self.docker("ps", "--all", "--format", "{{.Names}}").splitlines()
        return next(name for name in listed if name.endswith(f"-faults-{node}"))

    def docker(self, *words: str) -> str:
        done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def on(self, node: str, script: str) -> str:
        """What a script of root on a machine says, whether ssh works there or not."""
        return self.docker("exec", self.container(node), "bash", "-c", script)

    def started(self) -> dict[str, str]:
        """When the server of each machine started; empty where none runs."""
        show = "systemctl show --property=MainPID,ExecMainStartTimestampMonotonic --value nats-server | paste -sd' '"
        return {node: self.on(node, show) for node in self.nodes}

    def begin_traffic(self) -> None:
        self.must(str(SHARED / "traffic_begin.yml"))

    def addresses(self, *nodes: str) -> str:
        """Theirs, one after the other."""
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return " ".join(self.docker("inspect", "--format", form, self.container(node)) for node in nodes)

    def second(self, but: str = "") -> str:
        """A server that is restarted second: the leader of JetStream's meta group is the last."""
        ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8222/jsz').read().decode())"
        leader = json.loads(self.on(self.nodes[0], f'python3 -c "{ask}"'))["meta_cluster"]["leader"]
        return [node for node in self.nodes if node not in (leader, but)][-1]

    def end_traffic(self) -> dict[str, Any]:
        """What the clients saw."""
        told = self.root / "traffic.json"
        (self.root / "traffic.end").touch(mode=0o600)
        assert wait_until(told.exists, 180), "the traffic does not end"
        saw: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        return saw
