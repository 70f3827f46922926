# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time line of what ends: soonest first, with marks at the day of the audit, in 30 days and in a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .markup import Markup, element
from .model import Report
from .picture import WIDTH, figure, fixed, picture, sign, words
from .telling import counted, day, days_left, expiries, in_words

_MOST = 24
_TOP, _ROW = 52, 30
# Where the scale has these days: each part of it is even in itself, and they are not as long as each other.
_PAST, _NOW, _MONTH, _YEAR, _END = 346, 410, 540, 690, 760
_LABEL_WIDTH = 330
#: Days that call for something now.
SOON = 30


@dataclass(frozen=True)
class Ending:
    """What ends on a day, the same on how many hosts."""

    what: str
    kind: str
    date: str
    days: int
    hosts: tuple[str, ...]

    @property
    def label(self) -> str:
        """With its host, or the number of them."""
        if len(self.hosts) > 1:
            return f"{self.what}, {len(self.hosts)} hosts"
        return f"{self.what}, {self.hosts[0]}" if self.hosts else self.what

    @property
    def state(self) -> str:
        """The sign that it has."""
        return "fail" if self.days < 0 else "warn" if self.days < SOON else "pass"


def endings(report: Report) -> list[Ending]:
    """Soonest first; what is called the same and ends on the same day is one."""
    found: dict[tuple[str, str, str], tuple[int, list[str]]] = {}
    for each in expiries(report):
        key = (each.what, each.kind, day(each.at))
        _days, hosts = found.setdefault(key, (days_left(each.at, report.made), []))
        hosts.extend([each.host] if each.host else [])
    return [
        Ending(what, kind, date, days, tuple(dict.fromkeys(hosts)))
        for (what, kind, date), (days, hosts) in found.items()
    ]


def timeline_figure(report: Report) -> Markup:
    """The picture and what is to be said of it; a sentence where nothing ends."""
    found = endings(report)
    if not found:
        return element("p", "Nothing was seen that ends.", class_="none")
    drawn = found[:_MOST]
    height = _TOP + _ROW * len(drawn) + 10
    last = max(each.days for each in drawn)
    parts = [*_scale(height), *(part for at, each in enumerate(drawn) for part in _row(at, each, last))]
    drawing = picture("timeline-picture", height, "What ends, soonest first", in_short(found), parts)
    sentences = [in_short(found), "The scale is not even: its marks are a month and a year from this audit."]
    if len(found) > len(drawn):
        sentences.append(f"{counted(len(found) - len(drawn), 'later ending')} are in the table only.")
    return figure(drawing, "Time line of what ends", sentences)


def in_short(found: Sequence[Ending]) -> str:
    """How much ends when."""
    over = sum(each.days < 0 for each in found)
    month = sum(0 <= each.days < SOON for each in found)
    year = sum(SOON <= each.days < 365 for each in found)
    parts = (
        (over, "has ended" if over == 1 else "have ended"),
        (month, "within 30 days"),
        (year, "later within a year"),
        (len(found) - over - month - year, "after that"),
    )
    return "; ".join(f"{number:,} {text}" for number, text in parts if number).capitalize() + "."


def _scale(height: float) -> list[Markup]:
    parts: list[Markup] = []
    for x, label, class_ in ((_NOW, "this audit", "now"), (_MONTH, "30 days", ""), (_YEAR, "1 year", "")):
        parts.append(element("path", d=f"M{x} {_TOP - 14}V{height - 4:g}", class_=f"tick {class_}".strip()))
        parts.append(words(x, 26, label, "strong" if class_ else "quiet", "middle"))
    return parts


def _row(at: int, each: Ending, last: int) -> list[Markup]:
    y, x = _TOP + _ROW * at + _ROW / 2, _place(each.days, last)
    tone = "no" if each.days < 0 else "warn" if each.days < SOON else "quiet"
    return [
        element("path", d=f"M0 {y + _ROW / 2:g}H{WIDTH}", class_="rule"),
        fixed(0, y + 4, each.label, _LABEL_WIDTH),
        element("path", d=f"M{_NOW} {y:g}H{x:g}", class_=f"span {each.state}"),
        sign(each.state, x - 8, y - 8, 16),
        words(WIDTH - 84, y + 4, in_words(each.days), tone, "end"),
        fixed(WIDTH, y + 4, each.date, 84, "quiet", anchor="end"),
    ]


def _place(days: int, last: int) -> float:
    """Where on the scale a day is."""
    if days < 0:
        return _NOW - min(_NOW - _PAST, 14 - days * 0.5)
    if days < SOON:
        return _NOW + (_MONTH - _NOW) * days / SOON
    if days < 365:
        return _MONTH + (_YEAR - _MONTH) * (days - SOON) / (365 - SOON)
    return _YEAR + (_END - _YEAR) * (days - 365) / max(last - 365, 1)
