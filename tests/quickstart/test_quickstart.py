# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""./quickstart as a person meets it: a cluster, the same cluster, no cluster."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
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


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout(tmp_path_factory.mktemp("clone") / "aegis.nats")
    yield made
    made.quickstart("clean")


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


@pytest.fixture(scope="module")
def first(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    return checkout.quickstart(NATS_QUICKSTART_PORT=str(free_port()))


def material(checkout: Checkout) -> dict[str, bytes]:
    """Everything that is made: trust, certificates, secrets and the configurations that run."""
    kept = [*(checkout.state / "nats").rglob("*"), *(checkout.state / "nodes").glob("*/etc/**/*")]
    return {str(path.relative_to(checkout.state)): path.read_bytes() for path in kept if path.is_file()}


def changes(checkout: Checkout) -> list[str]:
    """What Ansible counted as changed in the last run."""
    return re.findall(r"changed=(\d+)", (checkout.state / "deploy.log").read_text())


def test_it_deploys_and_tells(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout + first.stderr
    assert alive(checkout.processes()) == list(NODES)
    client = checkout.client()
    assert set(client) == {"NATS_URL", "NATS_CA", "NATS_CERT", "NATS_KEY", "NATS_CREDS"}
    # The creds of all accounts lie beside those of this one; the summary says where.
    assert str(Path(client["NATS_CREDS"]).parents[1].relative_to(checkout.place)) in first.stdout
    assert "./quickstart stop" in first.stdout


def test_any_client_gets_in_with_what_it_leaves(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    client = checkout.client()
    tls = ssl.create_default_context(cafile=client["NATS_CA"])
    tls.load_cert_chain(client["NATS_CERT"], client["NATS_KEY"])

    async def exchange() -> bytes:
        connection = await nats.connect(
            client["NATS_URL"].split(","), tls=tls, user_credentials=client["NATS_CREDS"], connect_timeout=5
        )
        heard = await connection.subscribe("orders.test")
        await connection.publish("orders.test", b"hello")
        message = await heard.next_msg(timeout=5)
        await connection.close()
        return message.data

    assert asyncio.run(exchange()) == b"hello"


def test_it_leaves_nothing_open(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    assert checkout.state.stat().st_mode & 0o777 == 0o700
    secret = [
        path
        for path in (*(checkout.state / "nats").rglob("*"), *(checkout.state / "nodes").glob("*/etc/**/*"))
        if path.is_file() and (path.suffix in {".nk", ".key", ".creds", ".env", ".conf"} or "secrets" in path.parts)
    ]
    assert len(secret) >= 3 * len(NODES)
    assert not [str(path) for path in secret if path.stat().st_mode & 0o777 != 0o600]


def test_a_second_run_changes_nothing(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes, before = checkout.processes(), material(checkout)
    second = checkout.quickstart()
    assert second.returncode == 0, second.stdout + second.stderr
    assert set(changes(checkout)) == {"0"}
    assert checkout.processes() == processes
    assert material(checkout) == before


def test_it_comes_back_after_a_stop(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes, before = checkout.processes(), material(checkout)
    stopped = checkout.quickstart("stop")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert not alive(processes)
    again = checkout.quickstart()
    assert again.returncode == 0, again.stdout + again.stderr
    assert material(checkout) == before
    assert not set(checkout.processes().values()) & set(processes.values())


def test_it_goes_without_a_trace(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes = checkout.processes()
    cleaned = checkout.quickstart("clean")
    assert cleaned.returncode == 0, cleaned.stdout + cleaned.stderr
    assert not checkout.state.exists()
    assert not alive(processes)
