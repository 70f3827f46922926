# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_process: a program beside the server, where there is no service manager.

A record tells which process is ours and what it was started with. It is believed only as far as the process table
agrees, and a program whose words or files are others by now is started anew, whoever has changed them and whenever.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from .service import read_log, wait_until

_SPEC: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "argv": {"type": "list", "elements": "str", "default": []},
    "record": {"type": "path", "required": True},
    "log_file": {"type": "path", "required": True},
    "files": {"type": "list", "elements": "path", "default": []},
    "settle": {"type": "float", "default": 0.5},
    "timeout": {"type": "float", "default": 10.0},
}


@dataclass(frozen=True)
class Started:
    """What a process was started with. files: path to SHA-256, empty for a file that is not there."""

    pid: int
    argv: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def reasons(name: str, argv: Sequence[str], files: Mapping[str, str], running: Optional[Started]) -> list[str]:
    """Why the program has to be started, or started anew; none where it runs as it should."""
    if running is None:
        return [f"{name} is started"]
    found = [f"{name} is restarted: it is started with other words"] if tuple(argv) != running.argv else []
    changed = [path for path, digest in files.items() if running.files.get(path) != digest]
    return found + [f"{name} is restarted: {path} changed" for path in changed]


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    name, record = params["name"], Path(params["record"])
    running = read_record(record)
    files = {path: _digest(path) for path in params["files"]}
    if params["state"] == "stopped":
        why = [f"{name} is stopped"] if running else []
    else:
        if not params["argv"]:
            raise NatsError("argv: is empty: write the program and its words")
        why = reasons(name, params["argv"], files, running)
    pid = running.pid if running else None
    if why and not surroundings.check_mode:
        if running:
            _stop(running, params["timeout"])
        if params["state"] == "started":
            pid = _start(params, record, files)
        else:
            pid = None
            record.unlink()
    return Outcome(Plan(reasons=tuple(why), touched=bool(why)), {"pid": pid})


def read_record(place: Path) -> Optional[Started]:
    """The process that the record tells of, where it runs: it has the words that are written there."""
    try:
        said = json.loads(place.read_text(encoding="utf-8"))
        found = Started(int(said["pid"]), tuple(said["argv"]), dict(said["files"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if _runs(found) else None


def _runs(started: Started) -> bool:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{started.pid}/cmdline").read_bytes().split(b"\0")[:-1]
        # A process that has ended and that nobody has asked for has no words.
        return words == [os.fsencode(word) for word in started.argv]
    return False


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""


def _stop(running: Started, timeout: float) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(running.pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise NatsError(
                f"process {running.pid} belongs to another user: run this as that user or as root"
            ) from error
        if wait_until(lambda: not _runs(running), timeout):
            return
    raise NatsError(f"process {running.pid} does not end, not even when killed")


def _start(params: Mapping[str, Any], record: Path, files: Mapping[str, str]) -> int:
    """Start it in a session of its own, note it, and see that it stays."""
    for place in (record, Path(params["log_file"])):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(params["log_file"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "wb") as output:
        try:
            process = subprocess.Popen(
                params["argv"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd="/",
            )
        except OSError as error:
            raise NatsError(f"{params['argv'][0]} can't be started: {error.strerror}") from error
    text = json.dumps({"pid": process.pid, "argv": list(params["argv"]), "files": dict(files)})
    fresh = record.with_name(f".{record.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(record)
    if wait_until(lambda: process.poll() is not None, params["settle"]):
        said = read_log(params["log_file"], None, 2000).strip()
        raise NatsError(f"{params['name']} ended at once (status {process.returncode}); its last words:\n{said}")
    return process.pid


PROCESS = Verb(name="node_process", argument_spec=_SPEC, run=_run, local_paths=())
