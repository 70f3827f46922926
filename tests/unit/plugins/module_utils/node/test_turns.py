# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.turns import at_once, batches, keeps_quorum
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("share", "total", "number"),
    [(1, 3, 1), ("2", 5, 2), ("40%", 5, 2), ("39%", 5, 1), ("1%", 3, 1), ("100%", 3, 3), (9, 3, 3), (" 2 ", 5, 2)],
)
def test_a_share(share: object, total: int, number: int) -> None:
    assert at_once(share, total) == number


@pytest.mark.parametrize("share", [0, "0%", "101%", -1, "half", "", None, True, 1.5, "1 %"])
def test_what_is_none(share: object) -> None:
    with pytest.raises(NatsError, match=r"write how many servers"):
        at_once(share, 3)


@pytest.mark.parametrize(
    ("number", "total", "keeps"), [(1, 1, True), (1, 2, True), (1, 3, True), (2, 3, False), (2, 5, True), (3, 6, False)]
)
def test_quorum(number: int, total: int, keeps: bool) -> None:
    assert keeps_quorum(number, total) is keeps


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 100), st.integers(1, 50))
def test_everybody_has_one_turn(hosts: list[str], percent: int, total: int) -> None:
    turns = batches(hosts, f"{percent}%", total)
    assert [host for turn in turns for host in turn] == hosts
    assert all(0 < len(turn) <= at_once(f"{percent}%", total) for turn in turns)
