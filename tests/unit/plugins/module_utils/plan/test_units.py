# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes and durations as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import units
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        (7, 7),
        ("7", 7),
        (-1, -1),
        ("-1", -1),
        ("1K", 10**3),
        ("1G", 10**9),
        ("1GB", 10**9),
        ("1gb", 10**9),
        ("1GiB", 2**30),
        ("512 M", 512 * 10**6),
        ("2TiB", 2**41),
    ],
)
def test_sizes(value: Any, becomes: int) -> None:
    assert units.size(value) == becomes


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0"),
        (-1, "-1"),
        (999, "999"),
        (1500, "1500"),
        (4096, "4KiB"),
        (64 * 2**20, "64MiB"),
        (10**10, "10G"),
        (2**30, "1GiB"),
    ],
)
def test_sizes_in_words(count: int, words: str) -> None:
    assert units.size_text(count) == words


@given(st.integers(0, 2**20), st.sampled_from([1, 10**3, 10**9, 2**10, 2**20, 2**30]))
def test_sizes_come_back(number: int, unit: int) -> None:
    assert units.size(units.size_text(number * unit)) == number * unit


@pytest.mark.parametrize("value", ["", "G", "1.5G", "1X", "1 gigabyte", None, True, 1.5, [1]])
def test_what_is_no_size(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a size: write"):
        units.size(value)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("5s", 5.0),
        ("1m30s", 90.0),
        ("1.5h", 5400.0),
        ("90d", 7_776_000.0),
        ("1w", 604_800.0),
        ("250ms", 0.25),
        ("0s", 0.0),
    ],
)
def test_durations(value: str, becomes: float) -> None:
    assert units.seconds(value) == becomes


@pytest.mark.parametrize("value", ["", "5", 5, "s", "5 s 3", "-5s", "5sx", None, True, "1h-2m"])
def test_what_is_no_duration(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a duration: write"):
        units.nanoseconds(value)


@given(st.integers(0, 10**18))
def test_durations_come_back(nanos: int) -> None:
    assert units.nanoseconds(units.duration(nanos)) == nanos


@given(st.text(max_size=12))
def test_any_text_is_judged(text: str) -> None:
    for parse in (units.size, units.nanoseconds):
        try:
            assert parse(text) is not None
        except ValueError as error:
            assert "write" in str(error)
