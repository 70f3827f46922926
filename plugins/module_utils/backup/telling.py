# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line now and then of what takes long: nobody has to wonder whether it still goes on."""

from __future__ import annotations

import time
from typing import Callable

_STEP = 10.0


def megabytes(count: int) -> str:
    """A number of bytes for people."""
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{count / 1000:.1f} kB"


class Telling:
    """Counts bytes, and says every ten seconds how many there were. of: what there is, in words."""

    def __init__(
        self, progress: Callable[[str], None], where: str, of: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._where, self._of, self._clock = progress, where, of, clock
        self._told = clock()
        self._bytes = 0

    def count(self, more: int) -> None:
        """So many bytes more."""
        self._bytes += more
        if self._clock() - self._told >= _STEP:
            self._told = self._clock()
            self._progress(f"{self._where}: {megabytes(self._bytes)} so far, of {self._of}")
