# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to tell of an audit, in the order in which it is told: the worst first, what is the same once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Optional

from .model import Control, Expiry, Report, Severity, Verdict, Waiver
from .score import WAIVED, counts

#: How a control stands, as a word behind its name.
WORDS: Mapping[str, str] = {
    Verdict.FAIL.value: "fails",
    Verdict.COULD_NOT_LOOK.value: "could not look",
    Verdict.WARN.value: "warning",
    WAIVED: "waived",
    Verdict.PASS.value: "holds",
    Verdict.NOT_APPLICABLE.value: "does not apply",
}
_SEVERITIES = tuple(Severity)
_VERDICTS = (Verdict.FAIL, Verdict.COULD_NOT_LOOK, Verdict.WARN, Verdict.PASS, Verdict.NOT_APPLICABLE)
# By what each severity means (model.Severity).
_FAILED: Mapping[Severity, str] = {
    Severity.CRITICAL: "Strangers can get in or read",
    Severity.HIGH: "One more mistake lets strangers in",
    Severity.MEDIUM: "Weaker than it has to be",
    Severity.LOW: "Sound, with loose ends",
}


@dataclass(frozen=True)
class Told:
    """Findings of one control that say the same. places: host and subject of each; at: the place of the control."""

    at: int
    control: Control
    verdict: Verdict
    evidence: str
    change: str
    waiver: Optional[Waiver]
    places: tuple[tuple[str, str], ...]


def told(report: Report) -> list[Told]:
    """Every finding of the report, those that say the same as one, the worst first."""
    found: list[Told] = []
    for at, result in enumerate(report.results):
        same: dict[tuple[Verdict, str, str, Optional[Waiver]], list[tuple[str, str]]] = {}
        for number, each in enumerate(result.findings):
            key = (each.verdict, each.evidence, each.change, result.waived.get(number))
            same.setdefault(key, []).append((each.host, each.subject))
        found += [Told(at, result.control, *key, tuple(places)) for key, places in same.items()]
    return sorted(found, key=lambda each: (_VERDICTS.index(each.verdict), rank(each.control), each.at))


def open_ones(report: Report, *verdicts: Verdict) -> list[Told]:
    """Those of these verdicts that no waiver covers."""
    return [each for each in told(report) if each.verdict in verdicts and each.waiver is None]


def waived_ones(report: Report) -> list[Told]:
    return [each for each in told(report) if each.waiver is not None]


def rank(control: Control) -> int:
    """0 for the severest."""
    return _SEVERITIES.index(control.severity)


def headline(report: Report) -> str:
    """How the cluster stands, in one sentence."""
    number = counts(report)
    severities = [result.control.severity for result in report.results if result.verdict is Verdict.FAIL]
    if severities:
        each = [f"{severities.count(one)} {one.value}" for one in Severity if one in severities]
        verb = "control fails" if len(severities) == 1 else "controls fail"
        return f"{_FAILED[min(severities, key=_SEVERITIES.index)]}: {_listed(each)} {verb}."
    if number[Verdict.COULD_NOT_LOOK.value]:
        unseen = counted(number[Verdict.COULD_NOT_LOOK.value], "control")
        return f"No failure was seen, but {unseen} could not be looked at."
    if number[Verdict.WARN.value]:
        return f"Nothing fails; {counted(number[Verdict.WARN.value], 'control')} with a warning."
    if number[WAIVED]:
        return f"Nothing fails but what is waived: {counted(number[WAIVED], 'control')}."
    if number[Verdict.PASS.value]:
        return "Every control that applies holds."
    return "No control applies, so nothing can be said."


def tally(report: Report) -> str:
    """One line of how many controls stand how; what there is none of is left out."""
    words = {**WORDS, Verdict.WARN.value: "with a warning", Verdict.COULD_NOT_LOOK.value: "could not be looked at"}
    number = counts(report)
    plural = {"holds": "hold", "fails": "fail", "does not apply": "do not apply"}
    parts = [f"{n} {words[key] if n == 1 else plural.get(words[key], words[key])}" for key, n in number.items() if n]
    return f"{counted(len(report.results), 'control')}: {', '.join(parts)}" if parts else "no controls"


def expiries(report: Report) -> list[Expiry]:
    """What ends, soonest first."""
    return sorted(report.expiries, key=lambda each: (aware(each.at), each.kind, each.what, each.host))


def days_left(at: datetime, made: datetime) -> int:
    """Whole days from the audit until then, rounded down: -1 is within the last day, 0 within the next."""
    return (aware(at) - aware(made)).days


def in_words(days: int) -> str:
    """Days as they are left."""
    if days < 0:
        return f"ended {counted(-days, 'day')} ago" if days < -1 else "ended within the last day"
    return f"in {counted(days, 'day')}" if days else "within a day"


def aware(moment: datetime) -> datetime:
    """Without a time zone it is meant in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def day(moment: date) -> str:
    """As 2026-11-29; of a moment, its day in UTC."""
    if isinstance(moment, datetime):
        moment = aware(moment).astimezone(timezone.utc)
    return moment.strftime("%Y-%m-%d")


def minute(moment: datetime) -> str:
    """As 2026-11-29 06:41 UTC."""
    return aware(moment).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def where(host: str, subject: str) -> str:
    """A place as one reads it: the host is not told twice."""
    if not subject or not host or host in subject.split():
        return subject or host or "the cluster"
    return f"{subject} on {host}"


def located(places: Sequence[tuple[str, str]], most: int = 12) -> list[str]:
    """Hosts and subjects as one reads them: each subject once, with at most so many of its hosts."""
    hosts: dict[str, list[str]] = {}
    for host, subject in places:
        named = where(host, subject) == subject
        hosts.setdefault(subject, []).extend([] if named else [host])
    found = []
    for subject, at in hosts.items():
        more = f" and {len(at) - most} more" if len(at) > most else ""
        found.append(where(", ".join(at[:most]) + more, subject))
    return found


def distinct(names: Sequence[str]) -> list[str]:
    """The names, those that were there before with a number."""
    found: dict[str, None] = {}
    for name in names:
        number, tried = 1, name
        while tried in found:
            number += 1
            tried = f"{name}-{number}"
        found[tried] = None
    return list(found)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
