# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps, lists, variables and includes of the configuration language."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import ConfigError, parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb = 2\nc 3", {"a": 1, "b": 2, "c": 3}),
        ("a: 1; b: 2, c: 3", {"a": 1, "b": 2, "c": 3}),
        ("tls { verify: yes, timeout: 2.5 }", {"tls": {"verify": True, "timeout": 2.5}}),
        ("tls {\n verify: no\n timeout: 2\n}", {"tls": {"verify": False, "timeout": 2}}),
        ("tls: {\n}\n", {"tls": {}}),
        ("a: [1,2 ]", {"a": [1, 2]}),
        ("a: [\n x\n y # z\n // w\n]", {"a": ["x", "y"]}),
        ('{"a": {"b": [true, "c"]}, "d": 1}', {"a": {"b": [True, "c"]}, "d": 1}),
        ("# only a comment", {}),
        ("", {}),
        ("a: 1 # x\na: 2 // y", {"a": 2}),
        ("m {\n a\n  1\n b:\n  2\n}", {"m": {"a": 1, "b": 2}}),
        ("a: b#c", {"a": "b#c"}),
    ],
)
def test_structure(text: str, value: dict[str, object]) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "environment", "value"),
    [
        ("x: 5\na: $x", {}, {"x": 5, "a": 5}),
        ("x: 5\nm { x: 6, a: $x }", {}, {"x": 5, "m": {"x": 6, "a": 6}}),
        ("m { a: $E }", {"E": "12k"}, {"m": {"a": 12000}}),
        ("a: $E", {"E": '"p w"'}, {"a": "p w"}),
        ("a: $E", {"E": "$F", "F": "deep"}, {"a": "deep"}),
        ("a: $2a$11$abc", {}, {"a": "$2a$11$abc"}),
        ("a: $KEY", None, {"a": "$KEY"}),
        ('a: "$KEY"', {}, {"a": "$KEY"}),
    ],
)
def test_variables(text: str, environment: dict[str, str] | None, value: dict[str, object]) -> None:
    assert parse(text, environment) == value


def test_includes_are_relative_to_the_including_file() -> None:
    files = {"sub/a.conf": "include b.conf\nx: 1", "sub/b.conf": "y: 2"}
    text = 'include "sub/a.conf"\nm { include sub/b.conf }\n'
    assert parse(text, include=files.__getitem__) == {"y": 2, "x": 1, "m": {"y": 2}}


def missing(path: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: {", "line 2: the file ends inside a { }"),
        ("a: [1,", "line 1: the file ends inside a [ ]"),
        ("a: [,]", "line 1: a comma stands where"),
        ('a: "x', "line 1: a quote is opened"),
        ("a:\nb: 1", "line 1: a value is missing"),
        ("a: $NO", "line 1: the variable $NO is neither"),
        ("a: $E", "$E line 1: the variable $E refers to itself"),
        ("\n\ninclude x.conf", "line 3: include of x.conf: No such file"),
        ('a: "secret" "secret"', "line 1: more text stands after a value"),
        (": 1", "line 1: a key is missing"),
        (r'a: "secret\u0041"', "line 1: an escape that nats-server does not know"),
        ("a: (\nsecret", "line 1: a block that ( opens"),
    ],
)
def test_faults_tell_the_line_and_nothing_else(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, environment={"E": "$E"}, include=missing)
    assert str(caught.value).startswith(message)
    assert "secret" not in str(caught.value)


def test_includes_need_files() -> None:
    with pytest.raises(ConfigError, match="no files can be included here"):
        parse("include x")
    with pytest.raises(ConfigError, match="it includes itself"):
        parse("include x", include=lambda path: "include x")
