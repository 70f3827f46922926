# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server without a service manager: a process of its own session, a pid file that the server writes, and signals.

nats-server: HUP reloads, USR2 is lame duck mode (it then exits by itself and ignores TERM), TERM stops.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Optional, Union

from .environment import server_environment
from .files import NOBODY_NAMED, Ownership
from .service import (
    RUNNING,
    STOPPED,
    LogMark,
    ServiceError,
    State,
    mark_log,
    read_environment,
    read_log,
    wait_until,
)


@dataclass(frozen=True)
class ProcessService:
    """Where everything of the server lies. run_as: user and group when root starts it for somebody else."""

    binary: str
    config: str
    pid_file: Optional[str] = None
    environment_file: Optional[str] = None
    log_file: Optional[str] = None
    run_as: Ownership = NOBODY_NAMED

    def state(self) -> State:
        """Running when a process has our configuration in its command line; a stale pid file is not believed."""
        pid = self._pid_of_file() or self._search()
        return State(RUNNING, pid) if pid else State(STOPPED)

    def _pid_of_file(self) -> Optional[int]:
        if not self.pid_file:
            return None
        with contextlib.suppress(OSError, ValueError):
            pid = int(Path(self.pid_file).read_text(encoding="ascii").strip())
            return pid if self._is_ours(pid) else None
        return None

    def _search(self) -> Optional[int]:
        with contextlib.suppress(OSError):
            for name in os.listdir("/proc"):
                if name.isdigit() and self._is_ours(int(name)):
                    return int(name)
        return None

    def _is_ours(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            wanted = os.fsencode(self.config)
            is_config = any(flag in (b"-c", b"--config") and word == wanted for flag, word in zip(words, words[1:]))
            return is_config and b"-t" not in words
        return False

    @property
    def _startup_log(self) -> Optional[str]:
        """Where words go that the server says before its own log is open."""
        return str(Path(self.log_file).with_name("startup.log")) if self.log_file else None

    def start(self) -> None:
        """Start the server in a session of its own; returns as soon as it is started, the caller proves it."""
        if self.state().running:
            return
        environment = server_environment(read_environment(self.environment_file))
        with self._output() as output:
            try:
                subprocess.Popen(
                    [self.binary, "-c", self.config],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    cwd="/",
                    env=environment,
                    **run_as_arguments(self.run_as),  # type: ignore[call-overload]
                )
            except OSError as error:
                raise ServiceError(f"{self.binary} can't be started: {error.strerror}") from error

    def _output(self) -> IO[bytes]:
        if not self._startup_log:
            return Path(os.devnull).open("wb")
        descriptor = os.open(self._startup_log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        return os.fdopen(descriptor, "wb")

    def _signal(self, pid: int, number: signal.Signals) -> None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise ServiceError(f"process {pid} belongs to another user: run this as that user or as root") from error

    def reload(self) -> None:
        """Send HUP."""
        pid = self.state().pid
        if pid is None:
            raise ServiceError("the server does not run: it can't reload")
        self._signal(pid, signal.SIGHUP)

    def stop(self, lame_duck: bool, timeout: float) -> None:
        """Lame duck mode first when asked, then TERM, and KILL for one that does not end within ``timeout`` seconds."""
        pid = self.state().pid
        if pid is None:
            return
        first = signal.SIGUSR2 if lame_duck else signal.SIGTERM
        for number, patience in ((first, timeout), (signal.SIGKILL, 10.0)):
            self._signal(pid, number)
            if wait_until(lambda: not self._is_ours(pid), patience):
                return
        raise ServiceError(f"process {pid} does not end, not even when killed")

    def restart(self, lame_duck: bool, timeout: float) -> None:
        """Stop and start."""
        self.stop(lame_duck, timeout)
        self.start()

    def read_units(self) -> None:
        """There are none."""

    def enable(self, check_mode: bool) -> bool:
        """A process of its own can't start with the host."""
        return False

    def disable(self, check_mode: bool) -> bool:
        """It did not."""
        return False

    def mark(self) -> LogMark:
        return mark_log(self.log_file)

    def log_since(self, mark: LogMark) -> str:
        """The log since the mark, then what a start said before it opened the log: why it failed is said last."""
        return read_log(self.log_file, mark) + read_log(self._startup_log, None)


def run_as_arguments(run_as: Ownership) -> dict[str, Union[int, list[int]]]:
    """Arguments of subprocess that change to another user; none when we are not root or nobody is named."""
    if os.geteuid() != 0 or run_as.owner is None:
        return {}
    uid, gid = run_as.ids()
    return {"user": uid, "extra_groups": [], **({"group": gid} if gid >= 0 else {})}
