# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A throwaway estate: the quickstart's inventory in a folder of its own, deployed by the real playbook."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import random
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "quickstart" / "group_vars" / "nats_servers"
PROGRAM = str(Path(sys.executable).parent / "ansible-playbook")
#: A playbook that makes certificates and tree, and reaches no host.
CONTROLLER = str(Path(__file__).with_name("controller.yml"))
NODES = ("n1", "n2", "n3")
#: Folders of an estate that belong to the machinery of a run, not to what it makes.
SCRATCH = ("home", "tmp", "record.jsonl", "inventory.yml")


def server_binary() -> str:
    """The nats-server program: $NATS_SERVER, or the pinned one, fetched once."""
    named = os.environ.get("NATS_SERVER")
    if named:
        return named
    script = 'source scripts/environment.sh; ensure_server "$PWD/.cache/server" "$0"'
    done = subprocess.run(["bash", "-c", script, sys.executable], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def version_of(binary: str) -> str:
    """What a server program says of itself."""
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1].lstrip("v")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below those that outgoing connections are given."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def put(settings: dict[str, Any], path: str, value: Any) -> None:
    """Write ``value`` at ``accounts[0].users[1].name``; ``[+]`` appends, the value ``REMOVE`` takes away."""
    steps = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
    place: Any = settings
    for step, following in zip(steps, steps[1:]):
        if isinstance(place, dict) and step not in place:
            place[step] = [] if following == "+" or isinstance(following, int) else {}
        place = place[step]
    if steps[-1] == "+":
        place.append(value)
    elif value is REMOVE:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value


REMOVE = object()


@dataclass(frozen=True)
class Run:
    """What one run of ansible-playbook said. results: its task results in their order."""

    code: int
    output: str = field(repr=False)
    seconds: float
    results: tuple[Mapping[str, Any], ...] = field(repr=False)

    @property
    def failures(self) -> list[Mapping[str, Any]]:
        return [result for result in self.results if result["outcome"] in ("failed", "unreachable")]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Path and message of everything that failed; a failure without a list of problems is one, without a path."""
        found: list[tuple[str, str]] = []
        for failure in self.failures:
            listed = [(problem["path"], problem["message"]) for problem in failure["problems"]]
            found.extend(listed or [("", failure["msg"])])
        return found

    @property
    def warnings(self) -> list[str]:
        return [warning for result in self.results for warning in result["warnings"]]

    @property
    def changes(self) -> list[tuple[str, str]]:
        return [(result["host"], result["task"]) for result in self.results if result["changed"]]

    @property
    def told(self) -> str:
        """The output, and once more what failed: the last lines of a log are what is left to read of it."""
        failed = [f"{each['host']}: {each['task']}: {each['msg']} {each['problems'] or ''}" for each in self.failures]
        return "\n".join([self.output, *failed])

    @property
    def text(self) -> str:
        """The output with every run of white space as one space: what a reader sees, without the line breaks."""
        return " ".join(self.output.split())


def good(run: Run) -> Run:
    """The run, which must have ended well."""
    assert run.code == 0, run.told
    return run


class Estate:
    """An inventory of nodes on loopback below ``root``. ``close`` ends its servers, whatever happened."""

    def __init__(self, root: Path, binary: str, nodes: Sequence[str] = NODES) -> None:
        self.root = root
        self.nodes = tuple(nodes)
        self.binary = binary
        self.program = PROGRAM
        self.home = root / "home"
        self.scratch = root / "tmp"
        for folder in (root, self.home, self.scratch):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ports = free_ports(3 * len(self.nodes))
        self.ports = {"client": ports[0::3], "cluster": ports[1::3], "monitoring": ports[2::3]}
        self.settings: dict[str, Any] = {}
        self.hosts: dict[str, dict[str, Any]] = {}
        self.others: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, Any] = {}
        self.reset()

    def reset(self) -> None:
        """The settings of the quickstart again."""
        self.settings = {
            **_load("servers.yml"),
            **_load("trust.yml"),
            "quickstart_dir": str(self.root),
            "quickstart_ports": copy.deepcopy(self.ports),
            "quickstart_binary": self.binary,
        }
        self.hosts = {name: {"quickstart_number": number} for number, name in enumerate(self.nodes)}

    def inventory(self) -> dict[str, Any]:
        return {
            "nats_servers": {"hosts": self.hosts, "vars": self.settings},
            "ungrouped": {"hosts": self.others},
            **self.groups,
        }

    def command(self, *options: str, playbook: Optional[str] = None) -> list[str]:
        place = self.root / "inventory.yml"
        place.write_text(yaml.safe_dump(self.inventory(), sort_keys=False, allow_unicode=True), encoding="utf-8")
        return [self.program, "-i", str(place), *options, playbook or str(ROOT / "playbooks" / "deploy.yml")]

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        return {
            **kept,
            "HOME": str(self.home),
            "TMPDIR": str(self.scratch),
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "record",
            "ANSIBLE_FORCE_COLOR": "0",
            "AEGIS_RECORD": str(self.root / "record.jsonl"),
            "LC_ALL": "C.UTF-8",
            **more,
        }

    def start(self, *options: str, playbook: Optional[str] = None, **environment: str) -> subprocess.Popen[str]:
        """A run in a session of its own, so that all of it can be ended at once."""
        (self.root / "record.jsonl").unlink(missing_ok=True)
        return subprocess.Popen(
            self.command(*options, playbook=playbook),
            cwd=ROOT,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def deploy(
        self, *options: str, playbook: Optional[str] = None, timeout: float = 300, wrap: Sequence[str] = (), **env: str
    ) -> Run:
        """One whole run. wrap: words in front of the command, such as those of another mount namespace."""
        (self.root / "record.jsonl").unlink(missing_ok=True)
        started = time.monotonic()
        done = subprocess.run(
            [*wrap, *self.command(*options, playbook=playbook)],
            cwd=ROOT,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Run(done.returncode, done.stdout, time.monotonic() - started, self.results())

    def killed_at(self, task: str, *options: str, playbook: str, count: int = 1) -> None:
        """Start a playbook, and kill it and all its children once a task has changed something ``count`` times."""

        def is_due() -> bool:
            return sum(each["task"] == task and each["changed"] for each in self.results()) >= count

        self.killed_when(is_due, *options, playbook=playbook)

    def killed_when(self, is_due: Callable[[], bool], *options: str, playbook: str) -> None:
        """Start a playbook, and kill it and all its children in the middle."""
        run = self.start(*options, playbook=playbook)
        assert run.stdout is not None
        try:
            assert wait_until(lambda: is_due() or run.poll() is not None, 240)
            assert run.poll() is None, run.stdout.read()
        finally:
            _signal(-run.pid, signal.SIGKILL)  # its process group
            run.stdout.close()
            run.wait()

    def results(self) -> tuple[Mapping[str, Any], ...]:
        record = self.root / "record.jsonl"
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return tuple(json.loads(line) for line in lines)

    def snapshot(self, *below: str) -> dict[str, tuple[int, str]]:
        """Mode and digest of everything that runs have made, but for the servers' own logs and data."""
        found: dict[str, tuple[int, str]] = {}
        for start in below or tuple(sorted(name for name in os.listdir(self.root) if name not in SCRATCH)):
            for place in [self.root / start, *sorted((self.root / start).rglob("*"))]:
                path = str(place.relative_to(self.root))
                if re.match(r"nodes/[^/]+/(log|data|run)/", path) or not os.path.lexists(place):
                    continue
                found[path] = _look(place)
        return found

    def processes(self) -> dict[int, str]:
        """Pid and configuration of the servers that run from this estate's folder."""
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                ended = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if (
                Path(words[0]).name.startswith("nats-server")
                and not ended
                and any(str(self.root) in word for word in words)
            ):
                found[int(entry.name)] = " ".join(words).strip()
        return found

    def close(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                _signal(pid, number)
            if wait_until(lambda: not self.processes(), 10):
                return


@contextlib.contextmanager
def deployed_estate(root: Path, binary: str) -> Iterator[Estate]:
    """An estate whose servers run, for the length of a block."""
    made = Estate(root, binary)
    try:
        good(made.deploy())
        yield made
    finally:
        made.close()


def _load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((EXAMPLE / name).read_text(encoding="utf-8"))
    return found


def _look(place: Path) -> tuple[int, str]:
    status = place.lstat()
    if stat.S_ISLNK(status.st_mode):
        return 0, f"-> {os.readlink(place)}"
    content = "" if stat.S_ISDIR(status.st_mode) else hashlib.sha256(place.read_bytes()).hexdigest()
    return stat.S_IMODE(status.st_mode), content


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
