# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""New files on disk: mode before content, nothing half-written under a name that counts, many of them at once."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Optional, Union

# From here on one sync of everything costs less than one of each: 3,000 files take 12 s one by one.
MANY = 32
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class NewFile:
    """A file to be written. content: asked for when its turn comes; sealing it may take long."""

    __slots__ = ("content", "mode", "name")

    def __init__(self, name: str, content: Callable[[], bytes], mode: int) -> None:
        self.name, self.content, self.mode = name, content, mode


def write_new(place: Union[str, Path], content: bytes, mode: int, synced: bool = True) -> None:
    """Write a file in the place of a leftover: mode before content, synced to disk unless the caller does that."""
    try:
        descriptor = os.open(place, _FLAGS, mode)
    except FileExistsError:
        os.unlink(place)
        descriptor = os.open(place, _FLAGS, mode)
    _fill(descriptor, content, mode, synced)


def write_whole(place: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all, in the place of one that may be there. It holds no secret. Raises OSError."""
    fresh = place.with_name(f".{place.name}.new")
    try:
        write_new(fresh, content, mode)
        os.replace(fresh, place)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    sync_folder(place.parent)


def write_folders(folders: Mapping[str, Sequence[NewFile]], synced: bool, threads: int = 1) -> None:
    """Write files that do not exist yet, by the folder they are in; folders are made, mode 0700.

    synced: each is synced by itself; otherwise, and with several threads, the caller syncs all of them. Raises OSError.
    """
    made: set[str] = set()
    for folder in folders:
        _make(folder, made)
    if threads < 2:
        for folder, files in folders.items():
            _write_folder(folder, files, synced)
        for folder in made if synced else ():
            sync_folder(folder)
        return
    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(_write_folder, folder, files, synced) for folder, files in _portions(folders)]
        try:
            for each in running:
                each.result()
        except BaseException:
            for each in running:
                each.cancel()
            raise


def _portions(folders: Mapping[str, Sequence[NewFile]]) -> Iterable[tuple[str, Sequence[NewFile]]]:
    """Folders with at most so many files each that no thread is left with all the work."""
    for folder, files in folders.items():
        for start in range(0, len(files), 64):
            yield folder, files[start : start + 64]


def _write_folder(folder: str, files: Sequence[NewFile], synced: bool) -> None:
    within = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for each in files:
            content = each.content()
            _fill(os.open(each.name, _FLAGS, each.mode, dir_fd=within), content, each.mode, synced)
    finally:
        os.close(within)


def _fill(descriptor: int, content: bytes, mode: int, synced: bool) -> None:
    try:
        # The umask may have taken bits away; setting them costs a write to disk that is seldom needed.
        if os.fstat(descriptor).st_mode & 0o7777 != mode:
            os.fchmod(descriptor, mode)
        written = os.write(descriptor, content)
        while written < len(content):
            written += os.write(descriptor, content[written:])
        if synced:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(folder: str, made: set[str]) -> None:
    if folder in made:
        return
    made.add(folder)
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        _make(os.path.dirname(folder), made)
        os.mkdir(folder, 0o700)


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing, mode 0700 from the start."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, below ``root``, that hold nothing any more."""
    with contextlib.suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def sync_folders(folders: Collection[str], root: Path) -> None:
    """Make renames in several folders below ``root`` durable."""
    if len(folders) > MANY:
        sync_all(root)
        return
    for folder in folders:
        sync_folder(folder)


def sync_folder(folder: Union[str, Path]) -> None:
    """Make renames in a folder durable."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_all(folder: Path) -> None:
    """Make everything on the file system of a folder durable; unlike ``os.sync`` this tells when it can't be."""
    call = _syncfs()
    if call is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if call(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


def _syncfs() -> Optional[Any]:
    """The system's call of that name; None where it has none."""
    try:
        return ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError):
        return None
