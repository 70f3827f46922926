# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders of the controller: read whole and as they lie, sealed files sealed; put back as they were."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

from ..plan.changes import FileChange
from ..plan.errors import SealError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.sealed import is_sealed
from .manifest import FileEntry


@dataclass(frozen=True)
class HeldFile:
    """A file as it lies on disk."""

    path: str
    mode: int
    content: bytes


def held_files(folder: Folder) -> Iterator[HeldFile]:
    """Every file of a folder, one at a time. Call with its lock held."""
    for path in folder.names():
        content = folder.read_raw(path)
        if content is not None:
            mode = stat.S_IMODE(os.stat(folder.root / path).st_mode)
            yield HeldFile(path, mode, content)


@dataclass(frozen=True)
class Putting:
    """What has to be done so that a folder is as it was taken."""

    folder: Folder
    changes: tuple[FileChange, ...]
    reasons: tuple[str, ...]


def plan_folder(
    name: str, folder: Folder, entries: Sequence[FileEntry], content: Callable[[FileEntry], bytes], overwrite: bool
) -> tuple[Putting, Problems]:
    """Compare a folder with what was taken of it; what is in the way is a problem unless it may be overwritten."""
    problems = Problems()
    wanted = {entry.path: entry for entry in entries}
    there: Mapping[str, str] = {
        path: hashlib.sha256(folder.read_raw(path) or b"").hexdigest() for path in folder.names()
    }
    missing = [path for path in wanted if path not in there]
    other = [path for path in wanted if path in there and there[path] != wanted[path].sha256]
    extra = [path for path in there if path not in wanted]
    if not overwrite:
        for what, paths in (("is not what was taken", other), ("was not taken", extra)):
            if paths:
                problems.add(
                    f"folders.{name}",
                    f"{folder.root} holds what the archive does not: {_some(paths)} {what}: move the folder away, or "
                    "say overwrite, which makes it exactly what was taken",
                )
    changes = [FileChange(path, content(wanted[path]), wanted[path].mode) for path in (*missing, *other)]
    changes += [FileChange(path, None) for path in extra]
    reasons = [f"{name}: {_some(paths)} {done}" for done, paths in _done(missing, other, extra) if paths]
    return Putting(folder, tuple(changes), tuple(reasons)), problems


def _done(*paths: list[str]) -> Iterator[tuple[str, list[str]]]:
    return zip(("put back", "overwritten with what was taken", "removed: was not taken"), paths)


def check_sealed(name: str, folder: Folder, putting: Putting, problems: Problems) -> None:
    """Whether this play's vault secret opens what is put back; the first sealed file speaks for all."""
    for change in putting.changes:
        if change.content is not None and is_sealed(change.content):
            try:
                folder.seal.open(change.content, str(folder.root / change.path))
            except SealError as error:
                problems.add(f"folders.{name}", str(error))
            return


def _some(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more files"
