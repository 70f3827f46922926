# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which streams are taken."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.members import Member
from ansible_collections.aegis.nats.plugins.module_utils.backup.taking import Seen, _as_snapshots_say, choose, megabytes
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems

SEEN = [Seen(Member("A", "", lambda: None), name, {"state": {"bytes": 5}}) for name in ("ONE", "TWO")]


def test_all_or_what_was_named() -> None:
    problems = Problems()
    assert choose(SEEN, [], problems) == SEEN
    assert [each.title for each in choose(SEEN, ["A/TWO"], problems)] == ["A/TWO"]
    assert not len(problems) and SEEN[0].bytes == 5


def test_what_is_not_there_is_told_with_its_place() -> None:
    problems = Problems()
    choose(SEEN, ["A/ONE", "B/ONE"], problems)
    assert [each.path for each in problems] == ["streams[1]"]


@pytest.mark.parametrize(
    "count, words", [(0, "0.0 kB"), (1234, "1.2 kB"), (159_112, "0.2 MB"), (2 * 10**9, "2000.0 MB")]
)
def test_sizes_are_for_people(count: int, words: str) -> None:
    assert megabytes(count) == words


def test_only_what_both_tell_is_compared() -> None:
    info = {"messages": 1, "bytes": 2, "first_seq": 1, "last_seq": 1, "num_subjects": 1, "consumer_count": 0}
    assert set(_as_snapshots_say(info, {"messages": 1})) == {"messages", "bytes", "first_seq", "last_seq"}
