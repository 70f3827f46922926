# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers and people wrote, made fit for a terminal, XML and a page: it may have been written to deceive."""

from __future__ import annotations

import re
import unicodedata

# Control characters (a terminal obeys them), halves of surrogate pairs and what XML 1.0 has no way to write, and the
# marks that turn the direction of writing (https://trojansource.codes).
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: object) -> str:
    """The text, with a mark in place of each character that is not meant to be seen; lines stay lines."""
    return _UNFIT.sub(_REPLACEMENT, str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object) -> str:
    """The text with each run of blanks and line ends as one blank."""
    return " ".join(printable(text).split())


def width(text: str) -> int:
    """How many columns a text takes where every letter has one: two for those of East Asia, none for accents."""
    return sum(_columns(letter) for letter in text)


def shortened(text: object, columns: int) -> str:
    """One line of at most so many columns, with an ellipsis where something was left out."""
    line = one_line(text)
    if width(line) <= columns:
        return line
    kept, used = "", 1
    for letter in line:
        used += _columns(letter)
        if used > columns:
            break
        kept += letter
    return kept.rstrip() + "…"


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1
