# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which other version a server may go to without being asked for by name: a later one, of the same or the next line.

Streams are kept as the version writes them that runs. A later one reads what the line before it wrote; an earlier one
may not, and the line after the next one is tested with it by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from .conf.options import version_tuple

#: There is no 2.13.
_LEFT_OUT = frozenset({(2, 13)})


def problem(before: str, wanted: str, allowed: Iterable[str] = ()) -> Optional[str]:
    """What is wrong with going from one version to another, and what to write instead; None when nothing is.

    allowed: steps that are wished for by name, ``FROM:TO``. What is no version is not judged.
    """
    try:
        old, new = version_tuple(before), version_tuple(wanted)
    except ValueError:
        return None
    if (old, new) in {_step(each) for each in allowed}:
        return None
    wish = f'to have it all the same, write nats_server_allow_steps: ["{before}:{wanted}"]'
    if new < old:
        return (
            f"the server runs {before}, and {wanted} is older: it may not read the streams that {before} has written."
            f" Write the version that runs, or a later one; {wish}, after a backup"
        )
    following = next_line(old[:2])
    if new[:2] > following:
        name = ".".join(str(part) for part in following)
        return f"the server runs {before}, and {wanted} is more than one release line later: go to {name} first; {wish}"
    return None


def next_line(line: tuple[int, ...]) -> tuple[int, ...]:
    """The release line that comes after one: (2, 14) after (2, 12)."""
    following = (line[0], line[1] + 1)
    return next_line(following) if following in _LEFT_OUT else following


def is_step(text: str) -> bool:
    """Whether a text is ``FROM:TO``, two versions."""
    return _step(text) is not None


def _step(text: str) -> Optional[tuple[tuple[int, ...], tuple[int, ...]]]:
    before, _colon, after = text.partition(":")
    try:
        return version_tuple(before.strip()), version_tuple(after.strip())
    except ValueError:
        return None
