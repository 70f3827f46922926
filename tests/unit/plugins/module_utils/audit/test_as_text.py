# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.as_text import COLUMNS, as_text
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

HOSTILE = "\x1b[2J\x07<b>'\"\ud800\u202e " + "n" * 200
REPORTS = {
    "healthy": samples.healthy(),
    "broken": samples.broken(),
    "enormous": samples.enormous(),
    "empty": samples.empty(),
    "hostile": samples.hostile(HOSTILE),
    "lines": samples.hostile("a: b\n    c: d\n" + "e " * 90 + "\n"),
}


def test_a_clean_cluster_is_one_paragraph() -> None:
    assert as_text(samples.healthy()) == (
        "Audit of orders-production, 2026-11-29 06:41 UTC: Every control that applies holds. 12 controls:\n"
        "11 hold, 1 does not apply; score 100 of 100; collection 0.1.0, advisories of 2026-11-20. Next to\n"
        "end: server certificate on nats-1, in 71 days (2027-02-08).\n"
    )


def test_an_empty_report_says_that_nothing_is_known() -> None:
    assert "nothing can be said" in as_text(samples.empty()) and "no score" in as_text(samples.empty())


def test_findings_come_first_and_the_worst_of_them_first() -> None:
    text = as_text(samples.broken())
    order = [
        "Findings", "FAIL critical client-tls", "FAIL critical key-files", "FAIL high server-version",
        "WARN medium user-permissions", "WARN low log-rotation", "Could not be looked at",
        "? medium jetstream-encryption",
        "Waived", "WAIVED medium monitoring-local", "score 52 of 100 (49 without waivers)",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "1 thing already ended. Next to end: server certificate on nats-1, in 11 days (2026-12-10)." in text


def test_each_says_where_what_was_seen_and_what_to_write() -> None:
    text = as_text(samples.broken())
    assert (
        "    at      client 0.0.0.0:4222 on nats-2\n"
        "    seen    a connection in plain text was let in: INFO without tls_required, then +OK\n"
        "    write   nats_server_tls: true\n"
        '            nats_server_tls_min_version: "1.3"\n'
    ) in text


def test_many_places_are_counted() -> None:
    assert "and 1 more" in as_text(samples.enormous())


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_lines_fit_and_hold_nothing_that_a_terminal_obeys(report: samples.Report) -> None:
    text = as_text(report)
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert not [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n"]
    assert "\u202e" not in text and text.endswith("\n") and not text.endswith("\n\n")


def test_what_to_write_keeps_its_indentation() -> None:
    assert "    write   a: b\n                c: d\n" in as_text(REPORTS["lines"])
