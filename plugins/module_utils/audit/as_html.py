# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as one page: for who answers for a cluster and who runs it. Without scripts, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib

from .markup import Markup, element, joined, mark
from .model import Report
from .page_findings import findings
from .page_style import STYLE
from .page_tables import controls, ends, listeners, shared, users
from .picture import definitions
from .picture_timeline import timeline_figure
from .picture_topology import topology_figure
from .picture_trust import trust_figure
from .printable import one_line, shortened
from .score import RULE, STANDINGS, counts, score
from .telling import WORDS, counted, day, headline, minute

_PAGES = "https://github.com/aegis-nats/aegis.nats"


def as_html(report: Report) -> str:
    """The whole page. The same report gives the same bytes."""
    main = element(
        "main",
        *findings(report),
        _section("controls", "All controls", controls(report)),
        _section("topology", "Servers and listeners", topology_figure(report.topology), listeners(report.topology)),
        _section("trust", "Who is trusted", trust_figure(report.trust), users(report.trust), shared(report.trust)),
        _section("expiries", "What ends", timeline_figure(report), ends(report)),
        id="main",
        tabindex=-1,
    )
    skip = element("a", "Skip to the findings", href="#main", class_="skip")
    body = element("body", skip, definitions(), _header(report), _contents(report), main, _footer(report))
    return f"<!DOCTYPE html>\n{element('html', _head(report), body, lang='en')}\n"


def _head(report: Report) -> Markup:
    """Only this very style is let in; the policy forbids scripts and everything from elsewhere."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{_name(report)}: {headline(report)}"),
        element("style", Markup(STYLE)),
    )


def _name(report: Report) -> str:
    return f"Audit of {shortened(report.cluster, 80) or 'a cluster'}"


def _header(report: Report) -> Markup:
    """The score, and the verdict in words."""
    number = counts(report)
    worst = next((name for name in STANDINGS if number[name]), "not_applicable")
    found, without = score(report), score(report, waivers=False)
    shown = [
        element("strong", "-" if found is None else str(found)),
        element("span", "of 100" if found is not None else "no score"),
    ]
    without_words = "there would be none" if without is None else f"it would be {without}"
    more = element("p", f"Without waivers {without_words}.", class_="more") if found != without else ""
    rule = element("details", element("summary", "How the score is counted"), element("p", RULE), class_="more")
    made = [
        minute(report.made),
        f"collection {one_line(report.collection) or 'unknown'}",
        f"advisories of {day(report.advisories)}",
    ]
    made += [f"took {report.seconds:.1f} s"] if report.seconds else []
    verdict = element(
        "div",
        element("p", element("span", "Score: ", class_="unseen"), *shown, class_="score"),
        element("div", element("p", headline(report), class_="headline"), more, rule),
        _bar(number),
        element("ul", *_counts(number), class_="counts"),
        class_=f"verdict {worst}",
    )
    return element("header", element("h1", _name(report)), element("p", ", ".join(made), class_="made"), verdict)


def _bar(number: dict[str, int]) -> Markup:
    """The controls side by side; the list below says the same in words."""
    whole, x, parts = sum(number.values()), 0.0, []
    for name in STANDINGS:
        width = 100 * number[name] / whole if whole else 0.0
        parts += [element("rect", x=x, y=0, width=width, height=4, class_=name)] if width else []
        x += width
    if not parts:
        return Markup()
    return element(
        "svg",
        *parts,
        class_="bar",
        viewBox="0 0 100 4",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )


def _counts(number: dict[str, int]) -> list[Markup]:
    places = {"fail": "findings", "warn": "findings", "could_not_look": "unseen", "waived": "waived"}
    words = {
        **WORDS,
        "fail": "failing",
        "could_not_look": "not looked at",
        "warn": "with a warning",
        "pass": "holding",
        "not_applicable": "not applying",
    }
    return [
        element(
            "li", element("a", mark(name), f"{number[name]} {words[name]}", href=f"#{places.get(name, 'controls')}")
        )
        for name in STANDINGS
        if number[name]
    ]


def _contents(report: Report) -> Markup:
    number = counts(report)
    links = [
        ("findings", "Findings"),
        *([("unseen", "Could not be looked at")] if number["could_not_look"] else []),
        *([("waived", "Waived")] if any(result.waived for result in report.results) else []),
        ("controls", "All controls"),
        ("topology", "Servers and listeners"),
        ("trust", "Who is trusted"),
        ("expiries", "What ends"),
    ]
    items = [element("li", element("a", title, href=f"#{name}")) for name, title in links]
    return element("nav", element("ul", *items), class_="contents", aria_label="Contents")


def _section(name: str, title: str, *content: Markup) -> Markup:
    heading = element("h2", title, id=f"{name}-heading")
    return element("section", heading, *content, id=name, aria_labelledby=f"{name}-heading")


def _footer(report: Report) -> Markup:
    said = (
        f"Made by aegis.nats {one_line(report.collection)} on {minute(report.made)}, of "
        f"{counted(len(report.results), 'control')}. Versions were held against the advisories known by "
        f"{day(report.advisories)}: what became known later is not in here. The JSON report has all of it."
    )
    return element("footer", element("p", said), element("p", joined(("Documentation: ", _PAGES))))
