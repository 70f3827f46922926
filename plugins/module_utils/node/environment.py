# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's environment: a file of KEY="value" lines as systemd reads its EnvironmentFile (systemd.exec(5))."""

from __future__ import annotations

import os
from collections.abc import Mapping

_ESCAPED_IN_DOUBLE_QUOTES = '"\\`$'


def parse_environment(text: str) -> dict[str, str]:
    """Variables of an EnvironmentFile; quotes and escapes count as in systemd's env-file.c. Comments start a line."""
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].lstrip()
        if not line or line[0] in "#;" or "=" not in line:
            position = end + 1
            continue
        equals = text.index("=", position)
        value, position = _value(text, equals + 1)
        found[text[position_of_key(text, equals) : equals].strip()] = value
    return found


def position_of_key(text: str, equals: int) -> int:
    """Where the line of the equals sign starts."""
    return text.rfind("\n", 0, equals) + 1


def _value(text: str, position: int) -> tuple[str, int]:
    """The value that starts at ``position`` and the position after its line."""
    value, kept = "", 0
    while position < len(text) and text[position] != "\n":
        character = text[position]
        if character in "\"'":
            part, position = _quoted(text, position + 1, character)
            value += part
            kept = len(value)
            continue
        if character == "\\" and position + 1 < len(text):
            position += 1
            value += "" if text[position] == "\n" else text[position]
            kept = len(value)
        elif value or not character.isspace():
            value += character
            kept = kept if character.isspace() else len(value)
        position += 1
    return value[:kept], position + 1


def _quoted(text: str, position: int, quote: str) -> tuple[str, int]:
    value = ""
    while position < len(text) and text[position] != quote:
        character = text[position]
        if character == "\\" and quote == '"' and position + 1 < len(text):
            position += 1
            following = text[position]
            value += (
                following
                if following in _ESCAPED_IN_DOUBLE_QUOTES
                else ""
                if following == "\n"
                else character + following
            )
        else:
            value += character
        position += 1
    return value, position + 1


def server_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """A small environment for a server that is started here: nothing of the caller's but where programs are."""
    kept = {name: os.environ[name] for name in ("HOME", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **kept, **extra}
