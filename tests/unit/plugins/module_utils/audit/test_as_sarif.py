# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SARIF 2.1.0, held against what its specification asks of what is used here."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_sarif import as_sarif
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Verdict
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

REPORTS = {
    "healthy": samples.healthy(),
    "broken": samples.broken(),
    "enormous": samples.enormous(4, 3),
    "empty": samples.empty(),
    "hostile": samples.hostile("<a\x00\x1b\ud800\u202e b"),
}


def run(report: samples.Report, artifact: str = "") -> dict[str, Any]:
    log = json.loads(as_sarif(report, artifact))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json") and len(log["runs"]) == 1
    found: dict[str, Any] = log["runs"][0]
    return found


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_rules_are_the_controls(report: samples.Report) -> None:
    rules = run(report)["tool"]["driver"]["rules"]
    assert len(rules) == len(report.results) and len({rule["id"] for rule in rules}) == len(rules)
    for rule, result in zip(rules, report.results):
        severity, level = result.control.severity.value, rule["defaultConfiguration"]["level"]
        number = float(rule["properties"]["security-severity"])
        band = "critical" if number >= 9 else "high" if number >= 7 else "medium" if number >= 4 else "low"
        assert band == severity == rule["properties"]["severity"]
        assert level == {"critical": "error", "high": "error", "medium": "warning", "low": "note"}[severity]
        assert rule["shortDescription"]["text"] and rule["help"]["text"] and " " not in rule["id"]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_results_are_the_failures_and_warnings(report: samples.Report) -> None:
    found = run(report)
    told = [
        each for result in report.results for each in result.findings if each.verdict in (Verdict.FAIL, Verdict.WARN)
    ]
    assert len(found["results"]) == len(told)
    for result, finding in zip(found["results"], told):
        assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] == "fail" and result["message"]["text"]
        assert result["level"] != "error" or finding.verdict is Verdict.FAIL
        places = result["locations"][0]["logicalLocations"]
        assert places[0]["name"] and all(place["fullyQualifiedName"] for place in places)
        assert "physicalLocation" not in result["locations"][0]


def test_a_place_has_the_same_fingerprint_in_the_next_audit() -> None:
    prints = [each["partialFingerprints"]["place/v1"] for each in run(samples.broken())["results"]]
    assert len(set(prints)) == len(prints) and all(re.fullmatch("[0-9a-f]{32}", each) for each in prints)


def test_listener_and_host_are_the_location() -> None:
    first = run(samples.broken())["results"][0]
    assert first["ruleId"] == "client-tls" and first["level"] == "error"
    assert first["locations"][0]["logicalLocations"] == [
        {"name": "client 0.0.0.0:4222", "kind": "resource", "fullyQualifiedName": "nats-2/client 0.0.0.0:4222"},
        {"name": "nats-2", "kind": "module", "fullyQualifiedName": "nats-2"},
    ]
    assert "Write instead:\nnats_server_tls: true" in first["message"]["text"]


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    results = run(samples.broken())["results"]
    suppressed = [each for each in results if "suppressions" in each]
    assert [each["ruleId"] for each in suppressed] == ["monitoring-local"] * 3 + ["user-permissions"]
    assert suppressed[3]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "goes away with the old shop (until 2027-01-31)",
        }
    ]


def test_what_could_not_be_looked_at_is_told() -> None:
    (invocation,) = run(samples.broken())["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert told["level"] == "error" and "timed out" in told["message"]["text"]
    assert told["associatedRule"]["id"] == "jetstream-encryption"
    assert invocation["endTimeUtc"] == "2026-11-29T06:41:12Z"


def test_results_can_be_hung_on_a_file() -> None:
    for result in run(samples.broken(), "inventory/hosts.yml")["results"]:
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "inventory/hosts.yml"}
