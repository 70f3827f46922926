# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences about what differs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust.differences import differences
from hypothesis import given
from hypothesis import strategies as st

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 5) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xy", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
PICTURE = st.dictionaries(st.text("xyz", min_size=1, max_size=2), VALUE, max_size=4)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ({"publish": {"allow": []}}, {"publish": {"allow": ["orders.>"]}}, 'publish.allow adds "orders.>"'),
        ({"publish": {"allow": ["a"]}}, {"publish": {"allow": []}}, 'publish.allow drops "a"'),
        (
            {"limits": {"connections": 500}},
            {"limits": {"connections": -1}},
            "limits.connections: 500 becomes unlimited",
        ),
        ({"bearer": False}, {"bearer": True}, "bearer: false becomes true"),
        ({"description": ""}, {"description": "x"}, 'description: nothing becomes "x"'),
        ({}, {"responses": {"max": 1}}, "responses is added"),
        ({"responses": {"max": 1}}, {}, "responses is dropped"),
        ({"a": [1, 2]}, {"a": [2, 1]}, "a has another order"),
        (
            {"imports": [{"name": "n", "subject": "s", "local_subject": "l"}]},
            {"imports": [{"name": "n", "subject": "s", "local_subject": "m"}]},
            'imports.n.local_subject: "l" becomes "m"',
        ),
        ({"exports": []}, {"exports": [{"name": "n", "subject": "s"}]}, "exports adds n"),
    ],
)
def test_one_difference_is_one_sentence(before: dict[str, Any], after: dict[str, Any], says: str) -> None:
    assert differences(before, after) == [says]


@given(PICTURE, PICTURE)
def test_there_are_sentences_exactly_where_something_differs(before: dict[str, Any], after: dict[str, Any]) -> None:
    same = {k: v for k, v in before.items() if v is not None} == {k: v for k, v in after.items() if v is not None}
    assert differences(before, before) == []
    if same:
        assert differences(before, after) == []
