# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest is read as it was written."""

from __future__ import annotations

import json

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.manifest import (
    FileEntry,
    LeftOut,
    Manifest,
    read,
    summary,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import state, stream

MANIFEST = Manifest(
    id="f00d",
    created="2026-01-01T00:00:00+00:00",
    cluster="c1",
    folders=("trust", "pki"),
    files=(FileEntry("trust", "a/b", 0o600, 3, "00"), FileEntry("trust", "c", 0o644, 3, "00")),
    accounts={"TeamAlpha": "A1"},
    streams=(stream(),),
    left_out=(LeftOut("TeamAlpha", "MEM", "is kept in memory"),),
)


def test_it_is_read_as_it_was_written() -> None:
    assert read(json.loads(json.dumps(MANIFEST.words()))) == MANIFEST


@pytest.mark.parametrize(
    "words", [{}, {"format": 2}, {**MANIFEST.words(), "files": [{}]}, {**MANIFEST.words(), "streams": 5}]
)
def test_what_is_none_is_refused(words: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        read(words)


def test_the_summary_counts() -> None:
    found = summary(MANIFEST)
    assert found["files"] == {"trust": 2, "pki": 0}
    assert found["streams"][0]["messages"] == 10 and found["streams"][0]["consumers"] == ["d"]
    assert found["streams"][0]["in_use"] is False
    assert found["left_out"] == [{"account": "TeamAlpha", "name": "MEM", "reason": "is kept in memory"}]


def test_a_stream_that_changed_meanwhile_was_in_use() -> None:
    moved = stream(state_after=state(11, 13))
    assert summary(Manifest("f00d", "", "c1", streams=(moved,)))["streams"][0]["in_use"] is True
