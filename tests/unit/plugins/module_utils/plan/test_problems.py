# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems are collected and raised once."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problem, Problems, join


@pytest.mark.parametrize(
    ("prefix", "path", "whole"), [("a", "b", "a.b"), ("a", "[0]", "a[0]"), ("", "b", "b"), ("a", "", "a"), ("", "", "")]
)
def test_paths_join(prefix: str, path: str, whole: str) -> None:
    assert join(prefix, path) == whole


def test_none_raise_nothing() -> None:
    Problems().raise_if_any()


def test_all_are_raised_together_and_each_once() -> None:
    problems = Problems()
    problems.add("a", "is wrong")
    problems.add("a", "is wrong")
    problems.extend([Problem("[1]", "too")], "b")
    assert len(problems) == 2
    with pytest.raises(InputError) as caught:
        problems.raise_if_any()
    assert str(caught.value) == "2 problems in the input, nothing was changed:\n  - a: is wrong\n  - b[1]: too"
    assert caught.value.problems == (Problem("a", "is wrong"), Problem("b[1]", "too"))
