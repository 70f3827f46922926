# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as SARIF 2.1.0 (OASIS), for services that gather the findings of many tools."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timezone
from typing import Any, Optional

from .model import Control, Finding, Report, Severity, Verdict, Waiver
from .printable import one_line, printable
from .score import score
from .telling import aware, day, distinct, where

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PAGES = "https://github.com/aegis-nats/aegis.nats"
# A warning is told one level below a failure.
_BELOW: Mapping[str, str] = {"error": "warning", "warning": "note", "note": "note"}
# In the bands that GitHub reads: from 9.0 critical, from 7.0 high, from 4.0 medium.
_LEVELS: Mapping[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("error", "9.5"),
    Severity.HIGH: ("error", "8.0"),
    Severity.MEDIUM: ("warning", "5.5"),
    Severity.LOW: ("note", "2.0"),
}


def as_sarif(report: Report, artifact: str = "") -> str:
    """The whole log.

    artifact: a file of the repository, such as the inventory, that every result is hung on: GitHub shows none without.
    """
    ids = _ids(report)
    driver = {
        "name": "aegis.nats audit",
        "informationUri": _PAGES,
        "rules": [_rule(result.control, name) for result, name in zip(report.results, ids)],
    }
    # No version at all rather than an empty one, which the schema refuses.
    driver.update({"version": printable(report.collection)} if report.collection else {})
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, ids)],
        "results": _results(report, ids, artifact),
        "properties": {
            "cluster": printable(report.cluster),
            "score": score(report),
            "advisories": day(report.advisories),
        },
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _ids(report: Report) -> list[str]:
    """The controls' ids: SARIF wants each once, and without blanks."""
    return distinct(["-".join(printable(result.control.id).split()) or "control" for result in report.results])


def _rule(control: Control, name: str) -> dict[str, Any]:
    level, number = _LEVELS[control.severity]
    title = one_line(control.title) or name
    about = ", ".join(control.changes)
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": printable(f"Variables: {about}." if about else f"See {_PAGES}.")},
        "defaultConfiguration": {"level": level},
        "properties": {
            "security-severity": number,
            "severity": control.severity.value,
            "number": control.number,
            "tags": ["security", "nats"],
        },
    }


def _results(report: Report, ids: list[str], artifact: str) -> list[dict[str, Any]]:
    found = []
    for at, result in enumerate(report.results):
        for number, finding in enumerate(result.findings):
            if finding.verdict in (Verdict.FAIL, Verdict.WARN):
                made = _result(ids[at], result.control, finding, artifact)
                found.append({**made, "ruleIndex": at, **_suppressed(result.waived.get(number))})
    return found


def _result(name: str, control: Control, finding: Finding, artifact: str) -> dict[str, Any]:
    change = f"\n\nWrite instead:\n{finding.change}" if finding.change else ""
    text = f"{where(finding.host, finding.subject)}: {finding.evidence}{change}"
    level = _LEVELS[control.severity][0]
    return {
        "ruleId": name,
        "kind": "fail",
        "level": level if finding.verdict is Verdict.FAIL else _BELOW[level],
        "message": {"text": printable(text)},
        "locations": [_location(finding, artifact)],
        "partialFingerprints": {"place/v1": _fingerprint(name, finding)},
        "properties": {"verdict": finding.verdict.value},
    }


def _suppressed(waiver: Optional[Waiver]) -> dict[str, Any]:
    if waiver is None:
        return {}
    words = printable(f"{waiver.reason} (until {day(waiver.until)})")
    return {"suppressions": [{"kind": "external", "status": "accepted", "justification": words}]}


def _location(finding: Finding, artifact: str) -> dict[str, Any]:
    """The host, and what was looked at there."""
    host, subject = one_line(finding.host), one_line(finding.subject) or "cluster"
    places = [{"name": host, "kind": "module", "fullyQualifiedName": host}] if host else []
    places.append({"name": subject, "kind": "resource", "fullyQualifiedName": f"{host}/{subject}" if host else subject})
    location: dict[str, Any] = {"logicalLocations": places[::-1]}
    if artifact:
        location["physicalLocation"] = {"artifactLocation": {"uri": artifact}, "region": {"startLine": 1}}
    return location


def _fingerprint(name: str, finding: Finding) -> str:
    """The same for the same place in the next audit, whatever is seen there then."""
    place = "\0".join((name, finding.host, finding.subject))
    return hashlib.sha256(place.encode("utf-8", "replace")).hexdigest()[:32]


def _invocation(report: Report, ids: list[str]) -> dict[str, Any]:
    """How the audit went; what could not be looked at is no result, but nobody is to take it for a pass."""
    blind = [
        {
            "level": "error",
            "message": {"text": printable(f"could not look: {where(each.host, each.subject)}: {each.evidence}")},
            "associatedRule": {"id": ids[at], "index": at},
        }
        for at, result in enumerate(report.results)
        for each in result.findings
        if each.verdict is Verdict.COULD_NOT_LOOK
    ]
    moment = aware(report.made).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"executionSuccessful": True, "endTimeUtc": moment, "toolExecutionNotifications": blind}
