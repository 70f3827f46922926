# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository as the tests about it see it: what git knows or would take, nothing that a run left behind."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to ROOT: tracked, or new and not ignored."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    found = (Path(name) for name in sorted(set(filter(None, listed))))
    return tuple(path for path in found if (ROOT / path).is_file() and not (ROOT / path).is_symlink())


def below(folder: str, suffix: str = "") -> list[Path]:
    """The files below ``folder`` whose name ends with ``suffix``, relative to ROOT."""
    return [path for path in files() if path.is_relative_to(folder) and path.name.endswith(suffix)]


def text(path: Path) -> str:
    """The content of a file given relative to ROOT."""
    return (ROOT / path).read_text(encoding="utf-8")


def roles() -> list[str]:
    """The names of the roles that have more than an empty folder."""
    return sorted({path.parts[1] for path in below("roles") if len(path.parts) > 2})
