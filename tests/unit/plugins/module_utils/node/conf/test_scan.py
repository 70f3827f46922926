# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalars of the configuration language."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.scan import Number, Scanner, Text


def scalar(text: str) -> Text | Number:
    return Scanner(text, ValueError).scalar()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("1.5", 1.5),
        ("-1.5", -1.5),
        ("1k", 1000),
        ("1kb", 1024),
        ("1Ki", 1024),
        ("1MiB", 1024**2),
        ("4G", 4 * 10**9),
        ("4GB", 4 * 2**30),
        ("2t", 2 * 10**12),
        ("2m", 2_000_000),
    ],
)
def test_numbers(text: str, value: float) -> None:
    assert scalar(text) == Number(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("abc;", Text("abc", bare=True)),
        ("12abc,", Text("12abc", bare=False)),
        ("127.0.0.1:4222 ", Text("127.0.0.1:4222", bare=False)),
        ("2026-11-23T00:00:00Z", Text("2026-11-23T00:00:00Z", bare=False)),
        (r"'a\n'", Text(r"a\n", bare=False)),
        (r'"a\n\x41\\"', Text("a\nA\\", bare=False)),
        (r"a\tb", Text("a\tb", bare=False)),
        ("(\nx y\n)\n", Text("\nx y\n", bare=False)),
        ("1]\n", Text("1]", bare=False)),
    ],
)
def test_text(text: str, found: Text) -> None:
    assert scalar(text) == found


@pytest.mark.parametrize("text", ["99999999999999999999", "1kbb", "-x", "", ".5", '"', "12-34", r'"\x4"'])
def test_faults(text: str) -> None:
    with pytest.raises(ValueError):
        scalar(text)
