# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as the summary that a terminal shows: what to do first, at the end how much holds."""

from __future__ import annotations

import textwrap

from .model import Report, Verdict
from .printable import one_line, printable, shortened
from .score import counts, score
from .telling import (
    Told,
    counted,
    day,
    days_left,
    expiries,
    headline,
    in_words,
    located,
    minute,
    open_ones,
    tally,
    waived_ones,
    where,
)

COLUMNS = 96
_PLACES = 6


def as_text(report: Report) -> str:
    """The summary, without colours; no line is longer than COLUMNS."""
    number = counts(report)
    if number["pass"] and number["pass"] + number["not_applicable"] == len(report.results):
        return _wrapped(f"{_title(report)}: {headline(report)} {_last(report)} {_next_end(report)}", "") + "\n"
    return "\n".join(_whole(report)) + "\n"


def _whole(report: Report) -> list[str]:
    lines = [_wrapped(_title(report), ""), _wrapped(headline(report), ""), ""]
    sections = (
        ("Findings", open_ones(report, Verdict.FAIL, Verdict.WARN)),
        ("Could not be looked at", open_ones(report, Verdict.COULD_NOT_LOOK)),
        ("Waived", waived_ones(report)),
    )
    for title, found in sections:
        if found:
            lines += [title, "-" * len(title)]
            for before, each in zip([None, *found], found):
                head = before is None or (before.at, before.verdict) != (each.at, each.verdict)
                lines += [*([_head(each)] if head else []), *_told(each)]
            lines.append("")
    ending = _next_end(report)
    return lines + ([_wrapped(ending, "")] if ending else []) + [_wrapped(_last(report), "")]


def _head(each: Told) -> str:
    """What is asked, and how it stands."""
    control = each.control
    word = "WAIVED" if each.waiver else {Verdict.FAIL: "FAIL", Verdict.WARN: "WARN"}.get(each.verdict, "?")
    return _wrapped(f"{word} {control.severity.value} {one_line(control.id)}: {one_line(control.title)}", "", "    ")


def _told(each: Told) -> list[str]:
    """Where it was found, why one knows, and what to write instead."""
    places = [one_line(place) for place in located(each.places)]
    more = [f"and {len(places) - _PLACES} more"] if len(places) > _PLACES else []
    lines = [_wrapped("; ".join(places[:_PLACES] + more), "    at      ", " " * 12)]
    lines.append(_wrapped(one_line(each.evidence), "    seen    ", " " * 12))
    if each.waiver:
        lines.append(_wrapped(one_line(each.waiver.reason), f"    until {day(each.waiver.until)}: ", " " * 12))
    elif each.change:
        lines += _written(each.change)
    return lines


def _written(change: str) -> list[str]:
    """What to write instead, its lines as they are; a line that is too long goes on below, further in."""
    lines = [line.rstrip() for line in printable(change).expandtabs(4).strip("\n").split("\n")]
    heads = ["    write   "] + [" " * 12] * (len(lines) - 1)
    return [_wrapped(line, head, " " * 14, blanks=True) for head, line in zip(heads, lines)]


def _title(report: Report) -> str:
    return f"Audit of {shortened(report.cluster, 60) or 'a cluster'}, {minute(report.made)}"


def _last(report: Report) -> str:
    """The counts and the score."""
    found = score(report)
    words = "no score" if found is None else f"score {found} of 100"
    without = score(report, waivers=False)
    if without != found:
        words += f" ({'none' if without is None else without} without waivers)"
    made = f"collection {one_line(report.collection) or 'unknown'}, advisories of {day(report.advisories)}"
    return f"{tally(report)}; {words}; {made}."


def _next_end(report: Report) -> str:
    """What has ended, and what ends next."""
    ends = expiries(report)
    left = [days_left(each.at, report.made) for each in ends]
    over = sum(days < 0 for days in left)
    sentence = f"{counted(over, 'thing')} already ended. " if over else ""
    if over < len(ends):
        first = ends[over]
        place = one_line(where(first.host, first.what))
        sentence += f"Next to end: {shortened(place, 70)}, {in_words(left[over])} ({day(first.at)})."
    return sentence.strip()


def _wrapped(text: str, first: str, rest: str = "", blanks: bool = False) -> str:
    """The text in lines of at most COLUMNS. blanks: those at its start and within it stay."""
    indent = first + text[: len(text) - len(text.lstrip())] if blanks else first
    lines = textwrap.wrap(
        text.strip(), COLUMNS, initial_indent=indent[:60], subsequent_indent=rest, break_on_hyphens=False
    )
    return "\n".join(lines) or first.rstrip()
