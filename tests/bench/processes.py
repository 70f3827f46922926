# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel tells of processes: which there are, whose children they are, what they take of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Optional

_TICK = os.sysconf("SC_CLK_TCK")


def with_word(word: str) -> list[int]:
    """Those with this text in their command line."""
    return [pid for pid in _all() if word in (_read(pid, "cmdline") or "")]


def below(pids: Iterable[int]) -> list[int]:
    """These and all their descendants; who was given away to the first process is none."""
    parents = {pid: int(fields[1]) for pid in _all() if (fields := _fields(pid))}
    found = {pid for pid in pids if pid in parents}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found)


def processor(pids: Iterable[int]) -> float:
    """Seconds of the processor of these and of all children that they waited for; those that ended count nothing."""
    return sum(int(field) for pid in pids for field in (_fields(pid) or [])[11:15]) / _TICK


def megabytes(pids: Iterable[int]) -> float:
    """Their memory, what they share counted once a process."""
    lines = [line for pid in pids for line in (_read(pid, "status") or "").splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _all() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _fields(pid: int) -> Optional[list[str]]:
    """The fields of its stat after its name: state, parent, ..."""
    text = _read(pid, "stat")
    return text.rpartition(")")[2].split() if text else None


def _read(pid: int, name: str) -> Optional[str]:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
