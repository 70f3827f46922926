# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wait on a host in slices, so that it is told on the controller while it lasts: how long already, and for what."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

#: Seconds of the first slice, of which nobody needs to hear, and of those that follow. Each slice is one module run.
FIRST, NEXT = 4.0, 8.0
#: How much of what is missing a line names.
NAMED = 3

#: One module run: what this slice adds to the task's arguments goes in, the module's result comes out.
Run = Callable[[Mapping[str, float]], dict[str, Any]]


@dataclass
class Telling:
    """who waits until what; say: shows a line. The same words are not said twice in a row."""

    who: str
    until: str
    say: Callable[[str], None]
    said: str = ""

    def tell(self, seconds: float, timeout: float, missing: Sequence[str]) -> None:
        words = few(missing)
        shown = "still the same" if words == self.said else words
        self.said = words
        self.say(f"{self.who}: waits until {self.until}, {seconds:.0f} of {timeout:.0f} s: {shown}")


def wait_in_slices(run: Run, telling: Telling, clock: Callable[[], float] = time.monotonic) -> dict[str, Any]:
    """The result of the run that ended the wait: nothing is missing, time is over, or something went wrong.

    The module knows when time is over, and fails: it is told what was waited before it, by the clock of the controller,
    so that the way to the host counts too.
    """
    start = clock()
    result = run({"report_after": FIRST})
    while result.get("missing") and not (result.get("failed") or result.get("unreachable")):
        telling.tell(result["seconds"], result["timeout"], result["missing"])
        result = run({"report_after": NEXT, "waited": clock() - start})
    return result


def few(words: Sequence[str]) -> str:
    """The first of many, and how many more there are."""
    more = [f"and {len(words) - NAMED} more"] if len(words) > NAMED else []
    return "; ".join([*words[:NAMED], *more])
