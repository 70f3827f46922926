# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts, and what a control comes to by its findings."""

from __future__ import annotations

from datetime import date

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import (
    Control,
    Finding,
    Result,
    Severity,
    Verdict,
    Waiver,
    worst,
)

PASS, FAIL, WARN = Verdict.PASS, Verdict.FAIL, Verdict.WARN
BLIND, NOTHING = Verdict.COULD_NOT_LOOK, Verdict.NOT_APPLICABLE
CONTROL = Control("a", "A", Severity.LOW)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        ([], NOTHING),
        ([PASS, NOTHING], PASS),
        ([PASS, WARN], WARN),
        ([WARN, BLIND], BLIND),
        ([BLIND, FAIL, PASS], FAIL),
    ],
)
def test_the_worst(verdicts: list[Verdict], verdict: Verdict) -> None:
    assert worst(verdicts) is verdict


def test_what_is_waived_does_not_count() -> None:
    findings = (Finding("x", FAIL, "bad"), Finding("y", PASS, "good"))
    waiver = Waiver("a", "because", date(2027, 1, 1))
    assert Result(CONTROL, findings).verdict is FAIL
    assert Result(CONTROL, findings, {0: waiver}).verdict is PASS
    assert Result(CONTROL, findings, {0: waiver, 1: waiver}).verdict is NOTHING
