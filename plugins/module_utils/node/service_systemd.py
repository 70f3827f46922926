# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server under systemd. Stopping in lame duck mode is the unit's ExecStop, reloading its ExecReload."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import Optional

from .service import ABSENT, RUNNING, STOPPED, LogMark, ServiceError, State, mark_log, read_log


@dataclass(frozen=True)
class SystemdService:
    """name: of the unit, with or without ``.service``. log_file: where the server logs besides the journal."""

    name: str = "nats-server"
    log_file: Optional[str] = None

    @property
    def unit(self) -> str:
        return self.name if self.name.endswith(".service") else f"{self.name}.service"

    def _systemctl(self, *words: str, timeout: float = 120.0, check: bool = True) -> str:
        environment = {**os.environ, "LC_ALL": "C", "SYSTEMD_COLORS": "0"}
        try:
            done = subprocess.run(
                ["systemctl", "--no-pager", *words],
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
                stdin=subprocess.DEVNULL,
                env=environment,
            )
        except FileNotFoundError as error:
            raise ServiceError(
                "this host has no systemctl: use the service manager 'process', or install systemd"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise ServiceError(f"systemctl {' '.join(words)} did not end within {timeout:.0f} s") from error
        if check and done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise ServiceError(f"systemctl {' '.join(words)} failed: {said[:600]}")
        return done.stdout

    def _show(self) -> dict[str, str]:
        properties = "LoadState,ActiveState,SubState,MainPID,UnitFileState"
        said = self._systemctl("show", self.unit, f"--property={properties}", check=False)
        found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if not found:
            raise ServiceError(
                "systemd does not answer on this host: use the service manager 'process' where it is not run"
            )
        return found

    def state(self) -> State:
        """What systemd says of the unit; a unit that is being restarted again and again counts as stopped."""
        shown = self._show()
        pid = int(shown.get("MainPID") or 0)
        if shown.get("ActiveState") in ("active", "reloading", "deactivating") and pid:
            return State(RUNNING, pid)
        return State(ABSENT if shown.get("LoadState") == "not-found" else STOPPED)

    def start(self) -> None:
        """Start the unit; its count of failed starts begins anew."""
        self._systemctl("reset-failed", self.unit, check=False)
        self._systemctl("start", self.unit)

    def stop(self, lame_duck: bool, timeout: float) -> None:
        """Stop the unit. Without lame duck mode TERM goes first, so that ExecStop finds nothing to wait for."""
        if not lame_duck:
            self._systemctl("kill", "--signal=TERM", self.unit, check=False)
        self._systemctl("stop", self.unit, timeout=timeout + 30)

    def restart(self, lame_duck: bool, timeout: float) -> None:
        """Stop and start."""
        self.stop(lame_duck, timeout)
        self.start()

    def reload(self) -> None:
        """Reload through the unit."""
        self._systemctl("reload", self.unit)

    def read_units(self) -> None:
        """daemon-reload."""
        self._systemctl("daemon-reload")

    def enable(self, check_mode: bool) -> bool:
        """Enable the unit unless it is enabled."""
        if self._show().get("UnitFileState") in ("enabled", "static", "generated"):
            return False
        if not check_mode:
            self._systemctl("enable", self.unit)
        return True

    def disable(self, check_mode: bool) -> bool:
        """Disable the unit where it is enabled."""
        if self._show().get("UnitFileState") not in ("enabled", "enabled-runtime"):
            return False
        if not check_mode:
            self._systemctl("disable", self.unit)
        return True

    def mark(self) -> LogMark:
        return mark_log(self.log_file)

    def log_since(self, mark: LogMark) -> str:
        """The server's log file since the mark, then the unit's journal: why a start failed is the last to be said."""
        try:
            done = subprocess.run(
                ["journalctl", "--no-pager", "-o", "cat", "-n", "60", "-u", self.unit, f"--since=@{int(mark.moment)}"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            journal = done.stdout
        except (OSError, subprocess.TimeoutExpired):
            journal = ""
        return read_log(self.log_file, mark) + journal
