# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.version_steps import is_step, next_line, problem

RELEASES = ("2.10.26", "2.11.11", "2.12.8", "2.14.4", "2.15.1")


@pytest.mark.parametrize(
    ("before", "wanted"), [*itertools.pairwise(RELEASES), ("2.14.0", "2.14.4"), ("2.15.1", "2.15.1")]
)
def test_steps_that_are_taken(before: str, wanted: str) -> None:
    assert problem(before, wanted) is None


@pytest.mark.parametrize(("later", "earlier"), [*itertools.combinations(RELEASES[::-1], 2), ("2.14.10", "2.14.9")])
def test_an_older_one_is_refused(later: str, earlier: str) -> None:
    found = problem(later, earlier) or ""
    assert f"runs {later}, and {earlier} is older" in found
    assert f'nats_server_allow_steps: ["{later}:{earlier}"]' in found


@pytest.mark.parametrize(
    ("before", "wanted", "first"),
    [
        ("2.10.26", "2.12.8", "2.11"),
        ("2.11.11", "2.14.4", "2.12"),
        ("2.12.8", "2.15.1", "2.14"),
        ("2.15.1", "2.17.0", "2.16"),
        ("2.15.1", "3.0.0", "2.16"),
    ],
)
def test_no_line_is_left_out(before: str, wanted: str, first: str) -> None:
    assert f"more than one release line later: go to {first} first" in (problem(before, wanted) or "")


def test_there_is_no_2_13() -> None:
    assert next_line((2, 12)) == (2, 14)


def test_a_wish_is_for_one_step() -> None:
    wish = ["2.15.1:2.14.4", "2.12.8 : v2.15.1"]
    assert problem("2.15.1", "2.14.4", wish) is None
    assert problem("2.12.8", "2.15.1", wish) is None
    assert problem("2.15.0", "2.14.4", wish)
    assert problem("2.15.1", "2.14.3", wish)


def test_what_is_no_version_is_not_judged() -> None:
    assert problem("", "2.15.1") is None
    assert problem("2.15.1", "another one", ["no step"]) is None
    assert is_step("2.15.1:2.14.4")
    assert not is_step("2.15.1") and not is_step("2.15:2.14.4") and not is_step(":")
