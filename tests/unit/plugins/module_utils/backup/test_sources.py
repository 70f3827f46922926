# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams that gather from others go on behind what they have."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.backup.comparing import differences
from ansible_collections.aegis.nats.plugins.module_utils.backup.putting import fitted
from ansible_collections.aegis.nats.plugins.module_utils.backup.sources import gathered, going_on, without_starts
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import stream

EXTERNAL = {"api": "JS.other.API", "deliver": "d"}
CONFIG: dict[str, Any] = {
    "name": "ALL",
    "sources": [
        {"name": "A", "filter_subject": "a.>"},
        {"name": "A", "filter_subject": "b.>", "opt_start_time": "2026-01-01T00:00:00Z"},
        {"name": "A", "external": EXTERNAL},
        {"name": "NEW", "opt_start_seq": 3},
    ],
}
INFO = {
    "sources": [
        {"name": "A", "external": EXTERNAL, "seq": 7, "lag": 0},
        {"name": "A", "filter_subject": "b.>", "seq": 6},
        {"name": "A", "filter_subject": "a.>", "seq": 5},
        {"name": "NEW", "lag": 0},
    ]
}


def test_each_begins_behind_what_was_gathered_of_it() -> None:
    assert going_on(CONFIG, gathered(INFO))["sources"] == [
        {"name": "A", "filter_subject": "a.>", "opt_start_seq": 6},
        {"name": "A", "filter_subject": "b.>", "opt_start_seq": 7},
        {"name": "A", "external": EXTERNAL, "opt_start_seq": 8},
        {"name": "NEW", "opt_start_seq": 3},
    ]


def test_others_stay_as_they_are() -> None:
    assert going_on({"name": "S"}, {}) == without_starts({"name": "S"}) == {"name": "S"} and gathered({}) == {}
    # Servers before 2.15 do not tell it, and need no help.
    assert going_on(CONFIG, gathered({"sources": [{"name": "A", "lag": 0}]})) == CONFIG


def test_where_sources_begin_is_no_difference() -> None:
    entry = stream(config=CONFIG, gathered=gathered(INFO))
    info = {"config": CONFIG, "state": entry.state}
    put = fitted(entry, None)
    assert put.config != CONFIG and differences(put, info, entry.consumers) == []
    other = {**CONFIG, "sources": CONFIG["sources"][1:]}
    assert len(differences(put, {**info, "config": other}, entry.consumers)) == 1
