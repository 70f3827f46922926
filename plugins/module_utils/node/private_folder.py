# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder that belongs to an application, written to by root.

Its owner may put there what he likes, so nothing in it is followed: no link, no file that was there before is changed
in place. Everything goes through descriptors of folders.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..plan.errors import NatsError
from .files import Ownership

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE, _FOLDER_MODE = 0o600, 0o700


@dataclass(frozen=True)
class PrivateFolder:
    """Files 0600 and folders 0700 of one owner. root: absolute; ownership: None leaves it to the caller's own."""

    root: Path
    ownership: Ownership

    def exists(self) -> bool:
        """Whether the folder is there. Raises NatsError when something else is in its place."""
        with self._open(()) as folder:
            return folder is not None

    def names(self) -> list[str]:
        """What lies directly in the folder."""
        with self._open(()) as folder:
            return [] if folder is None else sorted(os.listdir(folder))

    def read(self, path: str) -> Optional[bytes]:
        """The content of a plain file, or None."""
        with self._open(_parts(path)[:-1]) as folder:
            found = None if folder is None else _look(folder, _parts(path)[-1])
            return found[0] if found else None

    def differences(self, path: str, content: bytes) -> list[str]:
        """What differs between a file and what it must be, in words without content; empty when nothing."""
        with self._open(_parts(path)[:-1]) as folder:
            name = _parts(path)[-1]
            if folder is None or not _is_there(folder, name):
                return ["is not there"]
            found = _look(folder, name)
            if found is None:
                return ["is not a plain file"]
            differs = [] if found[0] == content else ["content differs"]
            return differs + self._attributes(found[1], _MODE)

    def folder_differences(self, path: str = "") -> list[str]:
        """As ``differences``, of the folder itself or one below it."""
        with self._open(_parts(path)) as folder:
            return ["is not there"] if folder is None else self._attributes(os.fstat(folder), _FOLDER_MODE)

    def ensure(self, path: str = "") -> None:
        """Have the folder, or one below it, with its owner and mode; parents of the folder itself are 0755."""
        self.root.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            self.root.mkdir(mode=_FOLDER_MODE)
        for depth in range(len(_parts(path)) + 1):
            parts = _parts(path)[:depth]
            if parts:
                with self._open(parts[:-1]) as above, contextlib.suppress(FileExistsError):
                    os.mkdir(parts[-1], _FOLDER_MODE, dir_fd=above)
            with self._open(parts) as folder:
                if folder is not None and self._attributes(os.fstat(folder), _FOLDER_MODE):
                    self._give(folder)
                    os.fchmod(folder, _FOLDER_MODE)

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole: owner and mode before content, synced, then renamed into its place."""
        name = _parts(path)[-1]
        staged = f".{name}.{secrets.token_hex(6)}"
        with self._open(_parts(path)[:-1]) as folder:
            if folder is None:
                raise NatsError(f"{self.root / path}: its folder is gone")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(staged, flags, _MODE, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    self._give(file.fileno())
                    os.fchmod(file.fileno(), _MODE)
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(staged, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(staged, dir_fd=folder)
                raise
            os.fsync(folder)

    def remove(self, path: str) -> bool:
        """Remove a file; whether it was there."""
        with self._open(_parts(path)[:-1]) as folder:
            if folder is None or not _is_there(folder, _parts(path)[-1]):
                return False
            os.unlink(_parts(path)[-1], dir_fd=folder)
            os.fsync(folder)
            return True

    def remove_folder(self, path: str = "") -> bool:
        """Remove the folder, or one below it, if it is empty; whether it is gone."""
        parts = _parts(path)
        try:
            if not parts:
                self.root.rmdir()
                return True
            with self._open(parts[:-1]) as above:
                if above is not None:
                    os.rmdir(parts[-1], dir_fd=above)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    @contextlib.contextmanager
    def _open(self, parts: tuple[str, ...]) -> Iterator[Optional[int]]:
        """A descriptor of the folder, or of one below it; None where it is not there."""
        opened: list[int] = []
        try:
            with contextlib.suppress(FileNotFoundError):
                opened.append(os.open(self.root, _FOLDER))
                for part in parts:
                    opened.append(os.open(part, _FOLDER, dir_fd=opened[-1]))
            yield opened[-1] if len(opened) == len(parts) + 1 else None
        except NotADirectoryError as error:
            place = self.root.joinpath(*parts[: len(opened)])
            raise NatsError(f"{place}: is a file or a link, a folder is needed there: move it away") from error
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _attributes(self, status: os.stat_result, mode: int) -> list[str]:
        uid, gid = self.ownership.ids()
        found: list[str] = []
        if stat.S_IMODE(status.st_mode) != mode:
            found.append(f"mode {stat.S_IMODE(status.st_mode):04o} becomes {mode:04o}")
        if uid not in (-1, status.st_uid):
            found.append(f"owner becomes {self.ownership.owner}")
        if gid not in (-1, status.st_gid):
            found.append(f"group becomes {self.ownership.group}")
        return found

    def _give(self, descriptor: int) -> None:
        ids = self.ownership.ids()
        if ids == (-1, -1):
            return
        try:
            os.fchown(descriptor, *ids)
        except PermissionError as error:
            to = ":".join(name for name in (self.ownership.owner, self.ownership.group) if name)
            raise NatsError(
                f"{self.root}: can't be given to {to}: run as root (nats_client_become: true), or as that user"
            ) from error


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _is_there(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _look(folder: int, name: str) -> Optional[tuple[bytes, os.stat_result]]:
    """Content and status of a plain file, or None."""
    try:
        # Not blocking: a pipe in its place would wait for a writer.
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(), status
