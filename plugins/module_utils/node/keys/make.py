# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making keys on a host so that a key and its request appear together, by one rename, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...plan.errors import NatsError
from ...plan.lock import hold
from ...plan.writing import sync_folder
from ..files import Ownership, WantedDirectory, WantedFile, ensure_directory, give, remove_tree, write_file
from . import openssl
from .choose import DIGITS, HostKey, WantedKey
from .der import read_request
from .records import KEY_FILE, KEY_MODE, REQUEST_FILE, REQUEST_MODE, folder_as

_NEW = ".new-"
_CONFIGURATION = "request.cnf"


@dataclass(frozen=True)
class Maker:
    """Makes keys below ``folder`` for ``ownership``. Call with the lock held."""

    folder: Path
    ownership: Ownership

    @contextlib.contextmanager
    def locked(self, patience: float = 30.0) -> Iterator[None]:
        """Hold the lock and sweep what a killed run left; raises Busy."""
        self.ownership.ids()
        if not self.folder.parent.exists():
            ensure_directory(WantedDirectory(str(self.folder.parent), 0o750, self.ownership))
        ensure_directory(WantedDirectory(str(self.folder), *folder_as(self.ownership)))
        with hold(self.folder, patience):
            self._sweep()
            yield

    def _sweep(self) -> None:
        for place in self.folder.iterdir():
            if place.name.startswith(_NEW):
                remove_tree(place)
            elif place.is_dir() and not place.is_symlink():
                for half in (f".{KEY_FILE}.new", f".{REQUEST_FILE}.new", _CONFIGURATION):
                    with contextlib.suppress(FileNotFoundError):
                        (place / half).unlink()

    def make(self, wanted: WantedKey) -> None:
        """A new key and its request."""
        program = openssl.need_openssl()
        fresh = self.folder / f"{_NEW}{wanted.name}"
        remove_tree(fresh)
        try:
            fresh.mkdir(mode=0o700)
            key = openssl.private_key(program, wanted.key_type)
            write_file(fresh / KEY_FILE, WantedFile(KEY_FILE, key, KEY_MODE, self.ownership, secret=True))
            digest = self._request(fresh, wanted)
            ensure_directory(WantedDirectory(str(fresh), *folder_as(self.ownership)))
            sync_folder(fresh)
            fresh.rename(self.folder / f"{wanted.name}-{digest}")
        except BaseException:
            remove_tree(fresh)
            raise
        sync_folder(self.folder)

    def put_right(self, key: HostKey, wanted: WantedKey, request_due: bool) -> None:
        """Mode and owner of a key that is kept, and its request."""
        place = self.folder / key.folder
        if key.faults:
            _set(place, *folder_as(self.ownership))
            _set(place / KEY_FILE, KEY_MODE, self.ownership)
        if request_due:
            self._request(place, wanted, key.digest)
            sync_folder(place)

    def _request(self, place: Path, wanted: WantedKey, digest: str = "") -> str:
        """Write the request of the key that lies in ``place``; returns the digest of the key."""
        program = openssl.need_openssl()
        text = openssl.request_configuration(wanted.common_name or wanted.name, wanted.dns, wanted.ip)
        configuration = place / _CONFIGURATION
        write_file(configuration, WantedFile(_CONFIGURATION, text.encode("utf-8"), KEY_MODE))
        try:
            made = openssl.request(program, place / KEY_FILE, configuration)
        finally:
            configuration.unlink()
        found = read_request(made)
        if digest and found.digest[:DIGITS] != digest:
            raise NatsError(f"{place / KEY_FILE}: is not the key that its folder is named for: move the folder away")
        if found.key_type != wanted.key_type:
            raise NatsError(f"{place / KEY_FILE}: is of type {found.key_type}, not {wanted.key_type}: move it away")
        ownership = folder_as(self.ownership)[1]
        write_file(place / REQUEST_FILE, WantedFile(REQUEST_FILE, made.encode("ascii"), REQUEST_MODE, ownership))
        return found.digest[:DIGITS]


def _set(place: Path, mode: int, ownership: Ownership) -> None:
    """Mode and owner of what is there, never of what a link leads to."""
    descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give(descriptor, ownership, place)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
