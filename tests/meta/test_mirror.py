# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests mirror the code path by path."""

from __future__ import annotations

import ast
from pathlib import Path

from ansible_collections.aegis.nats.tests.meta.repository import below, text

UNIT = Path("tests/unit")
# Fronts without logic of their own: the verbs and actions behind them have the tests, test_fronts.py keeps them thin.
FRONTS = ("plugins/modules", "plugins/action", "plugins/doc_fragments")


def has_logic(path: Path) -> bool:
    """Whether a file has a function that does something."""
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) for node in ast.walk(ast.parse(text(path))))


def test_all_code_has_its_test() -> None:
    tests = set(below("tests/unit/plugins", ".py"))
    code = [path for path in below("plugins", ".py") if not str(path).startswith(FRONTS) and has_logic(path)]
    orphans = [path for path in code if UNIT / path.parent / f"test_{path.name}" not in tests]
    assert not orphans, "no tests/unit/<path>/test_<name> for: " + ", ".join(map(str, orphans))


def test_all_tests_have_their_code() -> None:
    code = set(below("plugins", ".py"))
    tests = [path for path in below("tests/unit/plugins", ".py") if path.name.startswith("test_")]
    orphans = [p for p in tests if p.parent.relative_to(UNIT) / p.name.removeprefix("test_") not in code]
    assert not orphans, "no such plugin file for: " + ", ".join(map(str, orphans))
