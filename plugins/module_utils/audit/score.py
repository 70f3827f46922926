# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an audit ended, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from .model import Report, Result, Severity, Verdict, worst

#: What a control counts for.
WEIGHT: Mapping[Severity, int] = {Severity.CRITICAL: 10, Severity.HIGH: 5, Severity.MEDIUM: 2, Severity.LOW: 1}
#: How the score is made, in words that go with it.
RULE = (
    "The score is the share of what applies that holds, in percent and rounded down. A critical control counts 10, "
    "a high one 5, a medium one 2, a low one 1. A warning counts half, what could not be looked at counts as not "
    "holding, and what is waived is set aside."
)
#: Of a control whose failures are all waived, and the rest of which holds.
WAIVED = "waived"
#: Every standing, the worst first.
STANDINGS = (
    Verdict.FAIL.value,
    Verdict.COULD_NOT_LOOK.value,
    Verdict.WARN.value,
    WAIVED,
    Verdict.PASS.value,
    Verdict.NOT_APPLICABLE.value,
)


def standing(result: Result) -> str:
    """The verdict's value; WAIVED where only a waiver keeps it from being worse."""
    if result.waived and result.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        return WAIVED
    return result.verdict.value


def counts(report: Report) -> dict[str, int]:
    """How many controls stand how; together they are all controls."""
    found = [standing(result) for result in report.results]
    return {name: found.count(name) for name in STANDINGS}


def score(report: Report, waivers: bool = True) -> Optional[int]:
    """0 to 100, see RULE. waivers: False counts as if there were none. None: nothing applies."""
    whole = held = 0
    for result in report.results:
        verdict = result.verdict if waivers else worst([each.verdict for each in result.findings])
        if verdict is Verdict.NOT_APPLICABLE or (waivers and standing(result) == WAIVED):
            continue
        weight = WEIGHT[result.control.severity]
        whole += 2 * weight
        held += {Verdict.PASS: 2, Verdict.WARN: 1}.get(verdict, 0) * weight
    return 100 * held // whole if whole else None
