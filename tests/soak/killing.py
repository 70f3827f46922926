# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed, and what its keys must look like afterwards."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate

SEED = int(os.environ.get("AEGIS_SEED", "20261123"))


def moments(name: str, duration: float, count: int) -> list[float]:
    """When to kill: ``count`` seconds after the start, one at random in each equal part of the duration.

    The last tenth is left out: no two runs take equally long, and each is to be killed.
    """
    chance = random.Random(f"{SEED} {name}")
    return [0.9 * duration * (part + chance.random()) / count for part in range(count)]


def kill_after(estate: Estate, seconds: float, whole_tree: bool) -> bool:
    """Start a deploy and kill it; whether it was still running then.

    whole_tree: every process that it has started too, but for servers that stand on their own; else its group alone,
    so that what works for it may go on for a while, as it does where a terminal is lost.
    """
    run = estate.start()
    assert run.stdout is not None
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.communicate(timeout=seconds)
            return False
        kill(run, whole_tree)
    finally:
        if run.poll() is None:
            run.kill()
    time.sleep(0.2)
    return True


def kill(run: subprocess.Popen[str], whole_tree: bool) -> None:
    """End a run at once, with every process that works for it where ``whole_tree`` says so."""
    workers = [pid for pid in _descendants(run.pid) if not _is_server(pid)] if whole_tree else []
    os.killpg(run.pid, signal.SIGKILL)
    for pid in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if run.stdout:
        run.stdout.close()
    run.wait()


def _descendants(pid: int) -> Iterator[int]:
    for entry in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in entry.read_text().split():
                yield int(child)
                yield from _descendants(int(child))


def _is_server(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip() == "nats-server"
    return False


def keys_of(estate: Estate) -> dict[str, bytes]:
    """Every key and secret that the controller holds, by its path."""
    folder = estate.root / "nats"
    kept = (".nk", ".secret", ".key")
    return {
        str(place.relative_to(folder)): place.read_bytes()
        for place in sorted(folder.rglob("*"))
        if place.suffix in kept and ".staging" not in place.parts
    }


def orphans(estate: Estate) -> set[str]:
    """Public keys whose seed is kept and that no token speaks of."""
    trust = estate.root / "nats" / "trust"
    seeds = {place.stem for place in (trust / "keys").rglob("*.nk")}
    spoken = "".join(_claims(place.read_text(encoding="ascii")) for place in (trust / "stores").rglob("*.jwt"))
    return {seed for seed in seeds if seed not in spoken}


def _claims(token: str) -> str:
    body = token.strip().split(".")[1]
    return json.dumps(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def left_over(estate: Estate) -> list[str]:
    """Journals, staged files and half releases that nobody needs any more."""
    found = [*estate.root.glob("nats/**/.journal*"), *estate.root.glob("nats/**/.staging")]
    found += [place for place in estate.root.glob("nodes/*/etc/releases/*") if place.suffix]
    return [str(place) for place in found]
