# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON report is what its schema says, and says it in the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_json import as_dict, as_json
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import SCHEMA
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

ROOT = Path(__file__).resolve().parents[5]
PUBLISHED = json.loads((ROOT / "docs/audit.schema.json").read_text(encoding="utf-8"))
REPORTS = {
    "healthy": samples.healthy(),
    "broken": samples.broken(),
    "enormous": samples.enormous(),
    "empty": samples.empty(),
    "hostile": samples.hostile("\"'<&>\x00\x1b\ud800\u202e\n"),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_it_keeps_to_the_schema(report: samples.Report) -> None:
    validator = jsonschema.Draft202012Validator(PUBLISHED)
    assert not [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(as_json(report)))]


def test_the_schema_is_one_and_notices() -> None:
    jsonschema.Draft202012Validator.check_schema(PUBLISHED)
    wrong = as_dict(samples.broken())
    wrong["controls"][0]["verdict"] = "good"
    del wrong["controls"][1]["findings"][0]["host"]
    wrong["score"] = 101
    assert len(list(jsonschema.Draft202012Validator(PUBLISHED).iter_errors(wrong))) == 3


def described(schema: dict[str, Any], value: Any, path: str) -> list[str]:
    """Keys of the value that the schema does not know."""
    if "$ref" in schema:
        schema = PUBLISHED["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    for option in schema.get("anyOf", ()):
        if "$ref" in option and value is not None:
            return described(option, value, path)
    if isinstance(value, list):
        return [each for item in value for each in described(schema["items"], item, f"{path}[]")]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    unknown = [f"{path}.{key}" for key in value if key not in schema["properties"]]
    known = [(key, each) for key, each in value.items() if key in schema["properties"]]
    return unknown + [
        more for key, each in known for more in described(schema["properties"][key], each, f"{path}.{key}")
    ]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_schema_describes_all_that_is_written(report: samples.Report) -> None:
    assert not described(PUBLISHED, as_dict(report), "")


def test_the_number_of_the_schema_is_that_of_the_model() -> None:
    assert PUBLISHED["properties"]["schema"]["const"] == SCHEMA == as_dict(samples.empty())["schema"]


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_same_report_gives_the_same_bytes(report: samples.Report) -> None:
    assert as_json(report) == as_json(report)
    as_json(report).encode("ascii")


def test_what_a_reader_looks_for() -> None:
    found = as_dict(samples.broken())
    assert found["score"] == 52 and found["score_without_waivers"] == 49
    assert found["made"] == "2026-11-29T06:41:12+00:00" and found["advisories"] == "2026-11-20"
    assert found["counts"] == {
        "fail": 3, "could_not_look": 1, "warn": 2, "waived": 1, "pass": 4, "not_applicable": 1,
    }  # fmt: skip
    assert [each["days_left"] for each in found["expiries"]] == [-4, 11, 11, 14, 63, 150, 364, 1100]


def test_waived_findings_are_told_apart() -> None:
    by_id = {control["id"]: control for control in as_dict(samples.broken())["controls"]}
    monitoring, users = by_id["monitoring-local"], by_id["user-permissions"]
    assert monitoring["verdict"] == "waived" and len(monitoring["waivers"]) == 1
    assert all(finding["verdict"] == "fail" and finding["waived"] for finding in monitoring["findings"])
    assert users["verdict"] == "warn" and users["findings"][1]["waived"] is None
    assert users["findings"][0]["waived"] == {
        "reason": "goes away with the old shop", "until": "2027-01-31", "subject": "legacy",
    }  # fmt: skip


def test_what_json_does_not_have_becomes_what_it_has() -> None:
    class Kind(Enum):
        ROUTE = "route"

    odd = {"servers": ({"name": Kind.ROUTE, "routes": {"b", "a"}, "since": samples.MADE, "on": samples.ADVISORIES},)}
    assert as_dict(replace(samples.empty(), topology=odd))["topology"] == {
        "servers": [{"name": "route", "routes": ["a", "b"], "since": samples.MADE.isoformat(), "on": "2026-11-20"}]
    }
