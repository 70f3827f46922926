# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files on a host with the mode and the owner they must have: compared, and written whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

from ..plan.errors import NatsError
from ..plan.writing import sync_folder
from .host import group_id, user_id


@dataclass(frozen=True)
class Ownership:
    """Who a file belongs to; None leaves it to the caller's own. Names are resolved when the file is written."""

    owner: Optional[str] = None
    group: Optional[str] = None

    def ids(self) -> tuple[int, int]:
        """uid and gid, -1 for unchanged. Raises NatsError for a name that this host does not know."""
        uid = -1 if self.owner is None else user_id(self.owner)
        gid = -1 if self.group is None else group_id(self.group)
        if uid is None:
            raise NatsError(f"there is no user {self.owner} on this host: create it first")
        if gid is None:
            raise NatsError(f"there is no group {self.group} on this host: create it first")
        return uid, gid


NOBODY_NAMED = Ownership()


@dataclass(frozen=True)
class WantedFile:
    """One file as it must be. path: absolute, or relative to the release. secret: content is never shown."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o640
    ownership: Ownership = NOBODY_NAMED
    secret: bool = False


@dataclass(frozen=True)
class WantedDirectory:
    """One folder as it must be."""

    path: str
    mode: int = 0o750
    ownership: Ownership = NOBODY_NAMED


def octal(text: object, path: str) -> int:
    """Permission bits of ``"0640"``. Raises NatsError that names ``path``."""
    try:
        mode = int(str(text), 8)
    except ValueError:
        mode = -1
    if not isinstance(text, str) or not 0 <= mode <= 0o7777:
        raise NatsError(f'{path}: mode {text!r} is not an octal mode: write it quoted, such as "0640"')
    return mode


def wanted_file(entry: Mapping[str, Any], defaults: Ownership = NOBODY_NAMED) -> WantedFile:
    """A file from a task's arguments (path, content, mode, owner, group, secret)."""
    if entry.get("content") is None:
        raise NatsError(f"{entry['path']}: has neither content nor src")
    return WantedFile(
        path=entry["path"],
        content=entry["content"].encode("utf-8"),
        mode=octal(entry["mode"], entry["path"]),
        ownership=Ownership(entry.get("owner") or defaults.owner, entry.get("group") or defaults.group),
        secret=bool(entry.get("secret")),
    )


def wanted_directory(entry: Mapping[str, Any], defaults: Ownership = NOBODY_NAMED) -> WantedDirectory:
    """A folder from a task's arguments (path, mode, owner, group)."""
    return WantedDirectory(
        path=entry["path"],
        mode=octal(entry["mode"], entry["path"]),
        ownership=Ownership(entry.get("owner") or defaults.owner, entry.get("group") or defaults.group),
    )


def attribute_differences(place: Path, mode: int, ownership: Ownership) -> list[str]:
    """What mode and owner of an existing file or folder differ in, in words. A name unknown here counts as other."""
    status = place.lstat()
    found: list[str] = []
    if stat.S_IMODE(status.st_mode) != mode:
        found.append(f"mode {stat.S_IMODE(status.st_mode):04o} becomes {mode:04o}")
    if ownership.owner is not None and user_id(ownership.owner) != status.st_uid:
        found.append(f"owner becomes {ownership.owner}")
    if ownership.group is not None and group_id(ownership.group) != status.st_gid:
        found.append(f"group becomes {ownership.group}")
    return found


def file_differences(place: Path, wanted: WantedFile) -> list[str]:
    """What differs between the file at ``place`` and the wanted one, in words without content; empty when nothing."""
    try:
        if place.is_symlink() or not place.is_file():
            return ["is not there" if not place.is_symlink() and not place.exists() else "is not a plain file"]
        differs = [] if place.read_bytes() == wanted.content else ["content differs"]
    except FileNotFoundError:
        return ["is not there"]
    return differs + attribute_differences(place, wanted.mode, wanted.ownership)


def give(what: Union[int, Path], ownership: Ownership, place: Path) -> None:
    """Change owner and group, where they are named. Raises NatsError, naming ``place``, without the right to."""
    ids = ownership.ids()
    if ids == (-1, -1):
        return
    try:
        os.chown(what, *ids)
    except PermissionError as error:
        to = ":".join(name for name in (ownership.owner, ownership.group) if name)
        raise NatsError(f"{place}: can't be given to {to}: run as root (become: true), or as that user") from error


def write_file(place: Path, wanted: WantedFile) -> None:
    """Write a file whole: owner and mode before content, synced, then renamed into its place."""
    wanted.ownership.ids()
    staged = place.with_name(f".{place.name}.new")
    with contextlib.suppress(FileNotFoundError):
        staged.unlink()
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            give(file.fileno(), wanted.ownership, place)
            os.fchmod(file.fileno(), wanted.mode)
            file.write(wanted.content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, place)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            staged.unlink()
        raise


def directory_differences(wanted: WantedDirectory) -> list[str]:
    """What differs between the folder on disk and the wanted one, in words."""
    place = Path(wanted.path)
    if not place.exists():
        return ["is not there"]
    if not place.is_dir():
        raise NatsError(f"{wanted.path}: is a file, a folder is needed there: move it away")
    return attribute_differences(place.resolve(), wanted.mode, wanted.ownership)


def ensure_directory(wanted: WantedDirectory) -> None:
    """Make a folder, its owner and mode set before anything can be put into it; missing parents are 0755."""
    place = Path(wanted.path)
    if not place.exists():
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
    give(place, wanted.ownership, place)
    place.chmod(wanted.mode)


def plan_directories(directories: Sequence[WantedDirectory]) -> tuple[list[WantedDirectory], list[str]]:
    """Those that must be made or corrected, and why."""
    changed: list[WantedDirectory] = []
    reasons: list[str] = []
    for directory in directories:
        differences = directory_differences(directory)
        if differences:
            changed.append(directory)
            reasons.append(f"folder {directory.path}: {', '.join(differences)}")
    return changed, reasons


def remove_tree(place: Path) -> None:
    """Remove a folder that may hold secrets, and make that durable."""
    shutil.rmtree(place, ignore_errors=True)
    sync_folder(place.parent)
