# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.environment import parse_environment, server_environment
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("# A=1\n; B=2\n\nC=3", {"C": "3"}),
        ("K='\"quoted inside\"'\n", {"K": '"quoted inside"'}),
        ('K="a \\"b\\" \\\\ \\$x \\n"\n', {"K": 'a "b" \\ $x \\n'}),
        ("K=a\\ b  \nL=\n", {"K": "a b", "L": ""}),
        ('K="two\nlines"\nL=1\n', {"K": "two\nlines", "L": "1"}),
        ("K=a'b c'd\n", {"K": "ab cd"}),
        ("  K = v \n", {"K": "v"}),
        ("no equals\nK=v", {"K": "v"}),
        ("", {}),
    ],
)
def test_it_reads_as_systemd_does(text: str, wanted: dict[str, str]) -> None:
    assert parse_environment(text) == wanted


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_double_quoted_value_comes_back(value: str) -> None:
    quoted = "".join("\\" + letter if letter in '"\\`$' else letter for letter in value)
    assert parse_environment(f'A=1\nK="{quoted}"\nB=2') == {"A": "1", "K": value, "B": "2"}


def test_the_caller_s_environment_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "x")
    monkeypatch.setenv("HOME", "/home/me")
    found = server_environment({"JS_KEY": "k"})
    assert "SECRET_OF_THE_CALLER" not in found
    assert (found["JS_KEY"], found["HOME"]) == ("k", "/home/me")
    assert "PATH" in found
