# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder whose files change together: locked, staged, journalled, so that a killed run leaves nothing half-done.

Protocol of ``commit``: every new file is staged whole in ``.staging/`` (mode before content, synced), then one rename
publishes ``.journal`` (the commit point), then each staged file is renamed to its place and the journal removed. A run
that finds a journal finishes it; a run that finds staged files without a journal drops them. Until the journal is
finished, ``read`` answers as if it were, so that check mode sees what the next run will see.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Optional

from .changes import FileChange
from .errors import StoreError
from .lock import LOCK, hold
from .verb import Seal

_STAGING = ".staging"
_JOURNAL = ".journal"
_NEW_JOURNAL = ".journal.new"
# From here on one sync of everything costs less than one of each: 3,000 files take 12 s one by one.
_MANY = 32
_OWN = frozenset({_STAGING, _JOURNAL, _NEW_JOURNAL, LOCK})


class Folder:
    """Files below ``root``; secrets go through ``seal``. Folders are 0700, files as each change says."""

    def __init__(self, root: str, seal: Seal) -> None:
        self.root = Path(root)
        self.seal = seal
        self._pending: dict[str, Optional[Path]] = self._read_journal()

    @property
    def interrupted(self) -> int:
        """How many changes of a killed run are still to be finished."""
        return len(self._pending)

    @contextlib.contextmanager
    def locked(self, check_mode: bool = False, patience: float = 30.0) -> Iterator[None]:
        """Hold the folder's lock; waits up to ``patience`` seconds, then raises Busy. Check mode locks nothing."""
        if check_mode:
            yield
            return
        make_folders(self.root)
        with hold(self.root, patience):
            self._pending = self._read_journal()
            self.finish()
            yield

    def read(self, path: str) -> Optional[bytes]:
        """The opened content of a file, or None when it is not there."""
        content = self.read_raw(path)
        if content is None or not content.startswith(b"$ANSIBLE_VAULT;"):
            return content
        return self.seal.open(content, str(self.root / path))

    def read_raw(self, path: str) -> Optional[bytes]:
        """The bytes of a file as they lie on disk, sealed or not, or None when it is not there."""
        # As a text: thousands of files are read, and making a Path takes longer than opening one.
        place = self._pending.get(path) if path in self._pending else f"{self.root}/{path}"
        if place is None:
            return None
        try:
            with open(place, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"{place}: can't be read: {error.strerror}") from error

    def names(self, suffix: str = "") -> list[str]:
        """Relative paths of all files, sorted, that end in ``suffix``."""
        found: set[str] = set()
        for folder, folders, files in os.walk(self.root, onerror=_refuse):
            below = os.path.relpath(folder, self.root)
            folders[:] = [name for name in folders if below != "." or name not in _OWN]
            for name in files:
                path = name if below == "." else f"{below}/{name}"
                if path not in _OWN:
                    found.add(path)
        for path, place in self._pending.items():
            found.discard(path) if place is None else found.add(path)
        return sorted(path for path in found if path.endswith(suffix))

    def commit(self, changes: Sequence[FileChange]) -> None:
        """Make all changes or none. Call with the lock held."""
        if not changes:
            return
        self.finish()
        staging = self.root / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        try:
            make_folders(staging)
            many = len(changes) > _MANY
            entries = [self._stage(number, change, not many) for number, change in enumerate(changes)]
            if many:
                os.sync()
            sync_folder(staging)
            journal = json.dumps({"changes": entries}).encode()
            write_new(self.root / _NEW_JOURNAL, journal, 0o600)
            os.replace(self.root / _NEW_JOURNAL, self.root / _JOURNAL)
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            with contextlib.suppress(OSError):
                (self.root / _NEW_JOURNAL).unlink()
            raise StoreError(f"{self.root}: nothing was changed: {error.strerror or error}") from error
        sync_folder(self.root)
        self._pending = self._read_journal()
        self.finish()

    def _stage(self, number: int, change: FileChange, synced: bool) -> list[Optional[str]]:
        if change.content is None:
            return [change.path, None]
        content = self.seal.close(change.content) if change.secret and self.seal.active else change.content
        staged = f"{_STAGING}/{number}"
        write_new(self.root / staged, content, change.mode, synced)
        return [change.path, staged]

    def finish(self) -> None:
        """Carry out what the journal says, if there is one. Call with the lock held."""
        if not (self.root / _JOURNAL).exists():
            self._drop_staged()
            return
        touched: set[Path] = set()
        for path, staged in self._pending.items():
            place = self.root / path
            if staged is None:
                with contextlib.suppress(FileNotFoundError):
                    place.unlink()
                remove_empty_folders(place.parent, self.root)
            elif staged.exists():
                make_folders(place.parent)
                os.replace(staged, place)
            touched.add(place.parent)
        sync_folders(touched)
        (self.root / _JOURNAL).unlink()
        shutil.rmtree(self.root / _STAGING, ignore_errors=True)
        self._pending = {}

    def _drop_staged(self) -> None:
        """What a killed run staged and did not publish; secrets may be among it."""
        shutil.rmtree(self.root / _STAGING, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            (self.root / _NEW_JOURNAL).unlink()

    def _read_journal(self) -> dict[str, Optional[Path]]:
        try:
            text = (self.root / _JOURNAL).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return {}
        pending: dict[str, Optional[Path]] = {}
        for path, staged in json.loads(text)["changes"]:
            if staged is None:
                pending[path] = None
            elif (self.root / staged).exists():
                pending[path] = self.root / staged
        return pending


def _refuse(error: OSError) -> None:
    """A folder that can't be listed must not look empty: what is in it would be made a second time."""
    if not isinstance(error, FileNotFoundError):
        raise StoreError(f"{error.filename}: can't be listed: {error.strerror}") from error


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


def write_new(place: Path, content: bytes, mode: int, synced: bool = True) -> None:
    """Write a file that does not exist yet: mode before content, synced to disk unless the caller does that."""
    with contextlib.suppress(FileNotFoundError):
        place.unlink()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        if synced:
            os.fsync(file.fileno())


def sync_folders(folders: Collection[Path]) -> None:
    """Make renames in several folders durable."""
    if len(folders) > _MANY:
        os.sync()
        return
    for folder in folders:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
