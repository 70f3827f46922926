# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nats-server process of a host, as proc(5) tells of it: words, environment, what it listens on."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ..host import listening, user_name

#: Options of nats-server whose value is a secret; among the words of a process ``ps`` shows it to everybody.
_SECRET_OPTIONS = ("pass", "auth", "js_key", "cluster")
_CONFIG = re.compile(r"-{1,2}c(?:onfig)?(?:=(?P<value>.*))?\Z")


@dataclass(frozen=True)
class Process:
    """words: its command line; environment: with its secrets, which stay on the host; sockets: (address, port)."""

    pid: int
    user: str
    program: str
    words: tuple[str, ...] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    folder: str = "/"
    sockets: tuple[tuple[str, int], ...] = ()

    @property
    def config(self) -> Optional[str]:
        """The file that it was started with."""
        for place, word in enumerate(self.words):
            match = _CONFIG.match(word)
            if match and (match["value"] or place + 1 < len(self.words)):
                return os.path.join(self.folder, match["value"] or self.words[place + 1])
        return None

    @property
    def secret_words(self) -> list[str]:
        """Options among the words that carry a secret: their names."""
        found = []
        for word in self.words[1:]:
            name, _equals, value = word.lstrip("-").partition("=")
            if word.startswith("-") and name in _SECRET_OPTIONS and (name != "cluster" or "@" in value):
                found.append(name)
            elif re.search(r"://[^/@\s]+:[^/@\s]+@", word):
                found.append("a URL with a password")
        return found


def look(pid: int) -> Optional[Process]:
    """A process by its number; None when it is not there or may not be looked at."""
    place = Path(f"/proc/{pid}")
    try:
        return Process(
            pid=pid,
            user=user_name(place.stat().st_uid),
            program=os.readlink(place / "exe").removesuffix(" (deleted)"),
            words=tuple(_split(place / "cmdline")),
            environment=dict(entry.partition("=")[::2] for entry in _split(place / "environ")),
            folder=os.readlink(place / "cwd"),
            sockets=tuple(sorted(listening(pid))),
        )
    except OSError:
        return None


def running(program: str = "nats-server") -> list[int]:
    """The processes of a program, by the name of its file."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.path.basename(os.readlink(f"/proc/{name}/exe").removesuffix(" (deleted)")) == program:
                    found.append(int(name))
    return sorted(found)


def _split(place: Path) -> list[str]:
    content = place.read_bytes().decode("utf-8", "replace")
    return [part for part in content.split("\0") if part]
