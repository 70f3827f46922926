# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings on the page: one article a control, in it what was seen where and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from .markup import Markup, element, joined, mark
from .model import Report, Verdict
from .printable import one_line, printable, shortened
from .score import WAIVED
from .telling import WORDS, Told, counted, day, distinct, located, open_ones, waived_ones

_LONG = 320
_MOST_GROUPS, _MOST_PLACES = 3, 8


def findings(report: Report) -> list[Markup]:
    """The sections; one without anything in it is left out, apart from the first."""
    rows = anchors(report)
    open_failures = open_ones(report, Verdict.FAIL, Verdict.WARN)
    none = "Nothing fails, and nothing carries a warning." if report.results else "Nothing was looked at."
    said = "" if open_failures else none
    parts = [_section("findings", "Findings", open_failures, rows, said)]
    blind, waived = open_ones(report, Verdict.COULD_NOT_LOOK), waived_ones(report)
    if blind:
        said = "Nothing is known of these. They are no pass, and count as not holding."
        parts.append(_section("unseen", "Could not be looked at", blind, rows, said))
    if waived:
        said = "These are known and taken into account until a day; they are set aside from the score."
        parts.append(_section("waived", "Waived", waived, rows, said))
    return parts


def badge(standing: str) -> Markup:
    """How a control stands: sign and word."""
    return element("span", mark(standing), WORDS[standing], class_=f"badge {standing}")


def anchors(report: Report) -> list[str]:
    """What the row of each control is reached by, in the report's order."""
    plain = [re.sub(r"[^a-z0-9]+", "-", result.control.id.lower()).strip("-") for result in report.results]
    return distinct([f"control-{name or 'of-that-name'}" for name in plain])


def _section(name: str, title: str, found: Sequence[Told], rows: Sequence[str], said: str) -> Markup:
    heading = element("h2", title, id=f"{name}-heading")
    intro = element("p", said, class_="quiet" if found else "none") if said else ""
    articles = [
        _article(f"{name}-{number}", list(same), rows)
        for number, (_key, same) in enumerate(groupby(found, key=lambda each: (each.at, each.verdict)), 1)
    ]
    return element("section", heading, intro, *articles, id=name, aria_labelledby=f"{name}-heading")


def _article(name: str, same: Sequence[Told], rows: Sequence[str]) -> Markup:
    """One control's findings of one verdict. rows: what the controls are reached by."""
    control = same[0].control
    stands = WAIVED if same[0].waiver else same[0].verdict.value
    about = element(
        "p",
        badge(stands),
        element("span", f"{control.severity.value} severity"),
        element("a", one_line(control.id), href=f"#{rows[same[0].at]}"),
        class_="about",
    )
    blocks = [_block(each) for each in same]
    shown = blocks[:_MOST_GROUPS] if len(blocks) > _MOST_GROUPS + 1 else blocks
    rest = blocks[len(shown) :]
    more = element("details", element("summary", f"{len(rest)} more of this control"), *rest) if rest else ""
    heading = element("h3", one_line(control.title) or "Control", id=name)
    return element("article", heading, about, *shown, more, class_=stands, aria_labelledby=name)


def _block(each: Told) -> Markup:
    """Where, what was seen, and what to write instead."""
    rows = [element("dt", "Where"), element("dd", _places(each))]
    rows += [element("dt", "Seen"), element("dd", long_text(each.evidence))]
    if each.waiver:
        waiver = f"{each.waiver.reason} (until {day(each.waiver.until)})"
        rows += [element("dt", "Waived because"), element("dd", long_text(waiver))]
    if each.change:
        rows += [element("dt", "Write instead"), element("dd", _written(each.change))]
    return element("dl", *rows)


def _places(each: Told) -> Markup:
    places = [element("li", element("span", one_line(place), class_="where")) for place in located(each.places)]
    if len(places) <= _MOST_PLACES + 1:
        return element("ul", *places, class_="places")
    rest = places[_MOST_PLACES:]
    more = element(
        "details", element("summary", f"and {counted(len(rest), 'more place')}"), element("ul", *rest, class_="places")
    )
    return joined((element("ul", *places[:_MOST_PLACES], class_="places"), more))


def long_text(content: str) -> Markup:
    """A paragraph, or its beginning and the whole to open."""
    content = printable(content).strip()
    if len(content) <= _LONG:
        return element("p", content)
    return element("details", element("summary", shortened(content, _LONG // 2)), element("p", content), class_="long")


def _written(change: str) -> Markup:
    whole = element("pre", element("code", printable(change).strip("\n")))
    if len(change) <= 4 * _LONG:
        return whole
    return element("details", element("summary", f"{counted(len(change.splitlines()), 'line')} to write"), whole)
