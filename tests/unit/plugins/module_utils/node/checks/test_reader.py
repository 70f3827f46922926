# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables are read with their types, whatever Ansible made of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader


@pytest.mark.parametrize(("value", "flag"), [(True, True), ("yes", True), ("On", True), (0, False), ("false", False)])
def test_flags(value: object, flag: bool) -> None:
    assert Reader({"a": value}).flag("a", default=not flag) is flag


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_empty_is_not_there(value: object) -> None:
    reader = Reader({"a": value})
    read = (reader.raw("a"), reader.integer("a"), reader.number("a"), reader.size("a"), reader.duration("a"))
    assert read == (None,) * 5
    assert (reader.text("a"), reader.texts("a"), reader.mapping("a"), reader.flag("a", default=True)) == (
        None,
        [],
        {},
        True,
    )
    assert list(reader.problems) == []


def test_values() -> None:
    values: dict[str, Any] = {
        "i": "5",
        "n": "2.5",
        "s": "1G",
        "d": "90s",
        "t": 1.3,
        "l": ["a"],
        "m": {"a": 1},
        "c": "x",
    }
    reader = Reader(values)
    assert (reader.integer("i"), reader.number("n"), reader.size("s"), reader.duration("d")) == (
        5,
        2.5,
        10**9,
        90 * 10**9,
    )
    assert (reader.text("t"), reader.texts("l"), reader.mapping("m"), reader.choice("c", ("x",))) == (
        "1.3",
        ["a"],
        {"a": 1},
        "x",
    )


def test_all_that_is_wrong_is_kept_once_and_with_its_path() -> None:
    reader = Reader({"a": "x", "l": ["", 5]})
    for _dummy in range(2):
        reader.integer("a")
        reader.texts("l")
    assert [str(problem) for problem in reader.problems] == [
        "nats_server_a: 'x' is not a whole number",
        "nats_server_l[0]: is empty",
        "nats_server_l[1]: is not text",
    ]
