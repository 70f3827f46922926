# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors say what to do."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError, MissingLibrary, NatsError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problem


def test_one_problem_stands_alone() -> None:
    assert str(InputError([Problem("a.b", "is wrong")])) == "a.b: is wrong"
    assert str(InputError([Problem("", "is wrong")])) == "is wrong"


def test_a_missing_library_says_how_to_get_it() -> None:
    error = MissingLibrary("nkeys", "keys are made")
    assert isinstance(error, NatsError)
    assert "pip install nkeys" in str(error)
    assert "keys are made" in str(error)
