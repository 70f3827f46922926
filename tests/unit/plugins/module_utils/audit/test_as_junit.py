# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JUnit XML as CI services read it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_junit import as_junit
from ansible_collections.aegis.nats.plugins.module_utils.audit.score import standing
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

HOSTILE = ']]>\x00\x1b<a b="c">&amp;\'\ud800\u202e'
REPORTS = {
    "healthy": samples.healthy(),
    "broken": samples.broken(),
    "enormous": samples.enormous(),
    "empty": samples.empty(),
    "hostile": samples.hostile(HOSTILE),
}
# The standing of a control: what its testcase holds beside the output.
ELEMENTS = {
    "fail": ["failure"],
    "could_not_look": ["error"],
    "waived": ["skipped"],
    "not_applicable": ["skipped"],
    "warn": [],
    "pass": [],
}


def cases(report: samples.Report) -> list[ElementTree.Element]:
    return ElementTree.fromstring(as_junit(report).encode("utf-8")).findall("./testsuite/testcase")


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_one_case_a_control_with_what_its_standing_asks(report: samples.Report) -> None:
    found = cases(report)
    assert len(found) == len(report.results)
    for case, result in zip(found, report.results):
        assert [each.tag for each in case if each.tag != "system-out"] == ELEMENTS[standing(result)]
        assert case.get("name") and case.get("classname") and case.get("time")


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_totals_are_those_of_the_cases(report: samples.Report) -> None:
    root = ElementTree.fromstring(as_junit(report).encode("utf-8"))
    for element in (root, root[0]):
        assert int(element.get("tests", "")) == len(root.findall(".//testcase"))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(name, "")) == len(root.findall(f".//testcase/{tag}"))
    assert float(root.get("time", "")) == report.seconds


def named(name: str) -> ElementTree.Element:
    return next(case for case in cases(samples.broken()) if case.get("name", "").startswith(f"{name}:"))


def test_a_failure_says_where_why_and_what_to_write() -> None:
    failure = named("client-tls").find("failure")
    assert failure is not None and failure.get("type") == "critical"
    assert failure.get("message", "").startswith("client 0.0.0.0:4222 on nats-2: a connection in plain text")
    assert "write instead:\nnats_server_tls: true\n" in (failure.text or "")
    assert "nats-1" not in (failure.text or ""), "what holds is no part of the failure"


def test_what_is_waived_is_no_part_of_a_failure() -> None:
    broken = samples.broken()
    monitoring = next(result for result in broken.results if result.control.id == "monitoring-local")
    report = replace(broken, results=(replace(monitoring, waived={0: monitoring.waived[0]}),))
    failure = cases(report)[0].find("failure")
    assert failure is not None and (failure.text or "").count("fail: ") == 2
    assert failure.get("message", "").endswith("(and 1 other)")
    assert "waived fail: monitoring" in (cases(report)[0].findtext("system-out") or "")


def test_what_is_skipped_says_why() -> None:
    waived, absent = named("monitoring-local").find("skipped"), named("mqtt-tls").find("skipped")
    assert waived is not None and absent is not None
    assert waived.get("message") == "waived until 2026-12-13: Prometheus has no agent there; ticket OPS-12"
    assert absent.get("message") == "no server listens for MQTT"


def test_a_warning_is_told_and_passes() -> None:
    output = named("log-rotation").findtext("system-out") or ""
    assert output == "warn: server nats-1: no limit"
    assert "waived fail: user legacy of account ORDERS" in (named("user-permissions").findtext("system-out") or "")


def test_hostile_text_comes_back_as_text() -> None:
    case = cases(samples.hostile(HOSTILE))[0]
    seen = ']]>��<a b="c">&amp;\'��'
    assert case.get("name") == f"{seen}: {seen}"
    assert seen in (case.findtext("failure") or "")
