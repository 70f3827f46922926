# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text and keys survive the configuration language."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.quote import quote, quote_key
from hypothesis import given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", '""'),
        ("plain", '"plain"'),
        ('a"b\\c', r'"a\"b\\c"'),
        ("a\nb\tc\rd", r'"a\nb\tc\rd"'),
        ("\0\x1b\x7f", r'"\x00\x1b\x7f"'),
        ("$2b$11$abc", '"$2b$11$abc"'),
        ("é日😀", '"é日😀"'),
        ("true", '"true"'),
    ],
)
def test_literals(text: str, literal: str) -> None:
    assert quote(text) == literal


@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    assert parse(f"a: {quote(text)}") == {"a": text}


def test_what_is_not_unicode_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="UTF-8") as caught:
        quote("secret\udcff")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("max_payload", "max_payload"),
        ("$SYS", '"$SYS"'),
        ("include", '"include"'),
        ("a b", '"a b"'),
        ('say "x"', "'say \"x\"'"),
        ("1st", '"1st"'),
        ("", '""'),
    ],
)
def test_keys(key: str, written: str) -> None:
    assert quote_key(key) == written
    assert parse(f"{written}: 1") == {key: 1}
    assert parse(f"m {{ {written}: 1 }}") == {"m": {key: 1}}


@pytest.mark.parametrize("key", ["a\"b'c", "a\0b", "a\udcff"])
def test_keys_that_have_no_form(key: str) -> None:
    with pytest.raises(ValueError, match="a key"):
        quote_key(key)
