# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder whose files change together: locked, staged, journalled, so that a killed run leaves nothing half-done.

Protocol of ``commit``: every new file is staged whole in ``.staging/`` (mode before content, synced), then one rename
publishes ``.journal`` (the commit point), then what is staged is renamed to its place and the journal removed. A folder
that is not there yet is staged as a whole and takes one rename, however many files it holds. A run that finds a journal
finishes it; a run that finds staged files without a journal drops them. Until the journal is finished, ``read`` answers
as if it were, so that check mode sees what the next run will see.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

from .changes import FileChange
from .errors import NatsError, StoreError
from .lock import LOCK, hold
from .sealed import is_sealed
from .verb import Seal
from .writing import (
    MANY,
    NewFile,
    make_folders,
    remove_empty_folders,
    sync_all,
    sync_folder,
    sync_folders,
    write_folders,
    write_new,
)

_STAGING = ".staging"
_JOURNAL = ".journal"
_NEW_JOURNAL = ".journal.new"
_OWN = frozenset({_STAGING, _JOURNAL, _NEW_JOURNAL, LOCK})

_THREADS = 8

# A path below the root, and what is staged for it, file or folder; None where it is removed.
Entry = tuple[str, Optional[str]]


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
        if content is None or not is_sealed(content):
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
        try:
            entries = self._stage({change.path: change for change in changes})
            journal = json.dumps({"changes": entries}).encode()
            write_new(self.root / _NEW_JOURNAL, journal, 0o600)
            os.replace(self.root / _NEW_JOURNAL, self.root / _JOURNAL)
        except NatsError:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            with contextlib.suppress(OSError):
                (self.root / _NEW_JOURNAL).unlink()
            raise StoreError(f"{self.root}: nothing was changed: {error.strerror or error}") from error
        try:
            sync_folder(self.root)
            self._carry_out(entries)
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(
                f"{self.root}: all is written, the next run puts the rest in its place: {reason}"
            ) from error

    def _stage(self, changes: Mapping[str, FileChange]) -> list[Entry]:
        """Write what is new below the staging folder, durably; the entries of the journal."""
        staged: dict[str, str] = {}
        folders: dict[str, list[NewFile]] = {f"{self.root}/{_STAGING}": []}
        missing: dict[str, str] = {}
        for path, change in sorted(changes.items()):
            if change.content is None:
                continue
            top = self._missing_folder(path, missing) or path
            place = staged.setdefault(top, f"{_STAGING}/{len(staged)}")
            folder, name = f"{self.root}/{place}{path[len(top) :]}".rsplit("/", 1)
            folders.setdefault(folder, []).append(NewFile(name, functools.partial(self._content, change), change.mode))
        many = len(changes) > MANY
        # Writing alone gains nothing from threads. Sealing does: each secret derives a key of its own, in C.
        threads = min(_THREADS, os.cpu_count() or 1) if many and self.seal.active else 1
        write_folders(folders, synced=not many, threads=threads)
        if many:
            sync_all(self.root)
        removed: list[Entry] = [(path, None) for path, change in changes.items() if change.content is None]
        return [*staged.items(), *removed]

    def _missing_folder(self, path: str, known: dict[str, str]) -> str:
        """The topmost folder above a file that is not there yet; empty where all are. known: by folder, so far."""
        folder = path.rpartition("/")[0]
        if not folder:
            return ""
        if folder not in known:
            above = self._missing_folder(folder, known)
            known[folder] = above or ("" if os.path.lexists(f"{self.root}/{folder}") else folder)
        return known[folder]

    def _content(self, change: FileChange) -> bytes:
        content = change.content or b""
        return self.seal.close(content) if change.secret and self.seal.active else content

    def finish(self) -> None:
        """Carry out what the journal says, if there is one. Call with the lock held."""
        entries = self._journal()
        if entries is None:
            self._drop_staged()
        else:
            self._carry_out(entries)

    def _carry_out(self, entries: Sequence[Entry]) -> None:
        touched: set[str] = set()
        for path, staged in entries:
            place = f"{self.root}/{path}"
            if staged is None:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    os.unlink(place)
                remove_empty_folders(Path(place).parent, self.root)
            else:
                _move(f"{self.root}/{staged}", place)
            touched.add(place.rpartition("/")[0])
        sync_folders(touched, self.root)
        (self.root / _JOURNAL).unlink()
        shutil.rmtree(self.root / _STAGING, ignore_errors=True)
        self._pending = {}

    def _drop_staged(self) -> None:
        """What a killed run staged and did not publish; secrets may be among it."""
        shutil.rmtree(self.root / _STAGING, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            (self.root / _NEW_JOURNAL).unlink()

    def _journal(self) -> Optional[list[Entry]]:
        """What a killed run left to be done; None where there is no journal."""
        try:
            text = (self.root / _JOURNAL).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        changes: list[Entry] = json.loads(text)["changes"]
        return changes

    def _read_journal(self) -> dict[str, Optional[Path]]:
        """Where the files lie that are still to be moved to their places, or None for those to be removed."""
        pending: dict[str, Optional[Path]] = {}
        for path, staged in self._journal() or ():
            if staged is None:
                pending[path] = None
                continue
            place = self.root / staged
            if place.is_dir():
                for folder, _folders, files in os.walk(place, onerror=_refuse):
                    pending.update({f"{path}{folder[len(str(place)) :]}/{each}": Path(folder, each) for each in files})
            elif place.exists():
                pending[path] = place
        return pending


def _move(staged: str, place: str) -> None:
    """Rename what is staged to its place, unless that is done; a folder that came to be there takes what is in it."""
    try:
        os.replace(staged, place)
    except FileNotFoundError:
        if not os.path.lexists(staged):
            return
        make_folders(Path(place).parent)
        os.replace(staged, place)
    except OSError:
        if not os.path.isdir(staged) or not os.path.isdir(place):
            raise
        for name in os.listdir(staged):
            _move(f"{staged}/{name}", f"{place}/{name}")


def _refuse(error: OSError) -> None:
    """A folder that can't be listed must not look empty: what is in it would be made a second time."""
    if not isinstance(error, FileNotFoundError):
        raise StoreError(f"{error.filename}: can't be listed: {error.strerror}") from error
