# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python for each host of a bench that notes every module it runs, and what each takes of the processor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: The words of the shell's builtin ``times``: user and system time of the shell, and below it of its children.
_TIMES = re.compile(r"(\d+)m([\d.]+)s (\d+)m([\d.]+)s")


@dataclass(frozen=True)
class Work:
    """What one host did: modules that ran, and their seconds of the processor with what they started and waited for."""

    modules: int
    seconds: float


class CountingPythons:
    """One interpreter a host, below ``folder``. Whoever runs there must be able to write to it."""

    def __init__(self, folder: Path, hosts: Sequence[str], python: str) -> None:
        folder.mkdir()
        self._folder = folder
        self._hosts = tuple(hosts)
        for host in hosts:
            place = folder / host
            place.write_text(
                f'#!/bin/sh\n"{python}" "$@"\ncode=$?\ntimes >>"{place}.runs"\nexit $code\n', encoding="utf-8"
            )
            place.chmod(0o755)

    @property
    def variable(self) -> str:
        """The value of ansible_python_interpreter."""
        return f"{self._folder}/{{{{ inventory_hostname }}}}"

    def forget(self) -> None:
        """Begin to count anew."""
        for host in self._hosts:
            (self._folder / f"{host}.runs").unlink(missing_ok=True)

    def work(self) -> dict[str, Work]:
        """What each host did since then."""
        return {host: self._work(self._folder / f"{host}.runs") for host in self._hosts}

    @staticmethod
    def _work(notes: Path) -> Work:
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        found = [_TIMES.fullmatch(line) for line in lines]
        seconds = [60 * (int(match[1]) + int(match[3])) + float(match[2]) + float(match[4]) for match in found if match]
        assert len(seconds) == len(lines) and len(lines) % 2 == 0, f"{notes}: {lines}"
        return Work(len(lines) // 2, sum(seconds))
