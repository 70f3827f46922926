# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as a service: what it must be able to do, and what both service managers share."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional, Protocol

from ..plan.errors import NatsError
from .environment import parse_environment

RUNNING, STOPPED, ABSENT = "running", "stopped", "absent"


class ServiceError(NatsError):
    """The service manager could not do what was asked; the message carries its words."""


@dataclass(frozen=True)
class State:
    """running, stopped or absent (unknown to the service manager); pid of the server when it runs."""

    state: str
    pid: Optional[int] = None

    @property
    def running(self) -> bool:
        return self.state == RUNNING


@dataclass(frozen=True)
class LogMark:
    """A moment in the log: bytes of the log file, and the time for the journal."""

    size: int
    inode: int
    moment: float


class Service(Protocol):
    """A server under a service manager."""

    def state(self) -> State: ...
    def start(self) -> None: ...
    def stop(self, lame_duck: bool, timeout: float) -> None: ...
    def reload(self) -> None: ...
    def restart(self, lame_duck: bool, timeout: float) -> None: ...

    def read_units(self) -> None:
        """Have the service manager read changed unit files."""

    def enable(self, check_mode: bool) -> bool:
        """Have the server start with the host; whether that was (or would be) a change."""

    def disable(self, check_mode: bool) -> bool:
        """Have the server not start with the host any more; whether that was (or would be) a change."""

    def mark(self) -> LogMark: ...

    def log_since(self, mark: LogMark) -> str:
        """What the server has written since, raw: it may hold secrets."""


def mark_log(path: Optional[str]) -> LogMark:
    """The present end of a log file."""
    try:
        status = os.stat(path) if path else None
    except OSError:
        status = None
    return LogMark(status.st_size if status else 0, status.st_ino if status else 0, time.time())


def read_log(path: Optional[str], mark: Optional[LogMark], most: int = 65536) -> str:
    """What was appended to a log file since ``mark`` (all of it without one, or when rotated), at most the end."""
    if not path:
        return ""
    try:
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            same = mark is not None and status.st_ino == mark.inode and status.st_size >= mark.size
            file.seek(max(mark.size if same and mark else 0, status.st_size - most))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def read_environment(path: Optional[str]) -> Mapping[str, str]:
    """Variables of an environment file; none when there is no such file."""
    if not path:
        return {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return parse_environment(Path(path).read_text(encoding="utf-8"))
    return {}


def wait_until(condition: Callable[[], bool], timeout: float, interval: float = 0.05) -> bool:
    """Ask until the answer is yes or ``timeout`` seconds are over; the pauses grow to half a second."""
    end = time.monotonic() + timeout
    while not condition():
        rest = end - time.monotonic()
        if rest <= 0:
            return False
        time.sleep(min(interval, max(rest, 0.01)))
        interval = min(interval * 1.5, 0.5)
    return True
