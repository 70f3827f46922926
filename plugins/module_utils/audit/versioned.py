# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether files are under version control, where every clone and every backup of a forge has them, too."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_KINDS = {".git": "git", ".hg": "Mercurial", ".svn": "Subversion"}
_SECONDS = 60


@dataclass(frozen=True)
class Versioned:
    """by: git, Mercurial or Subversion; nothing outside of a working tree. problem: why it was not asked.

    tracked: files that it has. open: files that it would take with the next `git add`.
    """

    by: str = ""
    tracked: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    problem: str = ""


def versioned(folder: str, files: Sequence[str]) -> Versioned:
    """What is known of these files, which lie in a folder; both by their real paths."""
    by = next((kind for parent in (Path(folder), *Path(folder).parents) for name, kind in _KINDS.items()
               if os.path.lexists(parent / name)), "")  # fmt: skip
    if not by or not files:
        return Versioned(by)
    if by != "git":
        return Versioned(by, problem=f"it lies in a working tree of {by}, which is not asked")
    if shutil.which("git") is None:
        return Versioned(by, problem="it lies in a working tree of git, and there is no git here to ask")
    names = [os.path.relpath(path, folder) for path in files]
    try:
        tracked = set(_git(folder, "ls-files", "-z", good=(0,)))
        left = [name for name in names if name not in tracked]
        ignored = set(_git(folder, "check-ignore", "-z", "--stdin", good=(0, 1), said=left)) if left else set()
    except (OSError, subprocess.SubprocessError) as error:
        return Versioned(by, problem=f"git can't be asked: {_why(error)}")
    paths = dict(zip(names, files))
    return Versioned(
        by,
        tuple(paths[name] for name in names if name in tracked),
        tuple(paths[name] for name in left if name not in ignored),
    )


def _git(folder: str, *words: str, good: Sequence[int], said: Sequence[str] = ()) -> list[str]:
    """The names that it answers with. A repository may name a program for git to run (core.fsmonitor): not here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "core.fsmonitor=false", "-C", folder, *words],
        input="".join(f"{name}\0" for name in said).encode("utf-8", "surrogateescape"),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        env={**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
    )
    if done.returncode not in good:
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    return [name for name in done.stdout.decode("utf-8", "surrogateescape").split("\0") if name]


def _why(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = bytes(error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
        return lines[0] if lines else f"it ended with {error.returncode}"
    return str(error)
