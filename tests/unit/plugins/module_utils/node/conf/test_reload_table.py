# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every measured row of what servers take by a reload is predicted."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.compare import compare
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse

TESTS = Path(__file__).resolve().parents[5]
ROWS = runpy.run_path(str(TESTS / "measure/reload_cases.py"))
CASES: dict[str, tuple[str, str]] = ROWS["cases"]()
# Where the table asks for a restart that an older server could do without.
CAREFUL = {("2.12.8", "leaf remote disabled"), ("2.11.11", "js strict")}


def measured(version: str) -> Iterator[tuple[str, str, str]]:
    text = (TESTS / f"vectors/reload_matrix_{version}.txt").read_text()
    for line in text.splitlines():
        match = re.match(r"(.*?)\s+(YES|NO|CRASH|START)(?=[ :]|$)(.*)", line)
        assert match, line
        yield match[1], match[2], match[3]


def predicted(name: str, version: str) -> str:
    before, after = (re.sub(r"@P(\d)@", r"1622\1", text) for text in CASES[name])
    changed = ("@DIR@/cert.pem", "@DIR@/key.pem") if name == ROWS["NEW_CONTENTS"] else ()
    return compare(parse(before), parse(after), version, changed).action


def test_there_is_a_pair_for_each_row() -> None:
    assert {name for name, _dummy, _dummy in measured("2.15.1")} == set(CASES)
    assert len(CASES) == 138


@pytest.mark.parametrize("version", ["2.10.26", "2.11.11", "2.12.8", "2.14.4", "2.15.1"])
def test_measured_rows_are_predicted(version: str) -> None:
    wrong = []
    for name, verdict, words in measured(version):
        if verdict == "START" or (verdict == "NO" and "unknown field" in words and name != "invalid config"):
            continue
        wanted = "restart" if verdict != "YES" or (version, name) in CAREFUL else "reload"
        if predicted(name, version) != wanted:
            wrong.append((name, verdict, predicted(name, version)))
    assert wrong == []
