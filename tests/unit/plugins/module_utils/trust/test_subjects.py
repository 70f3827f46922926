# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects against a slow but plain notion of what they stand for."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import subjects
from hypothesis import given
from hypothesis import strategies as st

TOKEN = st.sampled_from(["a", "b", "*"])
PATTERN = st.builds(
    lambda tokens, tail: ".".join([*tokens, *tail]),
    st.lists(TOKEN, min_size=1, max_size=3),
    st.sampled_from([[], [">"]]),
)
# Every subject of up to five tokens over a, b and c: enough to tell patterns of up to four tokens over a and b apart.
SUBJECTS = [".".join(each) for count in range(1, 6) for each in itertools.product("abc", repeat=count)]


def matches(pattern: str, subject: str) -> bool:
    wide, narrow = pattern.split("."), subject.split(".")
    if wide[-1] == ">":
        return len(narrow) >= len(wide) and all(a in ("*", b) for a, b in zip(wide[:-1], narrow))
    return len(narrow) == len(wide) and all(a in ("*", b) for a, b in zip(wide, narrow))


def meaning(pattern: str) -> frozenset[str]:
    return frozenset(subject for subject in SUBJECTS if matches(pattern, subject))


@given(PATTERN, PATTERN)
def test_covers_is_the_subset(one: str, other: str) -> None:
    assert subjects.covers(one, other) == (meaning(other) <= meaning(one))


def is_contained_in(subject: str, other: str) -> bool:
    """jwt/v2 types.go, IsContainedIn, line by line."""
    theirs, mine = other.split("."), subject.split(".")
    if len(mine) > len(theirs) and theirs[-1] != ">":
        return False
    if len(mine) < len(theirs):
        return False
    for at, token in enumerate(theirs):
        if at == len(theirs) - 1 and token == ">":
            return True
        if token not in (mine[at], "*"):
            return False
    return True


@given(PATTERN, PATTERN)
def test_contains_is_the_library_s_own(one: str, other: str) -> None:
    assert subjects.contains(one, other) == is_contained_in(other, one)


@given(PATTERN)
def test_a_pattern_is_fine_and_knows_its_wildcards(pattern: str) -> None:
    assert subjects.fault(pattern) is None
    assert subjects.has_wildcard(pattern) == (len(meaning(pattern)) != 1)


@given(st.text(max_size=12) | st.text("ab.*> ", max_size=6))
def test_any_text_is_judged_without_falling_over(text: str) -> None:
    found = subjects.fault(text, queue=True)
    assert found or (text and ".." not in text)


@pytest.mark.parametrize(
    ("subject", "queue", "says"),
    [
        ("", False, "is empty"),
        ("a..b", False, "empty token"),
        (".a", False, "empty token"),
        ("a.", False, "empty token"),
        ("a.>.b", False, '">" must be the last token'),
        ("a b", False, "queue group"),
        ("a b c", True, "too many spaces"),
        ("a\tb", False, "white space"),
        ("a ", True, "is empty"),
    ],
)
def test_what_is_wrong_is_told(subject: str, queue: bool, says: str) -> None:
    assert says in (subjects.fault(subject, queue) or "")


def test_a_queue_is_fine_where_one_subscribes() -> None:
    assert subjects.fault("orders.> workers", queue=True) is None


@pytest.mark.parametrize(
    ("local", "subject", "says"),
    [
        ("b.c", "a.>", 'end in ">"'),
        ("b.>", "a", 'end in ">"'),
        ("x.$1", "a.*.b.*", "each of the 2"),
        ("x.$3.$1", "a.*.b.*", "refers to $3"),
        ("x.$0", "a.*", "refers to $0"),
        ("x.$-1", "a", "refers to $-1"),
        ("x y", "a", "space"),
    ],
)
def test_renaming_that_does_not_fit(local: str, subject: str, says: str) -> None:
    assert says in (subjects.renaming_fault(local, subject) or "")


@pytest.mark.parametrize(
    ("local", "subject"), [("x.$2.$1", "a.*.b.*"), ("x.*", "a.*"), ("partner.>", "orders.>"), ("b", "a"), ("$USD", "a")]
)
def test_renaming_that_fits(local: str, subject: str) -> None:
    assert subjects.renaming_fault(local, subject) is None


def test_references_stand_for_wildcards() -> None:
    assert subjects.local_pattern("x.$2.y.$1") == "x.*.y.*"
