# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of the server without what must stay secret. A refused reload prints passwords and keys in full."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Optional

from .environment import parse_environment

HIDDEN = "********"
#: A seed of any kind, in the midst of other text.
SEED = r"\bS[OAUNXC][A-Z2-7]{56}\b"
_SHAPES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(SEED),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"(?<=://)[^\s/@:\"']+:[^\s\"']*(?=@)"),
    re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{20,}"),
    re.compile(r"(?<=Key: old=)[^\n]*", re.IGNORECASE),
    # Whole blocks, whose values stand there without names; and a field of one.
    re.compile(r"(?<=: old=)&?[{\[][^\n]*"),
    re.compile(r"(?<=word\": old=)[^\n]*"),
)
_NAMED = re.compile(
    r"""(?P<name>(?<![\w./-])["']?(?:pass|key|seed|nkey|[A-Za-z_]*_key|[A-Za-z_]*(?:password|passphrase|secret|token))["']?"""
    r"""(?:\s*[:=]\s*|[ \t]+(?=["'])))"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,;}\]\[{]+)""",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"[/$].*|[OAUNXC][A-Z2-7]{55}|true|false|\d{1,3}", re.DOTALL)


class Secrets:
    """Texts that must not be shown."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: set[str] = set()
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Remember values; very short ones would blank out half of every sentence and are left to the shapes."""
        for value in values:
            for form in (value, value.strip().strip("\"'")):
                if len(form) >= 4:
                    self._values.add(form)

    def add_config(self, text: str) -> None:
        """Remember every value that a configuration text keeps under a secret's name or in a URL."""
        found = (match.group("value") for match in _NAMED.finditer(text))
        self.add(_unquoted(value) for value in found if not _is_public(value))
        for user_and_password in re.findall(r"://([^\s/@\"']+:[^\s\"']*)@", text):
            self.add([user_and_password, user_and_password.partition(":")[2]])

    def join(self, other: Secrets) -> Secrets:
        """The secrets of both."""
        return Secrets(self._values | other._values)

    def hide(self, text: str) -> str:
        """The text with every secret, and everything that has the shape of one, replaced by stars."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        for shape in _SHAPES:
            text = shape.sub(HIDDEN, text)
        return _NAMED.sub(_hide_named, text)


def _hide_named(match: re.Match[str]) -> str:
    return match.group(0) if _is_public(match.group("value")) else match.group("name") + HIDDEN


def _is_public(value: str) -> bool:
    """Paths, variables and public NKeys may be shown."""
    return bool(_PUBLIC.fullmatch(_unquoted(value)))


def _unquoted(value: str) -> str:
    text = value.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] == '"' else text[1:-1]
    return text


def last_lines(text: str, count: int = 8, secrets: Optional[Secrets] = None) -> str:
    """The last lines of a log that are not empty, without secrets."""
    lines = [line for line in (secrets or Secrets()).hide(text).splitlines() if line.strip()]
    return "\n".join(lines[-count:])


def secrets_of(contents: Mapping[str, bytes], environment_file: Optional[str], secret_paths: Container[str]) -> Secrets:
    """The secrets in the files of a release: of its environment, its secret files and its configuration."""
    secrets = Secrets()
    for path, content in contents.items():
        text = content.decode("utf-8", "replace")
        if path == environment_file:
            secrets.add(parse_environment(text).values())
        elif path.endswith(".conf"):
            secrets.add_config(text)
        elif path in secret_paths:
            secrets.add(line.strip() for line in text.splitlines() if len(line.strip()) >= 8)
    return secrets
