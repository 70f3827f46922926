# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The letters of the NATS configuration language: keys, scalars, separators, comments.

Source: nats-server conf/lex.go, whose rules this follows state by state.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Union

_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_END = ""  # what peek() gives at the end of the text
_BLANK = " \t"
_NEWLINE = "\n\r"
_TEXT_ENDS = _NEWLINE + _BLANK + ";,]}"
_NUMBER_ENDS = _NEWLINE + _BLANK + ";,}"  # not "]": 1] is text to the lexer
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NEGATIVE = re.compile(r"-\d+(?:\.\d+)?")
_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"\d+\.\d+\.[\d.:-]*")
_FLOAT = re.compile(r"\d+\.\d+")
_SUFFIX = re.compile(r"[kKmMgGtTpPeE][bBiI]*")


@dataclass(frozen=True)
class Text:
    """A string; ``bare`` when it stood without quotes and may be a boolean or a variable."""

    value: str
    bare: bool


@dataclass(frozen=True)
class Number:
    """An integer with its suffix counted, or a float."""

    value: Union[int, float]


class Scanner:
    """A position in the text that moves on as things are read."""

    def __init__(self, text: str, error: Callable[[str], Exception]) -> None:
        self.whole = text
        self.at = 0
        self.error = error

    @property
    def line(self) -> int:
        """The line of the position, from 1."""
        return self.whole.count("\n", 0, self.at) + 1

    def peek(self) -> str:
        return self.whole[self.at : self.at + 1]

    def take(self, mark: str) -> bool:
        """Move over ``mark`` if it is next."""
        if not self.whole.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def skip_space(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def skip_blanks(self) -> None:
        while self.peek() and self.peek() in _BLANK:
            self.at += 1

    def to_entry(self) -> bool:
        """Move over space and comments; False at the end of the text."""
        while True:
            self.skip_space()
            if not self.comment():
                return self.peek() != _END

    def comment(self) -> bool:
        if not (self.take("#") or self.take("//")):
            return False
        while self.peek() and self.peek() not in _NEWLINE:
            self.at += 1
        return True

    def entry_end(self, ends: str, closes: str) -> None:
        """After a value: a newline, one of ``ends``, a comment, or the closing mark (which is left to be read)."""
        self.skip_blanks()
        while self.comment():
            self.skip_blanks()
        mark = self.peek()
        if mark == _END or (closes and mark == closes):
            return
        if mark not in ends + _NEWLINE:
            raise self.error("more text stands after a value: end the value with a comma or a new line, or quote it")
        self.at += 1

    def key(self) -> tuple[str, bool]:
        """A key, and whether it is the word include with a path after it."""
        for mark in ('"', "'"):
            if self.take(mark):
                return self.until(mark), False
        if self.peek() in "=:":
            raise self.error("a key is missing before = or :")
        start = self.at
        while self.peek() and not self.peek().isspace() and self.peek() not in "=:":
            self.at += 1
        key = self.whole[start : self.at]
        return key, key.lower() == "include" and self.peek().isspace()

    def key_end(self) -> bool:
        """Move to the value; True when = or : stood before it."""
        self.skip_space()
        return self.take(":") or self.take("=")

    def include_path(self) -> str:
        self.skip_blanks()
        for mark in ('"', "'"):
            if self.take(mark):
                return self.until(mark)
        start = self.at
        while self.peek() and self.peek() not in _NEWLINE + _BLANK + ";}":
            self.at += 1
        if start == self.at:
            raise self.error("include needs a path")
        return self.whole[start : self.at]

    def until(self, mark: str) -> str:
        end = self.whole.find(mark, self.at)
        if end < 0:
            raise self.error("a quote is opened and never closed")
        found, self.at = self.whole[self.at : end], end + 1
        return found

    def scalar(self) -> Union[Text, Number]:
        """Text, a number, or a block of lines in ( )."""
        mark = self.peek()
        if self.take("'"):
            return Text(self.until("'"), bare=False)
        if self.take('"'):
            return self.quoted()
        if self.take("("):
            return Text(self.block(), bare=False)
        if mark in "0123456789-" and mark != _END:
            return self.number()
        if mark == _END or mark in _NEWLINE or mark == ".":
            raise self.error("a value is missing (a number starts with a digit)")
        return self.bare(self.at)

    def quoted(self) -> Text:
        parts: list[str] = []
        while True:
            start = self.at
            while self.peek() and self.peek() not in '"\\':
                self.at += 1
            parts.append(self.whole[start : self.at])
            if self.take('"'):
                return Text("".join(parts), bare=False)
            if self.peek() == _END:
                raise self.error("a quote is opened and never closed")
            parts.append(self.escape())

    def escape(self) -> str:
        self.at += 1
        mark = self.peek()
        if mark in _ESCAPES and mark:
            self.at += 1
            return _ESCAPES[mark]
        digits = self.whole[self.at + 1 : self.at + 3]
        if mark != "x" or not re.fullmatch(r"[0-9a-fA-F]{2}", digits):
            raise self.error(r"an escape that nats-server does not know: write \\, \", \n, \t, \r or \xHH")
        self.at += 3
        return chr(int(digits, 16))

    def bare(self, start: int) -> Text:
        """Text without quotes from ``start``; ends at space, ; , ] } or at a stray single quote."""
        parts: list[str] = []
        begun = start
        while self.peek() and self.peek() not in _TEXT_ENDS + "'":
            if self.peek() == "\\":
                parts.append(self.whole[begun : self.at])
                parts.append(self.escape())
                begun = self.at
            else:
                self.at += 1
        parts.append(self.whole[begun : self.at])
        if self.take("'"):
            return Text("".join(parts), bare=False)
        return Text("".join(parts), bare=len(parts) == 1)

    def block(self) -> str:
        end = re.compile(r"\n\)(?=\n|\Z)").search(self.whole, self.at)
        if end is None:
            raise self.error("a block that ( opens must end with ) on a line of its own")
        found, self.at = self.whole[self.at : end.end() - 1], end.end()
        return found

    def number(self) -> Union[Text, Number]:
        """What starts with a digit or a minus: integer, float, date, address, or text after all."""
        start = self.at
        for pattern, make in ((_DATE, str), (_ADDRESS, str), (_FLOAT, float), (_NEGATIVE, None), (_DIGITS, None)):
            match = pattern.match(self.whole, start)
            if match is None:
                continue
            self.at = match.end()
            if make is str:
                return Text(match.group(), bare=False)
            if make is float or "." in match.group():
                return Number(float(match.group()))
            return self.integer(int(match.group()), start)
        raise self.error("a number must start with a digit")

    def integer(self, digits: int, start: int) -> Union[Text, Number]:
        suffix = _SUFFIX.match(self.whole, self.at)
        after = self.whole[suffix.end() : suffix.end() + 1] if suffix else self.peek()
        if self.whole[start] != "-" and after and after not in _NUMBER_ENDS:
            if after == "-" and suffix is None:
                raise self.error("a number with a minus inside: quote the text (only full dates may stand unquoted)")
            # The lexer has eaten the first other letter, even a "]", before it takes up text.
            self.at = suffix.end() if suffix else self.at + 1
            return Text(self.bare(start).value, bare=False)
        if suffix is None:
            return self.sized(digits)
        self.at = suffix.end()
        letters = suffix.group().lower()
        if letters[1:] not in ("", "b", "i", "ib"):
            raise self.error("a size with an unknown unit: write k, kb, m, mb, g, gb, t, tb")
        return self.sized(digits * (1024 if letters[1:] else 1000) ** _POWERS[letters[0]])

    def sized(self, number: int) -> Number:
        if not -(2**63) <= number < 2**63:
            raise self.error("a number that does not fit into 64 bits")
        return Number(number)
