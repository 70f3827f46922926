# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is rendered is read back as it was, and reads well."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.render import render, render_value
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
KEY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0'"), min_size=1, max_size=8)
NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(TEXT, st.booleans(), NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEY, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(KEY, VALUES, max_size=5), st.integers(0, 3))
def test_what_is_rendered_is_read_back(options: dict[str, object], indent: int) -> None:
    found = parse(render(options, indent))
    assert found == options
    assert list(found) == list(options)


def test_a_configuration_reads_well() -> None:
    options = {
        "port": 4222,
        "server_tags": ["az:a", "env:prod"],
        "debug": False,
        "nothing": None,
        "cluster": {"name": "c1", "accounts": [], "permissions": {}, "rates": [1, 2]},
        "users": [{"user": "a", "timeout": 2.0}, {"user": "b"}],
    }
    assert render(options) == "\n".join(
        [
            "port: 4222",
            'server_tags: ["az:a", "env:prod"]',
            "debug: false",
            "cluster {",
            '  name: "c1"',
            "  accounts: []",
            "  permissions: {}",
            "  rates: [ 1, 2 ]",
            "}",
            "users: [",
            "  {",
            '    user: "a"',
            "    timeout: 2.0",
            "  }",
            "  {",
            '    user: "b"',
            "  }",
            "]",
        ]
    )


def test_a_block_is_indented_after_its_first_line() -> None:
    assert render_value({"a": 1}, indent=2) == "{\n      a: 1\n    }"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"a": {"b": [1, None]}}, "a.b[1]: null has no form"),
        ({"a": {"b": b"secret"}}, "a.b: a bytes has no form"),
        ({"a": 2**63}, "a: the number does not fit"),
        ({"a": float("inf")}, "a: the number is not finite"),
        ({"a": {True: 1}}, "a.True: the key True is not text"),
        ({"a": [{"b": "secret\udcff"}]}, "a[0].b: the text is not valid UTF-8"),
    ],
)
def test_what_has_no_form_is_told_by_its_path(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        render(options)
    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)
