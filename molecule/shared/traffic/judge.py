# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the traffic saw of each operation, from its log: judge.py begin NAME | end NAME [LONGEST] | table.

An operation lasts from one mark to the other; both lie with the log. ``end`` waits until every publisher is served
again, prints the figures, and fails where a publisher waited longer than LONGEST seconds.

Availability: time is cut into slots of 100 ms. A publisher is served in a slot unless it has been waiting for more than
200 ms for an acknowledgement at any moment of it. ``all`` is the share of slots in which every publisher was served,
``any`` that in which at least one was, ``each`` the mean over the publishers.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Optional

#: Publishers, and consumers: each consumer takes what one publisher publishes.
PAIRS = 10
SLOT, IN_TIME = 0.1, 0.2
#: From when to when the whole run lasts.
_EVER = (0.0, math.inf)


class Log:
    """A file of JSON lines. A line is written at once, so that a reader sees no half of one."""

    def __init__(self, state: Path) -> None:
        self._file = open(state / "traffic.jsonl", "ab", buffering=0)  # noqa: SIM115

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._file.close()

    def add(self, **line: Any) -> None:
        """at: seconds of the machine's own clock, which never jumps and is that of all its processes."""
        self._file.write(f"{json.dumps({'at': time.monotonic(), **line})}\n".encode())


@dataclass(frozen=True)
class Acknowledged:
    """A message of a publisher, from its first try to its acknowledgement."""

    message: str
    began: float
    at: float
    tries: int

    @property
    def publisher(self) -> int:
        return int(self.message.partition("-")[0])


@dataclass(frozen=True)
class Delivered:
    """A message at its consumer. confirmed: the server said that it has the consumer's acknowledgement."""

    message: str
    sequence: int
    confirmed: bool


@dataclass
class Seen:
    """The log. kept: how often each message is in its stream, once the traffic has ended."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    delivered: dict[str, list[Delivered]] = field(default_factory=lambda: defaultdict(list))
    errors: list[tuple[float, str]] = field(default_factory=list)
    disconnected: list[tuple[float, str]] = field(default_factory=list)
    marks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    kept: Optional[Mapping[str, int]] = None
    reconnects: int = 0

    def take(self, line: Mapping[str, Any]) -> None:
        """One line."""
        if "acknowledged" in line:
            self.acknowledged.append(Acknowledged(line["acknowledged"], line["began"], line["at"], line["tries"]))
        elif "delivered" in line:
            found = Delivered(line["delivered"], line["sequence"], line["confirmed"])
            self.delivered[found.message].append(found)
        elif "error" in line:
            self.errors.append((line["at"], line["error"]))
        elif "disconnected" in line:
            self.disconnected.append((line["at"], line["disconnected"]))
        elif "mark" in line:
            self.marks[line["mark"]].append(line["at"])
        elif "kept" in line:
            self.kept, self.reconnects = line["kept"], line["reconnects"]

    def waiting(self) -> list[str]:
        """Acknowledged messages that their consumer has not got."""
        return [each.message for each in self.acknowledged if each.message not in self.delivered]


def read(state: Path) -> Seen:
    """The log as it is now; the line that is just being written is left for the next time."""
    seen = Seen()
    for line in (state / "traffic.jsonl").read_bytes().split(b"\n")[:-1]:
        seen.take(json.loads(line))
    return seen


def was_twice(deliveries: Iterable[Delivered], kept: int) -> bool:
    """Whether a message was there twice for its consumer: stored twice, or delivered after its taking was confirmed."""
    found = list(deliveries)
    again = any(one.confirmed for one in found[:-1])
    return again or len({one.sequence for one in found}) > 1 or kept > 1


def availability(acknowledged: Iterable[Acknowledged], begin: float, end: float) -> dict[str, float]:
    """The share of slots with service; see above."""
    slots = max(1, round((end - begin) / SLOT))
    without: Counter[int] = Counter()
    for publisher in range(PAIRS):
        dark: set[int] = set()
        for each in acknowledged:
            late = each.began + IN_TIME
            if each.publisher == publisher and each.at > late and each.at > begin and late < end:
                first, last = int((late - begin) / SLOT), int((each.at - begin) / SLOT)
                dark.update(range(max(0, first), min(slots - 1, last) + 1))
        without.update(dark)
    return {
        "all": 1 - len(without) / slots,
        "each": 1 - without.total() / (slots * PAIRS),
        "any": 1 - sum(count == PAIRS for count in without.values()) / slots,
    }


def figures(seen: Seen, begin: float, end: float) -> dict[str, Any]:
    """What an operation did to the traffic. lost and twice are known for certain once the traffic has ended."""
    touched = [each for each in seen.acknowledged if each.at >= begin and each.began <= end]
    within = [each for each in touched if each.at <= end]
    messages, kept = {each.message for each in within}, seen.kept
    lost = [
        message for message in messages if kept is not None and (not kept.get(message) or message not in seen.delivered)
    ]
    twice = [
        message for message in messages if was_twice(seen.delivered.get(message, ()), (kept or {}).get(message, 0))
    ]
    per_publisher = Counter(dict.fromkeys(range(PAIRS), 0))
    per_publisher.update(each.publisher for each in within)
    first = begin if begin > 0 else min((each.began for each in within), default=0.0)
    last = end if math.isfinite(end) else max((each.at for each in within), default=first)
    return {
        "seconds": round(last - first, 1),
        "acknowledged": len(within),
        "fewest": min(per_publisher.values()),
        "lost": len(lost),
        "twice": len(twice),
        "redelivered": sum(len(seen.delivered.get(message, ())) > 1 for message in messages - set(twice)),
        "sent_again": sum(each.tries > 1 for each in within),
        "longest_wait": round(max((each.at - each.began for each in touched), default=0.0), 2),
        "availability": {name: round(share, 4) for name, share in availability(touched, first, last).items()},
        "disconnects": sum(begin <= at <= end for at, _client in seen.disconnected),
        "errors": sorted({error for at, error in seen.errors if begin <= at <= end}),
    }


def told(seen: Seen) -> dict[str, Any]:
    """The figures of everything and of each operation that has ended."""
    operations = {name: figures(seen, *at) for name, at in seen.marks.items() if len(at) == 2}
    everything = figures(seen, *_EVER)
    return {
        **everything,
        "clients": 2 * PAIRS,
        "reconnects": seen.reconnects,
        "waiting": len(seen.waiting()),
        "operations": operations,
    }


def table(report: Mapping[str, Any]) -> str:
    """The operations as a table for a page."""
    rows = [
        "| operation | seconds | acknowledged | lost | twice | delivered again | longest wait | all | each | any |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in report["operations"].items():
        shares = " | ".join(f"{row['availability'][which]:.2%}" for which in ("all", "each", "any"))
        counts = " | ".join(str(row[which]) for which in ("seconds", "acknowledged", "lost", "twice", "redelivered"))
        rows.append(f"| {name} | {counts} | {row['longest_wait']:.2f} s | {shares} |")
    return "\n".join(rows)


def write(place: Path, text: str) -> None:
    """A file that is there whole or not at all."""
    new = place.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.rename(place)


def served_again(state: Path, since: float, patience: float = 60.0) -> bool:
    """Whether every publisher got an acknowledgement for a message that it began after that moment."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if {each.publisher for each in read(state).acknowledged if each.began > since} == set(range(PAIRS)):
            return True
        time.sleep(1)
    return False


def main(state: Path, what: str, name: str = "", longest: str = "") -> int:
    """Mark or tell."""
    if what == "table":
        print(table(json.loads((state / "traffic.json").read_text(encoding="utf-8"))))
        return 0
    now = time.monotonic()
    with Log(state) as log:
        log.add(mark=name)
    if what == "begin":
        return 0
    if not served_again(state, now):
        print(f"{name}: not every publisher is served again a minute later")
        return 1
    seen = read(state)
    told_now = figures(seen, *seen.marks[name][-2:])
    print(f"{name}: {told_now}")
    return int(bool(longest) and told_now["longest_wait"] > float(longest))


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["CLIENT_STATE"]), *sys.argv[1:]))
