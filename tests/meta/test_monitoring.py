# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each alert says what to do, where to read more, and is tried both ways."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node import expiry
from ansible_collections.aegis.nats.tests.integration.alert_cases import CASES, rules
from ansible_collections.aegis.nats.tests.meta.repository import text

PAGE = Path("docs/monitoring.md")


def test_each_alert_is_tried_firing_and_not_firing() -> None:
    names = {rule["alert"] for rule in rules()}
    assert len(names) == len(rules()) > 20
    assert {case.alert for case in CASES if case.hosts} == names
    assert {case.alert for case in CASES if not case.hosts} == names


def test_each_alert_says_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical"), rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}, rule["alert"]
        assert len(rule["annotations"]["description"]) > 60, rule["alert"]


def test_what_ends_is_told_at_the_same_time_by_all() -> None:
    """Alert rules, the lines that hosts write, and the audit, which takes its days from there."""
    said = {
        int(days)
        for rule in rules()
        for days in re.findall(r"(\d+) \* 86400", rule["expr"])
        if "not_after" in rule["expr"]
    }
    assert said == {expiry.SOON_DAYS, expiry.NOW_DAYS}


def test_each_alert_has_its_place_in_the_page() -> None:
    """An anchor is a heading in lower case."""
    headings = re.findall(r"^#+ (\w+)$", text(PAGE), re.MULTILINE)
    for rule in rules():
        assert rule["annotations"]["runbook_url"].endswith(f"docs/monitoring.md#{rule['alert'].lower()}")
        assert rule["alert"] in headings, f"{PAGE} says nothing of {rule['alert']}"
    assert {name for name in headings if name.startswith("Nats")} == {rule["alert"] for rule in rules()}


def test_labels_in_texts_are_those_that_alerts_have() -> None:
    """A label that is taken away by an aggregation comes out empty."""
    for rule in rules():
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        grouped = re.match(r"[^a-z]*(?:count|sum|max|min|time\(\) - max) by \(([^)]*)\)", rule["expr"])
        if grouped and "group_right" not in rule["expr"]:
            assert used <= set(grouped[1].split(", ")), rule["alert"]
