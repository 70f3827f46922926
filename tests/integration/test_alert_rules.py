# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus' own tool takes the rules, and finds each alert where it has to be, and nowhere else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.integration.alert_cases import CASES, as_promtool, rules, rules_text

PROMTOOL = os.environ.get("AEGIS_PROMTOOL") or shutil.which("promtool")
pytestmark = pytest.mark.skipif(
    not PROMTOOL, reason="promtool is not there: set AEGIS_PROMTOOL or run ./test integration"
)


def promtool(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROMTOOL), *words], capture_output=True, text=True, check=False)


def test_the_rules_are_rules(tmp_path: Path) -> None:
    place = tmp_path / "rules.yml"
    place.write_text(rules_text())
    done = promtool("check", "rules", str(place))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


def test_each_alert_fires_where_it_has_to_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(rules_text())
    (tmp_path / "cases.yml").write_text(as_promtool("rules.yml"))
    done = promtool("test", "rules", str(tmp_path / "cases.yml"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_cases_notice_a_rule_that_says_something_else(tmp_path: Path) -> None:
    """Each rule with its answer turned round fails a case of its own."""
    text = rules_text()
    for rule in rules():
        place = re.compile(rf"(- alert: {rule['alert']}\n +expr: ).*?(?=\n +(for|labels):)", re.DOTALL)
        (tmp_path / "rules.yml").write_text(place.sub(lambda found: found[1] + "vector(1) == 0", text, count=1))
        (tmp_path / "cases.yml").write_text(as_promtool("rules.yml", rule["alert"]))
        assert promtool("test", "rules", str(tmp_path / "cases.yml")).returncode != 0, rule["alert"]
    assert len({case.alert for case in CASES}) == len(rules())
