# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules and actions are fronts: documentation and a call."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.meta.repository import ROOT, below, text


def statements(path: Path) -> int:
    """How many statements a file has, its documentation and imports aside."""
    tree = ast.parse(text(path))
    documentation = {
        id(node)
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        or (isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    }
    return sum(isinstance(node, ast.stmt) and id(node) not in documentation for node in ast.walk(tree))


@pytest.mark.parametrize("path", below("plugins/action", ".py"), ids=str)
def test_actions_are_thin(path: Path) -> None:
    """One that does more than name its verb has a unit test of its own."""
    assert statements(path) <= 12 or (ROOT / "tests/unit" / path.parent / f"test_{path.name}").is_file()
    assert (ROOT / "plugins/modules" / path.name).is_file(), "an action stands in front of a module of its name"


@pytest.mark.parametrize("path", below("plugins/modules", ".py"), ids=str)
def test_modules_are_thin(path: Path) -> None:
    assert statements(path) <= 30
