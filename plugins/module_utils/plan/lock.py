# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time: an advisory lock on a file, which ends with the process that holds it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import Busy

LOCK = ".lock"


@contextlib.contextmanager
def hold(folder: Path, patience: float) -> Iterator[None]:
    """Hold the lock of an existing folder; waits up to ``patience`` seconds, then raises Busy."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(descriptor, folder, patience)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, folder: Path, patience: float) -> None:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
        if time.monotonic() >= end:
            raise Busy(f"{folder}: another run holds the lock since {patience:.0f} s: wait for it to end")
        time.sleep(0.05)
