# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which streams are taken."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.taking import Choice, _as_snapshots_say
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems

KNOWN = ("A/ONE", "A/TWO", "A/THREE")


@pytest.mark.parametrize(
    "only, not_these, taken",
    [
        ((), (), list(KNOWN)),
        (("A/TWO",), (), ["A/TWO"]),
        ((), ("A/TWO",), ["A/ONE", "A/THREE"]),
        (("A/ONE", "A/TWO"), ("A/TWO",), ["A/ONE"]),
    ],
)
def test_all_or_what_was_named(only: tuple[str, ...], not_these: tuple[str, ...], taken: list[str]) -> None:
    assert [title for title in KNOWN if Choice(only, not_these).takes(title)] == taken


def test_what_is_not_there_is_told_with_its_place() -> None:
    problems = Problems()
    Choice(("A/ONE", "B/ONE"), ("C",)).check(KNOWN, "in the cluster", problems)
    assert [str(each) for each in problems] == [
        "streams[1]: there is no stream B/ONE in the cluster: write ACCOUNT/STREAM",
        "leave_out[0]: there is no stream C in the cluster: write ACCOUNT/STREAM",
    ]


def test_only_what_both_tell_is_compared() -> None:
    info = {"messages": 1, "bytes": 2, "first_seq": 1, "last_seq": 1, "num_subjects": 1, "consumer_count": 0}
    assert set(_as_snapshots_say(info, {"messages": 1})) == {"messages", "bytes", "first_seq", "last_seq"}
