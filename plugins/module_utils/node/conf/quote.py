# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strings and keys of the NATS configuration language, so written that any text comes back as it was.

Source: nats-server conf/lex.go (lexDubQuotedString, lexStringEscape, lexDubQuotedKey).
"""

from __future__ import annotations

import re

_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r"}
# What else is not printable is written \xHH; the lexer takes a NUL for the end of the file.
_ESCAPES.update({code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F) if code not in _ESCAPES})


def quote(text: str) -> str:
    """The string literal that nats-server reads back as ``text``.

    Raises ValueError when the text is not valid Unicode; the message does not show the text, which may be a secret.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("the text is not valid UTF-8: write it in UTF-8, or base64 it first") from None
    return '"' + text.translate(_ESCAPES) + '"'


def quote_key(key: str) -> str:
    """``key`` as it must stand before a value: bare where that is safe, otherwise in quotes.

    Keys have no escapes, so a key with both kinds of quotes, or with a NUL, can't be written: ValueError.
    """
    if _BARE_KEY.match(key) and key.lower() != "include":
        return key
    if "\0" in key or not _encodable(key):
        raise ValueError("a key may hold neither a NUL nor what is not valid UTF-8")
    for mark in ('"', "'"):
        if mark not in key:
            return mark + key + mark
    raise ValueError("a key can't hold both \" and ': nats-server has no escapes in keys")


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
