# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of this checkout, as if freshly cloned, and its quickstart cluster."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
from pathlib import Path

from ansible_collections.aegis.nats.tests.meta.repository import ROOT, files

NODES = ("n1", "n2", "n3")


def environment() -> dict[str, str]:
    """A login's environment: without the virtual environment that runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VIRTUAL_ENV", "ANSIBLE_"))}
    own = str(ROOT / ".venv-test")
    kept["PATH"] = ":".join(folder for folder in kept["PATH"].split(":") if not folder.startswith(own))
    return kept


def status(pid: int) -> list[str]:
    """What the kernel says of a process after its name: state first, start time at 19; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return []


def alive(processes: dict[str, tuple[int, str]]) -> list[str]:
    """The nodes whose very process still runs; one that only waits to be reaped does not."""
    found = {node: (status(pid), start) for node, (pid, start) in processes.items()}
    return [node for node, (now, start) in found.items() if now and now[0] not in "ZX" and now[19] == start]


class Checkout:
    """A copy of this checkout, as if freshly cloned."""

    def __init__(self, place: Path) -> None:
        self.place = place
        for path in files():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, place / path)
        link = Path(".collections/ansible_collections/aegis/nats")
        (place / link).parent.mkdir(parents=True)
        (place / link).symlink_to(os.readlink(ROOT / link))

    def quickstart(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["./quickstart", *arguments],
            cwd=self.place,
            env={**environment(), **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    @property
    def state(self) -> Path:
        return self.place / ".quickstart"

    def processes(self) -> dict[str, tuple[int, str]]:
        """Per node: process id and start time, so that a recycled id is not taken for the same process."""
        found = {}
        for node in NODES:
            pid = int((self.state / "nodes" / node / "run/nats-server.pid").read_text())
            found[node] = (pid, status(pid)[19])
        return found

    def client(self) -> dict[str, str]:
        lines = (self.state / "client.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def free_port() -> int:
    """A first client port far from the usual ones: a cluster that runs here already is none of the test's business.

    The kinds of ports lie 2000 apart, three of each.
    """
    while True:
        first = random.randrange(20000, 28000)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in (first + 2000 * kind + node for kind in range(3) for node in range(3)):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
