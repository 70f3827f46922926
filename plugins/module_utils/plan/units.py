# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and durations as people write them. Sizes count as nsc does: 1G is 10^9, 1GiB is 2^30 bytes."""

from __future__ import annotations

import re

_SIZE = re.compile(r"^(-?\d+)\s*([kmgtp]?)(i?b|b)?$", re.IGNORECASE)
_POWER = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)")
_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
    "w": 604_800_000_000_000,
    "y": 365 * 86_400_000_000_000,
}


def size(value: object) -> int:
    """Bytes of ``1G``, ``512MiB``, ``100`` or -1 (unlimited). Raises ValueError with a sentence."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(f"{value!r} is not a size: write a number of bytes, or 512M, 1G, 2GiB")
    if isinstance(value, int):
        return value
    match = _SIZE.match(value.strip())
    if not match:
        raise ValueError(f"{value!r} is not a size: write a number of bytes, or 512M, 1G, 2GiB")
    number, power, suffix = match.groups()
    base = 1024 if (suffix or "").lower() == "ib" else 1000
    return int(int(number) * base ** _POWER[power.lower()])


def size_text(count: int) -> str:
    """Bytes in the unit that leaves the shortest number and no rest: ``64MiB``, ``10G``, ``1500``; size reads it."""
    numbers = [(str(count), "")]
    for suffix, base in (("iB", 1024), ("", 1000)):
        for power, unit in enumerate("KMGTP", 1):
            number, rest = divmod(count, base**power)
            if number > 0 and not rest:
                numbers.append((str(number), f"{unit}{suffix}"))
    number_text, unit = min(numbers, key=lambda found: len(found[0]))
    return number_text + unit


def nanoseconds(value: object) -> int:
    """Nanoseconds of ``5s``, ``1m30s``, ``12h``, ``90d`` (also ns, us, ms, w, y). Raises ValueError with a sentence."""
    text = value.strip() if isinstance(value, str) else ""
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{value!r} is not a duration: write a number with its unit, such as 5s, 2m, 12h, 90d")
    return sum(round(float(number) * _NANOSECONDS[unit]) for number, unit in parts)


def seconds(value: object) -> float:
    """Seconds of a duration. Raises ValueError with a sentence."""
    return nanoseconds(value) / 1_000_000_000


def duration(nanos: int) -> str:
    """The shortest way to write a duration of ``nanos`` nanoseconds, as Go parses it: ``90s`` is ``1m30s``."""
    if nanos == 0:
        return "0s"
    text, rest = "", nanos
    for unit in ("h", "m", "s", "ms", "us", "ns"):
        count, rest = divmod(rest, _NANOSECONDS[unit])
        if count:
            text += f"{count}{unit}"
    return text
