# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings on the page."""

from __future__ import annotations

import re
from dataclasses import replace

from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Control, Finding, Result, Severity, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.page_findings import anchors, badge, findings, long_text
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def test_the_worst_comes_first_and_sections_follow() -> None:
    text = "".join(findings(samples.broken()))
    titles = re.findall(r"<h[23] [^>]*>([^<]+)", text)
    assert titles == [
        "Findings", "Clients speak TLS 1.3 and nothing older", "Private keys are readable by their owner only",
        "The server has no known hole", "No user may publish or hear everything", "Logs are turned over",
        "Could not be looked at", "Streams are encrypted on disk",
        "Waived", "Monitoring answers this host only", "No user may publish or hear everything",
    ]  # fmt: skip


def test_evidence_and_what_to_write() -> None:
    text = "".join(findings(samples.broken()))
    assert "a connection in plain text was let in" in text
    assert "<pre><code>nats_server_tls: true\nnats_server_tls_min_version: &quot;1.3&quot;</code></pre>" in text
    assert "goes away with the old shop (until 2027-01-31)" in text


def test_without_findings_it_is_said() -> None:
    assert "Nothing fails, and nothing carries a warning." in findings(samples.healthy())[0]
    assert "Nothing was looked at." in findings(samples.empty())[0]


def test_long_texts_and_many_places_are_folded() -> None:
    assert long_text("short") == "<p>short</p>"
    assert long_text("long " * 100).startswith('<details class="long"><summary>long ')
    many = tuple(Finding(f"user {n}", Verdict.FAIL, "seen") for n in range(40))
    text = "".join(findings(replace(samples.empty(), results=(Result(samples.CONTROLS[0], many),))))
    assert "and 32 more places" in text and text.count("user ") == 40
    each = tuple(Finding(f"user {n}", Verdict.FAIL, f"seen {n}") for n in range(40))
    text = "".join(findings(replace(samples.empty(), results=(Result(samples.CONTROLS[0], each),))))
    assert "37 more of this control" in text and text.count("user ") == 40


def test_anchors_are_plain_and_distinct() -> None:
    results = tuple(
        Result(Control(name, "x", Severity.LOW), ()) for name in ("a-b", "A b", "a<b", "日本", "日", "a-b-2")
    )
    found = anchors(replace(samples.empty(), results=results))
    assert len(set(found)) == 6 and found[0] == "control-a-b"
    assert all(re.fullmatch("control-[a-z0-9-]+", each) for each in found)


def test_a_badge_has_a_sign_and_a_word() -> None:
    assert "mark-fail" in badge("fail") and "fails" in badge("fail")
