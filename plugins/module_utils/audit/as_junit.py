# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as JUnit XML, so that a CI service shows each control as a test."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from .model import Finding, Report, Result, Verdict
from .printable import one_line, printable
from .score import WAIVED, score, standing
from .telling import aware, counted, day, where

_SUITE = "aegis.nats.audit"


def as_junit(report: Report) -> str:
    """One testcase a control: a failure fails, what could not be looked at is an error, warnings pass and are told."""
    stands = [standing(result) for result in report.results]
    numbers = {
        "tests": len(stands),
        "failures": stands.count(Verdict.FAIL.value),
        "errors": stands.count(Verdict.COULD_NOT_LOOK.value),
        "skipped": stands.count(Verdict.NOT_APPLICABLE.value) + stands.count(WAIVED),
    }
    totals = {**{name: str(number) for name, number in numbers.items()}, "time": f"{report.seconds:.3f}"}
    root = Element("testsuites", {"name": _SUITE, **totals})
    moment = aware(report.made).isoformat(timespec="seconds")
    suite = SubElement(root, "testsuite", {"name": printable(report.cluster) or _SUITE, **totals, "timestamp": moment})
    _properties(SubElement(suite, "properties"), report)
    for result in report.results:
        _case(suite, result)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _properties(parent: Element, report: Report) -> None:
    found = score(report)
    values = {
        "score": "" if found is None else str(found),
        "collection": report.collection,
        "advisories": day(report.advisories),
    }
    for name, value in values.items():
        SubElement(parent, "property", {"name": name, "value": printable(value)})


def _case(suite: Element, result: Result) -> None:
    control, stands = result.control, standing(result)
    names = {"classname": f"{_SUITE}.{control.severity.value}", "name": f"{control.id}: {control.title}"}
    case = SubElement(suite, "testcase", {**{key: one_line(value) for key, value in names.items()}, "time": "0.000"})
    if stands == Verdict.FAIL.value:
        _told(case, "failure", result, Verdict.FAIL, control.severity.value)
    elif stands == Verdict.COULD_NOT_LOOK.value:
        _told(case, "error", result, Verdict.COULD_NOT_LOOK, "could not look")
    elif stands in (WAIVED, Verdict.NOT_APPLICABLE.value):
        SubElement(case, "skipped", {"message": one_line(_why_not(result))})
    output = "\n".join(_line(each, number in result.waived) for number, each in enumerate(result.findings))
    if output:
        SubElement(case, "system-out").text = printable(output)


def _told(case: Element, name: str, result: Result, verdict: Verdict, kind: str) -> None:
    """The findings that make the control fail, the first as its message."""
    found = [each for at, each in enumerate(result.findings) if each.verdict is verdict and at not in result.waived]
    more = f" (and {counted(len(found) - 1, 'other')})" if len(found) > 1 else ""
    message = f"{where(found[0].host, found[0].subject)}: {found[0].evidence}{more}"
    element = SubElement(case, name, {"message": one_line(message), "type": kind})
    element.text = printable("\n\n".join(f"{_line(each)}{_instead(each)}" for each in found))


def _why_not(result: Result) -> str:
    """Why a control was not held against the cluster."""
    if result.waived:
        waivers = dict.fromkeys(result.waived[number] for number in sorted(result.waived))
        return "; ".join(f"waived until {day(waiver.until)}: {waiver.reason}" for waiver in waivers)
    return "; ".join(dict.fromkeys(each.evidence for each in result.findings)) or "does not apply"


def _line(finding: Finding, waived: bool = False) -> str:
    verdict = f"waived {finding.verdict.value}" if waived else finding.verdict.value
    return f"{verdict}: {where(finding.host, finding.subject)}: {finding.evidence}"


def _instead(finding: Finding) -> str:
    return f"\nwrite instead:\n{finding.change}" if finding.change else ""
