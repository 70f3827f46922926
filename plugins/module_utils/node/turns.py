# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many servers of a cluster restart at a time, and in which turns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..plan.errors import NatsError

_SHARE = re.compile(r"(\d+)(%?)")
_HOW = "write how many servers, such as 1, or which share of the cluster, such as 25%"


def at_once(share: object, total: int) -> int:
    """How many of ``total`` servers a share is: at least one. Raises NatsError where it is no share."""
    match = None if isinstance(share, bool) else _SHARE.fullmatch(str(share).strip())
    if match is None:
        raise NatsError(f"{share!r} is no share: {_HOW}")
    number, percent = int(match[1]), bool(match[2])
    if number < 1 or (percent and number > 100):
        raise NatsError(f"{share} is out of range: {_HOW}")
    return max(1, min(total, total * number // 100 if percent else number))


def keeps_quorum(number: int, total: int) -> bool:
    """Whether those that are left while ``number`` restart can decide; one at a time is as careful as can be."""
    return number == 1 or (total - number) * 2 > total


def batches(hosts: Sequence[str], share: object, total: int) -> list[list[str]]:
    """The turns of the hosts that restart, in their order. Raises NatsError where ``share`` is none."""
    number = at_once(share, total)
    return [list(hosts[start : start + number]) for start in range(0, len(hosts), number)]
