# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: RUF009 - option() makes a dataclass field, as dataclasses.field() does
"""Mappings to dataclasses, to claims, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust import kinds
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import (
    Block,
    Many,
    Table,
    did_you_mean,
    option,
    read,
    to_claims,
    to_words,
)


@dataclass(frozen=True)
class Inner:
    size: int = option(kinds.SIZE, "", claim="sz", default=-1)
    on: bool = option(kinds.FLAG, "", claim="on", default=True)


@dataclass(frozen=True)
class Outer:
    name: str = option(kinds.NAME, "")
    tags: tuple[str, ...] = option(Many(kinds.TAG, once=True), "", claim="tags", default=())
    flat: Inner = option(Block(Inner, inline=True), "", default=Inner())
    nested: Optional[Inner] = option(Block(Inner), "", claim="nst", default=None)
    many: tuple[Inner, ...] = option(Many(Block(Inner)), "", claim="mn", default=())
    table: Any = option(Table(Block(Inner)), "", claim="tb", default=None)


def problems_of(raw: Any) -> list[str]:
    problems = Problems()
    read(Outer, raw, "", problems)
    return [str(each) for each in problems]


FULL: dict[str, Any] = {
    "name": "n",
    "tags": ["a", "b"],
    "flat": {"size": "1K"},
    "nested": {"on": False},
    "many": [{"size": 1}, {}],
    "table": {"R1": {"size": 2}},
}


def test_everything_is_read_and_becomes_claims() -> None:
    problems = Problems()
    made = read(Outer, FULL, "", problems)
    assert not list(problems)
    claims = to_claims(made)
    assert claims == {
        "tags": ["a", "b"],
        "sz": 1000,
        "on": True,
        "nst": {"sz": -1, "on": False},
        "mn": [{"sz": 1, "on": True}, {"sz": -1, "on": True}],
        "tb": {"R1": {"sz": 2, "on": True}},
    }
    words = {**to_words(Outer, claims), "name": "n"}
    assert words == {**FULL, "flat": {"size": 1000}}
    assert read(Outer, words, "", problems) == made


def test_absent_claims_mean_zero_not_the_default() -> None:
    assert to_words(Outer, {})["flat"] == {"size": 0, "on": False}
    assert to_words(Outer, {"sz": -1, "on": True}) == {}


def test_nothing_said_is_the_default() -> None:
    problems = Problems()
    made = read(Outer, {"name": "n", "tags": None, "nested": None}, "", problems)
    assert made == Outer(name="n")
    assert not list(problems)


def test_every_problem_is_told_with_its_path() -> None:
    raw = {
        "nmae": "n",
        "tags": ["a", "A", 1.5, {}],
        "flat": 3,
        "nested": {"size": "x"},
        "many": [{}, {"on": 7}, "text"],
        "table": {"": {}, "R1": {"sise": 1}},
    }
    assert [each.split(": ")[0] for each in problems_of(raw)] == [
        "nmae",
        "name",
        "tags[1]",
        "tags[3]",
        "flat",
        "nested.size",
        "many[1].on",
        "many[2]",
        "table",
        "table.R1.sise",
    ]


def test_what_is_no_mapping_or_list_is_told() -> None:
    assert problems_of("text") == ["must be a mapping, not 'text'"]
    assert problems_of({"name": "n", "many": {"a": 1}, "table": []}) == [
        "many: must be a list, not a mapping",
        "table: must be a mapping, not a list",
    ]


def test_a_near_word_is_named() -> None:
    assert did_you_mean("sie", ["size", "on"]) == ": did you mean size?"
    assert did_you_mean("zzz", ["size", "on"]) == ": write one of on, size"
