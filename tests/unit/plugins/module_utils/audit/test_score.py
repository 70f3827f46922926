# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The score is what its rule says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import (
    Control,
    Finding,
    Result,
    Severity,
    Verdict,
    Waiver,
)
from ansible_collections.aegis.nats.plugins.module_utils.audit.score import RULE, WEIGHT, counts, score, standing
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

WAIVER = Waiver("x", "for now", date(2027, 1, 1))


def result(severity: Severity, *verdicts: Verdict, waived: tuple[int, ...] = ()) -> Result:
    findings = tuple(Finding("it", verdict, "seen") for verdict in verdicts)
    return Result(Control("x", "X", severity), findings, dict.fromkeys(waived, WAIVER))


def scored(*results: Result, waivers: bool = True) -> int | None:
    return score(replace(samples.empty(), results=results), waivers)


CRITICAL = result(Severity.CRITICAL, Verdict.PASS)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (result(Severity.HIGH, Verdict.PASS), 100),
        (result(Severity.HIGH, Verdict.FAIL), 66),
        (result(Severity.HIGH, Verdict.COULD_NOT_LOOK), 66),
        (result(Severity.HIGH, Verdict.WARN), 83),
        (result(Severity.HIGH, Verdict.NOT_APPLICABLE), 100),
        (result(Severity.HIGH), 100),
        (result(Severity.LOW, Verdict.FAIL), 90),
        (result(Severity.MEDIUM, Verdict.FAIL), 83),
        (result(Severity.CRITICAL, Verdict.FAIL), 50),
        (result(Severity.HIGH, Verdict.PASS, Verdict.FAIL), 66),
    ],
)
def test_what_each_counts_for(other: Result, expected: int) -> None:
    assert scored(CRITICAL, other) == expected


def test_a_waiver_sets_aside_and_does_not_hold() -> None:
    waived = result(Severity.CRITICAL, Verdict.FAIL, Verdict.PASS, waived=(0,))
    low = result(Severity.LOW, Verdict.FAIL)
    assert scored(CRITICAL, waived, low) == scored(CRITICAL, low) == 90
    assert scored(CRITICAL, waived, waivers=False) == 50


def test_a_hundred_is_never_rounded_up_to() -> None:
    assert scored(*[CRITICAL] * 50, result(Severity.LOW, Verdict.FAIL)) == 99


def test_without_anything_that_applies_there_is_no_score() -> None:
    assert scored() is None
    assert scored(result(Severity.HIGH, Verdict.NOT_APPLICABLE)) is None
    assert scored(result(Severity.HIGH, Verdict.FAIL, waived=(0,))) is None


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((Verdict.FAIL,), "waived"),
        ((Verdict.FAIL, Verdict.PASS), "waived"),
        ((Verdict.FAIL, Verdict.WARN), "warn"),
        ((Verdict.FAIL, Verdict.COULD_NOT_LOOK), "could_not_look"),
        ((Verdict.FAIL, Verdict.FAIL), "fail"),
    ],
)
def test_a_waiver_hides_nothing_else(verdicts: tuple[Verdict, ...], expected: str) -> None:
    assert standing(result(Severity.HIGH, *verdicts, waived=(0,))) == expected


@pytest.mark.parametrize("report", [samples.healthy(), samples.broken(), samples.enormous(), samples.empty()])
def test_counts_add_up(report: samples.Report) -> None:
    assert sum(counts(report).values()) == len(report.results)


def test_the_broken_sample_has_every_standing() -> None:
    assert all(counts(samples.broken()).values())


def test_the_rule_says_the_weights() -> None:
    assert all(f"{weight}" in RULE for weight in WEIGHT.values())
