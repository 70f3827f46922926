# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as JSON, for programs and for comparing two audits; docs/audit.schema.json says what is where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Optional

from .model import SCHEMA, Expiry, Finding, Report, Result, Waiver
from .score import counts, score, standing
from .telling import aware, day, days_left, expiries, headline


def as_json(report: Report) -> str:
    """The same report gives the same bytes."""
    return json.dumps(as_dict(report), indent=2) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """What as_json writes. The controls stay in the report's order; what ends comes soonest first."""
    return {
        "schema": SCHEMA,
        "cluster": report.cluster,
        "made": aware(report.made).isoformat(),
        "seconds": round(report.seconds, 3),
        "collection": report.collection,
        "advisories": day(report.advisories),
        "score": score(report),
        "score_without_waivers": score(report, waivers=False),
        "headline": headline(report),
        "counts": counts(report),
        "controls": [_control(result) for result in report.results],
        "expiries": [_expiry(each, report.made) for each in expiries(report)],
        "topology": _plain(report.topology),
        "trust": _plain(report.trust),
    }


def _control(result: Result) -> dict[str, Any]:
    control = result.control
    waivers = list(dict.fromkeys(result.waived[number] for number in sorted(result.waived)))
    return {
        "id": control.id,
        "number": control.number,
        "title": control.title,
        "severity": control.severity.value,
        "verdict": standing(result),
        "changes": list(control.changes),
        "waivers": [_waiver(waiver) for waiver in waivers],
        "findings": [_finding(each, result.waived.get(at)) for at, each in enumerate(result.findings)],
    }


def _finding(finding: Finding, waiver: Optional[Waiver]) -> dict[str, Any]:
    return {
        "subject": finding.subject,
        "host": finding.host,
        "verdict": finding.verdict.value,
        "evidence": finding.evidence,
        "change": finding.change,
        "waived": None if waiver is None else _waiver(waiver),
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {"reason": waiver.reason, "until": day(waiver.until), "subject": waiver.subject}


def _expiry(expiry: Expiry, made: datetime) -> dict[str, Any]:
    return {
        "what": expiry.what,
        "kind": expiry.kind,
        "host": expiry.host,
        "at": aware(expiry.at).isoformat(),
        "days_left": days_left(expiry.at, made),
    }


def _plain(value: Any) -> Any:
    """The value in JSON's types: sets sorted, moments in ISO 8601, what is unknown as its text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return [_plain(each) for each in sorted(value, key=str)]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return _word(value)


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return aware(value).isoformat()
    return str(value.value if isinstance(value, Enum) else value)
