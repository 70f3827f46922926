# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release: all files of one configuration in a folder named by their digest, replaced as a whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Optional

from ..plan.errors import NatsError
from ..plan.problems import Problems
from .files import WantedFile, file_differences


@dataclass(frozen=True)
class Release:
    """The files of a release by their relative path."""

    files: Mapping[str, WantedFile] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """16 hexadecimal digits over names, modes, owners and contents: the same input is the same release."""
        checksum = hashlib.sha256()
        for path in sorted(self.files):
            file = self.files[path]
            head = f"{path}\0{file.mode:o}\0{file.ownership.owner}\0{file.ownership.group}\0{len(file.content)}\0"
            checksum.update(head.encode("utf-8"))
            checksum.update(file.content)
        return checksum.hexdigest()[:16]

    def contents(self) -> dict[str, bytes]:
        """Contents by path."""
        return {path: file.content for path, file in self.files.items()}


def make_release(files: Sequence[WantedFile], config_file: str) -> Release:
    """Check the paths and make a release. Raises InputError with every path that can't be."""
    problems = Problems()
    by_path: dict[str, WantedFile] = {}
    for number, file in enumerate(files):
        pure = PurePosixPath(file.path)
        if pure.is_absolute() or ".." in pure.parts or str(pure) in ("", ".") or str(pure) != file.path:
            problems.add(
                f"files[{number}].path", f"{file.path!r} must be relative to the release, without '..' and '//'"
            )
        elif file.path in by_path:
            problems.add(f"files[{number}].path", f"{file.path} is given twice: leave one of the two out")
        by_path[file.path] = file
    if config_file not in by_path:
        problems.add("config_file", f"{config_file} is not among the files: add it, or name the one that is")
    problems.raise_if_any()
    return Release(by_path)


def read_contents(folder: Path) -> Optional[dict[str, bytes]]:
    """Contents of all files of a release on disk by relative path, or None when there is no such release."""
    if not folder.is_dir():
        return None
    found: dict[str, bytes] = {}
    for parent, _dummy, names in os.walk(folder):
        for name in names:
            place = Path(parent) / name
            if place.is_file():
                found[place.relative_to(folder).as_posix()] = place.read_bytes()
    return found


@dataclass(frozen=True)
class Drift:
    """What somebody changed in a staged release. changed: path and what differs; foreign: files that do not belong."""

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.foreign)

    def reasons(self, name: str) -> list[str]:
        """In words."""
        found = [f"release {name}: {path} {', '.join(what)}, put right" for path, what in self.changed.items()]
        return found + [f"release {name}: {path} does not belong to it, removed" for path in self.foreign]


def find_drift(folder: Path, wanted: Release) -> Drift:
    """Compare a release on disk with what it must be."""
    changed: dict[str, tuple[str, ...]] = {}
    for path, file in wanted.files.items():
        differences = file_differences(folder / path, file)
        if differences:
            changed[path] = tuple(differences)
    present = [
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, _dummy, names in os.walk(folder)
        for name in names
    ]
    return Drift(changed, tuple(sorted(path for path in present if path not in wanted.files)))


def check_name(name: str) -> str:
    """A release's name as a task gives it. Raises NatsError when it can't be one."""
    if not name or set(name) - set("0123456789abcdef"):
        raise NatsError(f"release: {name!r} is not the name of a release: give what staging returned as release")
    return name
