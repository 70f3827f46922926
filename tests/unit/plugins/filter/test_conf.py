# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that write configuration."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.conf import FilterModule

FILTERS = FilterModule().filters()


def test_text_is_quoted() -> None:
    assert FILTERS["conf_quote"]('a"b') == r'"a\"b"'
    assert FILTERS["conf_quote"](12) == '"12"'
    assert FILTERS["conf_quote"](True) == '"true"'


def test_values_and_options() -> None:
    assert FILTERS["conf_value"]([1, 2]) == "[ 1, 2 ]"
    assert FILTERS["conf_value"]({"a": "b"}, 1) == '{\n    a: "b"\n  }'
    assert FILTERS["conf_options"]({"a": 1, "b": None, "c": "2m"}, 1) == '  a: 1\n  c: "2m"'


def test_further_options() -> None:
    extra = {"cluster": {"ping_max": 3}, "prof_block_rate": 1}
    assert FILTERS["conf_extra"](extra, "cluster", 1) == "  ping_max: 3"
    assert FILTERS["conf_extra"](extra) == "prof_block_rate: 1"
    assert FILTERS["conf_extra"](extra, "tls") == ""


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("conf_quote", ["secret"], "takes text, not a list"),
        ("conf_quote", "secret\udcff", "not valid UTF-8"),
        ("conf_value", {"a": b"secret"}, "a: a bytes has no form"),
        ("conf_extra", ["secret"], "takes a dictionary, not a list"),
        ("conf_extra", {"a": b"secret"}, "a: a bytes has no form"),
        ("conf_options", ["secret"], "takes a dictionary, not a list"),
        ("conf_options", {"a": {"b": b"secret"}}, "a.b: a bytes has no form"),
    ],
)
def test_what_has_no_form_is_refused_without_showing_it(name: str, value: object, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message) as caught:
        FILTERS[name](value)
    assert f"aegis.nats.{name}" in str(caught.value)
    assert "secret" not in str(caught.value)
