# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two releases compared as configurations: which action takes a server from the one to the other.

What reads and compares them is imported where they differ: hosts compile a module's files anew each time that it runs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..plan.errors import NatsError
from .decide import RESTART, Compare, Decision

_UNKNOWN_VERSION = "0.0.0"  # knows no reload that came later


def comparer(config_dir: Path, config_file: str, version: str) -> Compare:
    """A comparison of releases for a server of ``version`` whose configuration is ``config_file``."""
    current = f"{config_dir}/current"

    def judge(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Decision:
        from .conf.compare import compare

        before, after = _parsed(old, config_file), _parsed(new, config_file)
        if before is None or after is None:
            return Decision(RESTART, ("the configuration that is loaded can't be compared with the wanted one",))
        changed = [path for path in {*old, *new} if old.get(path) != new.get(path)]
        named = [form for path in changed for form in (f"{current}/{path}", path)]
        try:
            return compare(before, after, version or _UNKNOWN_VERSION, named)
        except ValueError as error:
            raise NatsError(f"server_version: {error}") from error

    return judge


def _parsed(contents: Mapping[str, bytes], config_file: str) -> Any:
    from .conf.parse import ConfigError, parse

    folder = posixpath.dirname(config_file)

    def include(path: str) -> str:
        place = posixpath.normpath(posixpath.join(folder, path))
        if place not in contents:
            raise ConfigError(f"include of {path}: it is not part of the release")
        return contents[place].decode("utf-8", "replace")

    try:
        return parse(contents.get(config_file, b"").decode("utf-8", "replace"), None, include)
    except ConfigError:
        return None
