# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of tests/vectors/reload_matrix_*.txt: what came of a pair of configurations; where two of them differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TAKEN, REFUSED, DIED, NOT_STARTED, SILENT = "taken", "refused", "died", "did not start", "no answer"
_OUTCOMES = {"YES": TAKEN, "NO": REFUSED, "CRASH": DIED, "START": NOT_STARTED, "NO ANSWER": SILENT}
_ROW = re.compile(r"(?P<name>.*?)\s+(?P<verdict>YES|NO ANSWER|NO|CRASH|START)(?=[ :]|$)(?P<words>.*)")
#: A row whose option is none on purpose; everywhere else the words of an unknown one are those of an older release.
NO_OPTION = "invalid config"


@dataclass(frozen=True)
class Row:
    """outcome: taken, refused, died, did not start, or no answer; words: the server's own."""

    name: str
    outcome: str
    words: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the server knows the option that the row is about, and so says anything of a reload of it."""
        return self.outcome != NOT_STARTED and (self.name == NO_OPTION or "unknown field" not in self.words)


def row(line: str) -> Row:
    """Raises ValueError for a line that is no row."""
    match = _ROW.fullmatch(line.rstrip())
    if match is None:
        raise ValueError(f"no row of a reload matrix: {line!r}")
    return Row(match["name"], _OUTCOMES[match["verdict"]], match["words"].lstrip(": "))


def rows(text: str) -> dict[str, Row]:
    """All rows by their names."""
    return {found.name: found for found in map(row, text.splitlines())}


def differences(held: Mapping[str, Row], measured: Mapping[str, Row]) -> list[str]:
    """A line for each row whose outcome is another, or that only one of the two has; the servers' words may differ."""
    found = []
    for name in sorted({*held, *measured}):
        was, now = held.get(name), measured.get(name)
        if was is None or now is None:
            found.append(f"{name}: {'only in the file' if now is None else 'not in the file'}")
        elif was.outcome != now.outcome:
            found.append(
                f"{name}: {was.outcome} in the file, {now.outcome} now{f' ({now.words})' if now.words else ''}"
            )
    return found
