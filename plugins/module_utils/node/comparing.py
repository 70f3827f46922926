# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two releases compared as configurations: which action takes a server from the one to the other."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .conf.parse import ConfigError, parse
from .decide import RELOAD, RESTART, Compare, Decision, combine


def comparer(config_dir: Path, config_file: str, version: str) -> Compare:
    """A comparison of releases for a server of ``version`` whose configuration is ``config_file``."""
    current = f"{config_dir}/current"

    def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Decision:
        before, after = _parsed(old, config_file), _parsed(new, config_file)
        config = _configs(before, after)
        others = [
            _file(path, after, current)
            for path in sorted({*old, *new})
            if not path.endswith(".conf") and old.get(path) != new.get(path)
        ]
        return combine([config, *others])

    return compare


def _parsed(contents: Mapping[str, bytes], config_file: str) -> Any:
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


def _configs(before: Any, after: Any) -> Decision:
    if before is None or after is None:
        return Decision(RESTART, ("the configuration that is loaded can't be compared with the wanted one",))
    if before == after:
        return Decision()
    return Decision(RESTART, ("the configuration changed",))


def _file(path: str, config: Any, current: str) -> Decision:
    """A file that the configuration names: certificates are read anew by a reload, the operator JWT is not."""
    operator = config.get("operator") if isinstance(config, dict) else None
    operators = operator if isinstance(operator, list) else [operator]
    if f"{current}/{path}" in operators or path in operators:
        return Decision(RESTART, (f"{path} changed: the operator JWT is read at start only",))
    return Decision(RELOAD, (f"{path} changed",))
