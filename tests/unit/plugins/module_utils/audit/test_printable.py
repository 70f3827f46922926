# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written to deceive is seen."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.audit.printable import one_line, printable, shortened, width


def test_a_terminal_is_told_nothing() -> None:
    assert printable("\x1b[2Jgone\x07 \x9b31m") == "�[2Jgone� �31m"


def test_what_xml_cannot_write_and_what_turns_the_direction_is_marked() -> None:
    assert printable("a\x00b\ud800c\uffffd\u202ee") == "a�b�c�d�e"


def test_lines_blanks_and_letters_stay() -> None:
    assert printable("a\tb\r\nc\rd") == "a\tb\nc\nd"
    assert printable("größe 💡 日本") == "größe 💡 日本"


def test_one_line() -> None:
    assert one_line(" a\n\n b\tc ") == "a b c"


def test_width_counts_columns() -> None:
    assert [width("abc"), width("日本"), width("e\u0301")] == [3, 4, 1]


def test_what_is_shortened_fits_and_says_so() -> None:
    assert shortened("nats-1", 6) == "nats-1"
    assert shortened("nats-10", 6) == "nats-…"
    assert shortened("日本日本", 6) == "日本…"
    assert all(width(shortened("日a" * 100, columns)) <= columns for columns in range(1, 30))
