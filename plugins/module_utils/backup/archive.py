# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the chunks of an archive: records, and the manifest as the last of them.

A record is one letter, the length of its content (4 bytes, big endian) and the content:

    H  JSON: an entry begins, {"file": [folder, path]} or {"stream": [account, name]}
    D  a piece of its content
    E  JSON: it ended well, {"size": bytes, "sha256": hex}
    X  JSON: it was given up and counts for nothing, {"why": words}; the same may be tried again after it
    M  JSON: the manifest, and nothing after it

The content of a stream is the snapshot as servers send it, the very bytes that ``nats stream backup`` keeps as
stream.tar.s2.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable, Optional

from ..plan.errors import Busy, StoreError
from ..plan.writing import make_folders, sync_folder
from . import manifest as manifests
from .chunks import MAGIC, ChunkReader, ChunkWriter, Damaged
from .keys import Lock, Secret
from .manifest import Manifest
from .telling import Telling, megabytes

_PARTIAL = ".partial"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
Place = tuple[str, str, str]


class ArchiveWriter:
    """Entries one after the other, then the manifest."""

    def __init__(self, chunks: ChunkWriter) -> None:
        self._chunks = chunks
        self._size = 0
        self._digest = hashlib.sha256()

    def begin(self, kind: str, above: str, name: str) -> None:
        """Begin an entry: a file of a folder, or a stream of an account."""
        self._size, self._digest = 0, hashlib.sha256()
        self._record(b"H", _json({kind: [above, name]}))

    def write(self, content: bytes) -> None:
        """More of the content of the entry."""
        self._size += len(content)
        self._digest.update(content)
        self._record(b"D", content)

    def end(self) -> tuple[int, str]:
        """End the entry; its size and SHA-256."""
        found = self._size, self._digest.hexdigest()
        self._record(b"E", _json({"size": found[0], "sha256": found[1]}))
        return found

    def give_up(self, why: str) -> None:
        """The entry counts for nothing."""
        self._record(b"X", _json({"why": why}))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and the end."""
        self._record(b"M", _json(manifest.words()))
        self._chunks.finish()

    def _record(self, letter: bytes, content: bytes) -> None:
        self._chunks.write(letter + len(content).to_bytes(4, "big"))
        self._chunks.write(content)


@contextlib.contextmanager
def new_archive(path: Path, lock: Lock, key: Mapping[str, Any]) -> Iterator[ArchiveWriter]:
    """An archive that appears under its name when the block ends well, and leaves nothing behind when it does not.

    It grows in PATH.partial, mode 0600. What killed runs left of others beside it is removed.
    """
    make_folders(path.parent)
    _drop_leftovers(path.parent)
    growing = path.with_name(f"{path.name}{_PARTIAL}")
    with _alone(growing) as file:
        try:
            yield ArchiveWriter(ChunkWriter(file, lock, key))
            file.flush()
            os.fsync(file.fileno())
            growing.replace(path)
        except BaseException as error:
            with contextlib.suppress(OSError):
                growing.unlink()
            if isinstance(error, OSError) and error.errno in _FULL:
                raise StoreError(f"{growing}: {error.strerror}: nothing is kept of this archive") from error
            raise
    sync_folder(path.parent)


def _drop_leftovers(folder: Path) -> None:
    """Remove what killed runs left: archives in the making that nobody holds any more."""
    for place in folder.glob(f"*{_PARTIAL}"):
        with contextlib.suppress(OSError), place.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.read(len(MAGIC)) in (MAGIC, b""):
                place.unlink()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{path}: another run writes this archive: wait for it to end") from None
        os.fchmod(descriptor, 0o600)
        file.truncate(0)
        yield file


@dataclass(frozen=True)
class Found:
    """Where the content of an entry begins."""

    offset: int
    size: int
    sha256: str


class Archive:
    """An archive all of which was read and found whole. Raises Damaged, WrongKey, SealError."""

    def __init__(self, file: IO[bytes], path: str, secret: Secret, progress: Callable[[str], None]) -> None:
        self.path = path
        self._telling = Telling(progress, path, f"{megabytes(os.fstat(file.fileno()).st_size)} read and proved")
        self._chunks = ChunkReader(file, path, secret)
        self._found: dict[Place, Found] = {}
        self.manifest = self._scan()

    @property
    def encrypted(self) -> bool:
        return self._chunks.encrypted

    def content(self, kind: str, above: str, name: str) -> Iterator[bytes]:
        """The content of an entry, in pieces."""
        self._chunks.seek(self._found[kind, above, name].offset)
        letter, piece = self._record()
        while letter == b"D":
            yield piece
            letter, piece = self._record()

    def _record(self) -> tuple[bytes, bytes]:
        head = self._chunks.read(5)
        content = self._chunks.read(int.from_bytes(head[1:], "big"))
        if len(head) < 5 or len(content) < int.from_bytes(head[1:], "big"):
            raise Damaged(
                f"{self.path}: ends within a record, though nothing was cut off: it was written by a program gone wrong"
            )
        return head[:1], content

    def _scan(self) -> Manifest:
        """Read everything once: every chunk is opened, every digest is made anew."""
        while True:
            letter, content = self._record()
            if letter == b"M":
                break
            if letter == b"H":
                (kind, (above, name)) = next(iter(json.loads(content).items()))
                entry = self._entry()
                if entry is not None:
                    self._found[kind, above, name] = entry
        try:
            manifest = manifests.read(json.loads(content))
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(f"{self.path}: its manifest can't be used: {error}") from error
        self._compare(manifest)
        return manifest

    def _entry(self) -> Optional[Found]:
        """The entry that begins here; None where it was given up."""
        offset, size, digest = self._chunks.tell(), 0, hashlib.sha256()
        while True:
            letter, content = self._record()
            if letter != b"D":
                break
            size += len(content)
            digest.update(content)
            self._telling.count(len(content))
        return Found(offset, size, digest.hexdigest()) if letter == b"E" else None

    def _compare(self, manifest: Manifest) -> None:
        said = {("file", each.folder, each.path): (each.size, each.sha256) for each in manifest.files}
        said.update({("stream", each.account, each.name): (each.size, each.sha256) for each in manifest.streams})
        found = {place: (entry.size, entry.sha256) for place, entry in self._found.items()}
        for place in sorted({*said, *found}):
            if said.get(place) != found.get(place):
                raise Damaged(f"{self.path}: {'/'.join(place[1:])} is not what the manifest says: take another copy")


@contextlib.contextmanager
def opened(path: str, secret: Secret, progress: Callable[[str], None] = lambda line: None) -> Iterator[Archive]:
    """An archive, read and found whole, for the length of a block. progress: a line now and then while it is read."""
    with open(path, "rb") as file:
        yield Archive(file, path, secret, progress)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
