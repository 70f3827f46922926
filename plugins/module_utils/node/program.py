# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's program as part of a release: it comes beside the one in place, is renamed into place with the release,
and goes back with it.

``nats-server`` is what the service starts. ``nats-server.coming`` takes its place when the release is switched in.
``nats-server.before`` is the one that was last proved to run, kept until the one in place is. So a run may be killed
anywhere: as long as another program is kept, the one in place still has to be proved, and is taken back when it can't.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..plan.errors import NatsError
from ..plan.writing import sync_folder
from .host import Binary, binary_version, find_binary, is_replaced

_SAID_BY_SERVER = "nats-server"


def coming_path(binary: str) -> str:
    """Where a program is put that is to take the place of ``binary``."""
    return f"{binary}.coming"


def kept_path(binary: str) -> str:
    """Where the program is kept that was last proved to run, until the one in place is."""
    return f"{binary}.before"


@dataclass(frozen=True)
class Coming:
    """A program that takes the place of the present one. version: None where it can't be told yet."""

    version: Optional[str]


@dataclass(frozen=True)
class Programs:
    """binary: what the service starts. program: what may come in its place. announced: it comes, but is not here."""

    binary: str
    program: Optional[str] = None
    announced: Optional[Coming] = None

    @property
    def in_place(self) -> str:
        """The path of the program that the service starts."""
        return find_binary(self.binary) or self.binary

    @property
    def kept(self) -> str:
        return kept_path(self.in_place)

    @property
    def next(self) -> str:
        """The program that the wanted release is going to run with."""
        return self.program if self.program and self._is_coming() else self.in_place

    def coming(self) -> Optional[Coming]:
        """What comes, or None. Raises NatsError when it is no nats-server for this host."""
        if self.announced:
            return self.announced
        return Coming(binary_version(self.program)) if self.program and self._is_coming() else None

    def _is_coming(self) -> bool:
        return bool(self.program and os.path.exists(self.program) and not _is_same(self.program, self.in_place))

    def is_unproved(self) -> bool:
        """Whether the program in place was switched in and is not proved yet."""
        return os.path.lexists(self.kept) and not _is_same(self.kept, self.in_place)

    def switch_in(self, pid: Optional[int]) -> None:
        """Put what comes into place and keep what was there. pid: of the running server."""
        if not self._is_coming() or self.program is None:
            return
        self._keep(pid)
        _sync(self.program)
        os.replace(self.program, self.in_place)
        sync_folder(Path(self.in_place).parent)

    def _keep(self, pid: Optional[int]) -> None:
        """Keep the program in place, unless another is kept that was the last to be proved."""
        if not os.path.lexists(self.in_place):
            return
        if self.is_unproved() and not (pid and _runs(pid, self.in_place)):
            return
        staged = f"{self.kept}.new"
        for path in (staged, self.kept):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        try:
            os.link(self.in_place, staged, follow_symlinks=False)
        except OSError:
            shutil.copy2(self.in_place, staged, follow_symlinks=False)
            _sync(staged)
        os.replace(staged, self.kept)
        sync_folder(Path(self.kept).parent)

    def take_back(self) -> bool:
        """Put what was kept back into place; whether that is another program."""
        if not self.is_unproved():
            self.forget()
            return False
        os.replace(self.kept, self.in_place)
        sync_folder(Path(self.in_place).parent)
        return True

    def forget(self) -> None:
        """What is in place is proved: what was there before is not needed any more."""
        for path in (self.kept, f"{self.kept}.new"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def sweep(self) -> None:
        """Remove what a killed run left and nothing refers to: copies of the program in place."""
        if not self.is_unproved():
            self.forget()
        if self.program and os.path.exists(self.program) and _is_same(self.program, self.in_place):
            os.unlink(self.program)

    def prove_running(self, pid: Optional[int]) -> None:
        """Raises NatsError when a server that was just started runs another program than the one in place."""
        if pid and is_replaced(pid, self.in_place):
            raise NatsError(f"the service starts another program than {self.in_place}: have its unit start that one")


def running_version(pid: Optional[int], binary: Optional[Binary]) -> Optional[str]:
    """The version of the program that a process runs, wherever that lies by now; None where it can't be told."""
    if not pid:
        return None
    if binary and _runs(pid, binary.path):
        return binary.version
    try:
        return binary_version(f"/proc/{pid}/exe", said_by=_SAID_BY_SERVER)
    except NatsError:
        return None


def _runs(pid: int, path: str) -> bool:
    try:
        return Path(f"/proc/{pid}/exe").samefile(path)
    except OSError:
        return False


def _is_same(one: str, other: str) -> bool:
    """Whether two programs are the same, byte by byte; a missing one is not."""
    try:
        return os.path.samefile(one, other) or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def _sync(path: str) -> None:
    """Have its content on the disk before its name is."""
    if os.path.islink(path):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
