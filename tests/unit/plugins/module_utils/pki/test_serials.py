# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of serials: kept, never given out twice, and what it says of a clock."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import serials
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import DAY, NOW


def test_what_has_ended_is_left_out(tmp_path: Path) -> None:
    record = {"0A": {"name": "old", "not_after": "2026-11-23T11:59:59Z"}, "0B": {"name": "n1", "not_after": "2027"}}
    change = serials.change("ca", record, NOW)
    (tmp_path / change.path).write_bytes(change.content or b"")
    folder = Folder(str(tmp_path), NoSeal())
    assert serials.read(folder, "ca") == {"0B": {"name": "n1", "not_after": "2027"}}
    assert serials.read(folder, "other") == {}
    for text in ("{", "[]", '{"0A": 1}'):
        (tmp_path / change.path).write_text(text)
        with pytest.raises(StoreError, match="the record of serials is damaged"):
            serials.read(folder, "ca")


def test_a_serial_is_given_out_once() -> None:
    drawn = iter([b"\x00" * 19 + b"\x14", b"\x00" * 19 + b"\x16"])
    assert serials.unused({"0A": {}}, lambda count: next(drawn)) == 11
    with pytest.raises(StoreError, match="serial 0A was given out before; nothing was issued"):
        serials.unused({"0A": {}}, lambda count: b"\x00" * 19 + b"\x14")


def test_a_clock_that_went_back_is_seen_in_the_record() -> None:
    record = {
        "0A": {"name": "n1", "not_after": "2028", "issued": "2026-11-23T12:00:00Z"},
        "0B": {"name": "from an earlier release", "not_after": "2028"},
    }
    serials.check_clock({}, "ca", NOW - 365 * DAY)
    serials.check_clock(record, "ca", NOW - timedelta(minutes=5))
    with pytest.raises(StoreError, match="ca issued n1 on 2026-11-23T12:00:00Z, and the clock here says 2025-11-23T12"):
        serials.check_clock(record, "ca", NOW - 365 * DAY)


def test_what_was_issued_before_a_moment() -> None:
    record = {"0A": {"issued": "2026-11-23T11:59:59Z"}, "0B": {"issued": "2026-11-23T12:00:00Z"}, "0C": {"name": "old"}}
    assert serials.issued_before(record, "2026-11-23T12:00:00Z") == {"0A", "0C"}
    assert serials.issued_before(record, "") == frozenset()
