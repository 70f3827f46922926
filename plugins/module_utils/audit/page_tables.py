# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables on the page: every control, and in words what the pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .markup import Markup, element, joined, mark
from .model import Report, Result
from .page_findings import anchors, badge, long_text
from .picture_timeline import endings
from .printable import one_line
from .score import standing
from .telling import counted, in_words, located
from .topology import NO, UNKNOWN, YES, Group, groups, servers
from .tree import Account, accounts, shares

#: Rows of a table; the JSON report has the rest.
MOST_ROWS = 300
_MOST_FINDINGS = 40


def controls(report: Report) -> Markup:
    """Every control, in the report's order."""
    if not report.results:
        return element("p", "There is no control in this report.", class_="none")
    rows = [_control(name, result) for name, result in zip(anchors(report), report.results)]
    heads = ("No.", "Control", "Severity", "Verdict", "What was seen")
    return _table("Every control, whether it holds or not", heads, rows, "controls")


def _control(anchor: str, result: Result) -> Markup:
    control = result.control
    title = element("th", one_line(control.title), element("code", one_line(control.id)), scope="row")
    number = "" if control.number is None else str(control.number)
    cells = [element("td", number, class_="number"), title, element("td", control.severity.value)]
    cells.append(element("td", badge(standing(result))))
    return element("tr", *cells, element("td", _seen(result)), id=anchor)


def _seen(result: Result) -> Markup:
    """What each finding says, once for all that say the same."""
    same: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for number, each in enumerate(result.findings):
        stands = "waived" if number in result.waived else each.verdict.value
        same.setdefault((stands, each.evidence), []).append((each.host, each.subject))
    lines = [
        element("li", mark(stands), "; ".join(map(one_line, located(places, 4)[:6])), ": ", one_line(evidence))
        for (stands, evidence), places in same.items()
    ]
    if not lines:
        return element("span", "nothing that it applies to", class_="quiet")
    left = len(lines) - _MOST_FINDINGS
    more = [element("li", f"{left:,} more, in the JSON report")] if left > 0 else []
    summary = element("summary", counted(len(result.findings), "finding"))
    return element("details", summary, element("ul", *lines[:_MOST_FINDINGS], *more))


def listeners(topology: Mapping[str, Any]) -> Markup:
    """What the picture of the topology shows."""
    names = [server.name for server in servers(topology)]
    rows = [_listener(group, names) for group in groups(topology)]
    heads = ("Listener", "TLS", "Client certificate", "Login", "Reached by", "On")
    return _folded("The listeners as a table", "Listeners; those that are alike are one row", heads, rows)


def _listener(group: Group, names: Sequence[str]) -> Markup:
    each = group.listener
    name = f"{each.kind} :{each.port}" if each.port else each.kind
    addresses = ", ".join(group.addresses[:6]) + (
        f" and {len(group.addresses) - 6} more" if len(group.addresses) > 6 else ""
    )
    at = [names[number] for number in group.at]
    on = f"all {len(at)}" if len(at) == len(names) and len(at) > 3 else ", ".join(at[:12])
    if len(at) > 12 and len(at) != len(names):
        on += f" and {len(at) - 12} more"
    word = {YES: "asked for", NO: "not asked for", UNKNOWN: "unknown"}
    cells = [
        element("th", name, element("code", addresses), scope="row"),
        element("td", mark(each.encrypted), each.tls),
        element("td", mark(each.certificate), word[each.certificate]),
        element("td", mark(each.login), word[each.login]),
        element("td", ", ".join(filter(None, each.origins)) or "nobody here"),
        element("td", on),
    ]
    return element("tr", *cells)


def users(trust: Mapping[str, Any]) -> Markup:
    """Who may say and hear what."""
    rows = [row for account in accounts(trust) for row in _users(account)]
    heads = ("User", "Account", "May publish", "May hear", "Token")
    return _folded("The users as a table", "Users, and what each may publish and hear", heads, rows)


def _users(account: Account) -> list[Markup]:
    return [
        element(
            "tr",
            element("th", user.name, element("code", user.key), scope="row"),
            element("td", account.name),
            element("td", element("code", user.publish)),
            element("td", element("code", user.subscribe)),
            element("td", joined((mark("warn"), "bearer: enough by itself")) if user.bearer else "needs its key"),
        )
        for user in account.users
    ]


def shared(trust: Mapping[str, Any]) -> Markup:
    """What accounts offer, and who uses it."""
    known, imports = accounts(trust), shares(trust)
    rows, used = [], set()
    for each in imports:
        source = None if each.source is None else known[each.source].name
        used.add((each.source, each.subject))
        rows.append(_share(each.kind, each.subject, source or f"{each.named} (not seen)", known[each.target].name))
    for at, account in enumerate(known):
        for subject, kind in account.exports:
            if (at, subject) not in used:
                rows.append(_share(kind, subject, account.name, "nobody by this very subject"))
    heads = ("Subject", "Kind", "Offered by", "Used by")
    return _folded("What accounts share, as a table", "Exports and imports of accounts", heads, rows)


def _share(kind: str, subject: str, source: str, target: str) -> Markup:
    head = element("th", subject, scope="row")
    return element("tr", head, *(element("td", each) for each in (kind, source, target)))


def ends(report: Report) -> Markup:
    """What the time line shows."""
    rows = [
        element(
            "tr",
            element("th", each.what, scope="row"),
            element("td", each.kind),
            element("td", long_text(", ".join(map(one_line, each.hosts)))),
            element("td", each.date, class_="number"),
            element("td", mark(each.state), in_words(each.days)),
        )
        for each in endings(report)
    ]
    heads = ("What", "Kind", "Hosts", "Day", "Left")
    return _folded("The time line as a table", "What ends, soonest first", heads, rows)


def _folded(summary: str, caption: str, heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    """A table to open; nothing where it would be empty."""
    if not rows:
        return Markup()
    return element("details", element("summary", summary), _table(caption, heads, rows))


def _table(caption: str, heads: Sequence[str], rows: Sequence[Markup], class_: str = "") -> Markup:
    if len(rows) > MOST_ROWS:
        caption += f". The first {MOST_ROWS} of {len(rows):,} rows; the JSON report has all of them"
    head = element("thead", element("tr", *(element("th", each, scope="col") for each in heads)))
    body = element("tbody", *rows[:MOST_ROWS])
    table = element("table", element("caption", f"{caption}."), head, body, class_=class_ or None)
    return element("div", table, class_="scroll", role="region", aria_label=caption, tabindex=0)
