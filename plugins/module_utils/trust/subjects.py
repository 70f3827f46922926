# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Subjects: what is one, what covers what (nats-server sublist.go, jwt/v2 types.go)."""

from __future__ import annotations

import re
from typing import Optional

# Tokens of visible ASCII with single dots between: nearly every subject, so the rest is looked at only without.
_PLAIN = re.compile(r"(?:[!-\-/-~]+\.)*[!-\-/-~]+")
# As Go's Atoi reads it: a sign may be there.
_REFERENCE = re.compile(r"\$([+-]?[0-9]+)\Z")


def fault(subject: str, queue: bool = False) -> Optional[str]:
    """What is wrong with a subject, as a sentence; None when it is fine. ``queue`` allows ``subject queue``."""
    parts = subject.split(" ")
    if len(parts) > 1 and not queue:
        return f'"{subject}" has a space: a queue group may only be named where one subscribes'
    if len(parts) > 2:
        return f'"{subject}" has too many spaces: write "subject queue"'
    for part in parts:
        found = _fault(part)
        if found:
            return found
    return None


def _fault(subject: str) -> Optional[str]:
    if _PLAIN.fullmatch(subject) and ">." not in subject:
        return None
    if not subject:
        return "is empty: write a subject such as orders.>"
    if any(character.isspace() or not character.isprintable() for character in subject):
        return f"{subject!r} has white space or a control character"
    tokens = subject.split(".")
    if "" in tokens:
        return f'"{subject}" has an empty token: no dot may stand at the start, at the end or beside another'
    if ">" in tokens[:-1]:
        return f'"{subject}": ">" must be the last token'
    return None


def has_wildcard(subject: str) -> bool:
    """Whether it stands for more than one subject."""
    tokens = subject.split(".")
    return "*" in tokens or tokens[-1] == ">"


def covers(pattern: str, subject: str) -> bool:
    """Whether everything that ``subject`` stands for, ``pattern`` stands for too."""
    wide, narrow = pattern.split("."), subject.split(".")
    for position, token in enumerate(wide):
        if token == ">":
            return len(narrow) > position
        if position >= len(narrow) or narrow[position] == ">":
            return False
        if token not in ("*", narrow[position]):
            return False
    return len(wide) == len(narrow)


def contains(pattern: str, subject: str) -> bool:
    """``covers`` as the library counts it (types.go, IsContainedIn): ``*`` there stands for a ``>``, too."""
    wide, narrow = pattern.split("."), subject.split(".")
    if wide[-1] != ">" and narrow[-1] == ">" and len(wide) == len(narrow) and wide[-1] == "*":
        return covers(pattern, ".".join([*narrow[:-1], "x"]))
    return covers(pattern, subject)


def renaming_fault(local: str, subject: str) -> Optional[str]:
    """What is wrong with ``local`` as the importer's name for ``subject`` (RenamingSubject in jwt/v2 types.go)."""
    found = fault(local)
    if found:
        return found
    if _open_ended(local) != _open_ended(subject):
        return f'"{local}" must end in ">" exactly when the subject "{subject}" does'
    stars = subject.split(".").count("*")
    used = 0
    for token in local.split("."):
        reference = _REFERENCE.match(token)
        if reference and not 1 <= int(reference.group(1)) <= stars:
            return f'"{local}" refers to {token}, but "{subject}" has {stars} "*"'
        used += bool(reference) or token == "*"
    if used != stars:
        return f'"{local}" must use each of the {stars} "*" of "{subject}" once, as "*" or as $1 to ${max(stars, 1)}'
    return None


def local_pattern(local: str) -> str:
    """A local subject with its references as the wildcards that they stand for."""
    return ".".join("*" if _REFERENCE.match(token) else token for token in local.split("."))


def _open_ended(subject: str) -> bool:
    return subject.rsplit(".", maxsplit=1)[-1] == ">"
