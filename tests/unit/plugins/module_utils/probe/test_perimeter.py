# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A refusal counts only for the reason that is asked about."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.knock import Answer, Knock
from ansible_collections.aegis.nats.plugins.module_utils.probe.perimeter import judge

ERRORS = {"tls": "Secure Connection - TLS Required", "login": "Authorization Violation", "other": "Unknown Protocol"}
REFUSED, LET_IN, UNKNOWN = True, False, None
TABLE: list[tuple[Answer, str, Optional[bool], Optional[bool], Optional[bool]]] = [
    # answer, error, plaintext, no_certificate, no_credentials
    (Answer.NOTHING, "", UNKNOWN, UNKNOWN, UNKNOWN),
    (Answer.DISTRUST, "", LET_IN, UNKNOWN, UNKNOWN),
    (Answer.NO_TLS, "", LET_IN, UNKNOWN, UNKNOWN),
    (Answer.CLOSED, "", REFUSED, REFUSED, UNKNOWN),
    (Answer.TLS_ALERT, "", REFUSED, REFUSED, UNKNOWN),
    (Answer.ERROR, "tls", REFUSED, LET_IN, UNKNOWN),
    (Answer.ERROR, "login", LET_IN, LET_IN, REFUSED),
    (Answer.ERROR, "other", LET_IN, LET_IN, UNKNOWN),
    (Answer.ADMITTED, "", LET_IN, LET_IN, LET_IN),
]


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize(("answer", "error", "plaintext", "no_certificate", "no_credentials"), TABLE)
def test_verdicts(
    *,
    answer: Answer,
    error: str,
    plaintext: Optional[bool],
    no_certificate: Optional[bool],
    no_credentials: Optional[bool],
    allowed: bool,
) -> None:
    wanted = {"plaintext": plaintext, "no_certificate": no_certificate, "no_credentials": no_credentials}
    for kind, refused in wanted.items():
        found = judge(Check("x", kind, allowed=allowed), Knock(answer, ERRORS.get(error, "evidence")))
        assert found.ok is (None if refused is None else refused is not allowed), kind
        assert ERRORS.get(error, "evidence") in found.detail
