# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster host in a folder: the verbs of the node run on it, against real servers without root. For tests only."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import HttpMonitor
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_config import CONFIG
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_encrypted import ENCRYPTED
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_info import INFO
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_keys import KEYS
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_service import SERVICE
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, Verb, perform

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
PLANTED = {"password": "planted-pass-Zq8", "key": "planted js key Zq9", "route": "planted-route-Zq7"}
# Ends itself, as a kill would, at the n-th change that it is about to make.
_KILLED = """
import json, os, sys
sys.path[:0] = json.loads(sys.argv[4])
from ansible_collections.aegis.nats.tests.integration.node_host import perform_with
last, count = int(sys.argv[3]), 0
CHANGES = ("os.rename", "os.symlink", "os.link", "os.chmod", "os.mkdir", "os.remove", "os.rmdir", "os.kill")
CHANGES += ("subprocess.Popen",)
def count_down(event, arguments):
    global count
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if event in CHANGES or writes:
        count += 1
        if count == last:
            os._exit(137)
params = json.load(open(sys.argv[2]))
sys.addaudithook(count_down)
result = perform_with(sys.argv[1], params)
sys.stderr.write(result.get("msg", ""))
os._exit(1 if result.get("failed") else 0)
"""


def perform_with(name: str, params: Mapping[str, Any], check_mode: bool = False) -> dict[str, Any]:
    """Run a verb as its module would."""
    verbs = {
        "node_config": CONFIG,
        "node_encrypted": ENCRYPTED,
        "node_info": INFO,
        "node_keys": KEYS,
        "node_service": SERVICE,
    }
    verb: Verb = verbs[name]
    checked = ArgumentSpecValidator(dict(verb.argument_spec)).validate(dict(params))
    assert not checked.error_messages, checked.error_messages
    seen = Surroundings(check_mode=check_mode, now=datetime.now(timezone.utc), seal=NoSeal())
    return perform(verb, checked.validated_parameters, seen)


def free_port() -> int:
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@dataclass
class Host:
    """One host with its folders and ports."""

    root: Path
    binary: str
    name: str = "n1"
    port: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    cluster: int = field(default_factory=free_port)

    def config(self, body: str = "", **options: object) -> str:
        """A configuration with planted secrets; ``options`` and ``body`` come after and win."""
        lines = {
            "server_name": self.name,
            "listen": f'"127.0.0.1:{self.port}"',
            "http": f'"127.0.0.1:{self.http}"',
            "pid_file": f'"{self.root}/run/nats.pid"',
            "log_file": f'"{self.root}/log/nats.log"',
            "max_payload": "1MB",
            "authorization": f'{{ user: app, password: "{PLANTED["password"]}" }}',
            **options,
        }
        return "\n".join(f"{key}: {value}" for key, value in lines.items()) + f"\n{body}\n"

    def jetstream(self, key: str = "$JS_KEY") -> str:
        return f'jetstream {{ store_dir: "{self.root}/data", key: {key} }}'

    def files(self, config: str, **others: str) -> list[dict[str, Any]]:
        wanted = {"nats-server.conf": config, "nats-server.env": f"JS_KEY='\"{PLANTED['key']}\"'\n", **others}
        return [{"path": path, "content": text, "mode": "0600", "secret": True} for path, text in wanted.items()]

    def params(self, **more: Any) -> dict[str, Any]:
        return {
            "config_dir": f"{self.root}/etc",
            "environment_file": "nats-server.env",
            "service_manager": "process",
            "binary": self.binary,
            "pid_file": f"{self.root}/run/nats.pid",
            "log_file": f"{self.root}/log/nats.log",
            "monitor": f"http://127.0.0.1:{self.http}",
            "start_timeout": 15,
            "lame_duck": False,
            "directories": [{"path": f"{self.root}/{name}"} for name in ("run", "log", "data")],
            **more,
        }

    def stage(
        self, config: str, check_mode: bool = False, peers: Optional[list[str]] = None, **files: str
    ) -> dict[str, Any]:
        more = {"state": "staged", "files": self.files(config, **files), "peers": peers}
        return perform_with("node_config", self.params(**more), check_mode)

    def activate(self, release: str, check_mode: bool = False) -> dict[str, Any]:
        return perform_with("node_config", self.params(state="active", release=release), check_mode)

    def deploy(self, config: str, **files: str) -> dict[str, Any]:
        """Stage and switch; the result of the step that ended it."""
        staged = self.stage(config, **files)
        if staged.get("failed") or not staged["changed"]:
            return staged
        return self.activate(staged["release"])

    def service(self, state: str, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        params = {
            "state": state,
            "service_manager": "process",
            "binary": self.binary,
            "config": f"{self.root}/etc/current/nats-server.conf",
            "environment_file": f"{self.root}/etc/current/nats-server.env",
            "pid_file": f"{self.root}/run/nats.pid",
            "log_file": f"{self.root}/log/nats.log",
            "monitor": f"http://127.0.0.1:{self.http}",
            "lame_duck": False,
            "timeout": 15,
            **more,
        }
        return perform_with("node_service", params, check_mode)

    def killed_at(self, change: int, params: Mapping[str, Any], verb: str = "node_config") -> tuple[int, str]:
        """Run a verb in a process that ends itself before its ``change``-th change; its code and last words."""
        arguments = self.root / "params.json"
        arguments.write_text(json.dumps(params))
        paths = json.dumps([path for path in sys.path if path])
        command = [sys.executable, "-c", _KILLED, verb, str(arguments), str(change), paths]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stderr

    @property
    def monitor(self) -> HttpMonitor:
        return HttpMonitor(f"http://127.0.0.1:{self.http}")

    @property
    def pid(self) -> Optional[int]:
        found = perform_with("node_service", self.params_of_service(), check_mode=True)
        pid: Optional[int] = found["pid"]
        return pid

    def kill(self) -> None:
        """The server dies. On a busy machine it is seen for a while after the signal was sent."""
        pid = self.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while self.pid == pid:
            assert time.monotonic() < end, "it outlives a SIGKILL"
            time.sleep(0.01)

    def params_of_service(self) -> dict[str, Any]:
        return {
            "state": "started",
            "service_manager": "process",
            "config": f"{self.root}/etc/current/nats-server.conf",
            "pid_file": f"{self.root}/run/nats.pid",
        }

    @property
    def current(self) -> Path:
        return self.root / "etc" / "current"

    def tree(self) -> dict[str, tuple[int, int]]:
        """Every file below the configuration folder with its inode and time of change; of folders the inode."""
        places = [place for place in (self.root / "etc").rglob("*") if place.name != ".lock"]
        states = [(place, place.lstat()) for place in places]
        return {str(place): (seen.st_ino, 0 if place.is_dir() else seen.st_mtime_ns) for place, seen in states}

    def close(self) -> None:
        """Kill whatever server still has this host's configuration."""
        for _dummy in range(2):
            pid = self.pid
            if pid:
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)


def leaked(value: object) -> list[str]:
    """Planted secrets that a result, a text or a file holds."""
    text = value if isinstance(value, str) else json.dumps(value)
    return [secret for secret in PLANTED.values() if secret in text]
