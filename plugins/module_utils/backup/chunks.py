# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outer form of an archive: a header in clear text, then chunks that are closed one by one.

    AEGIS NATS BACKUP 1, and the end of the line
    4 bytes, big endian: length of the header
    header: JSON. chunk: bytes of content in each chunk but the last; cipher; key; check
    chunk 0, chunk 1, ...: content and 16 bytes of tag

AES-256-GCM with a key of its own for each archive. The nonce is the number of the chunk (12 bytes, big endian); the
associated data are the SHA-256 of everything before chunk 0, and one byte that is 1 for the last chunk, otherwise 0.
So chunks that were changed, moved, left out or cut off at the end do not open. Without encryption the tag is the first
16 bytes of the SHA-256 of nonce, associated data and content: it tells damage, not intent.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import IO, Any, Optional

from ..plan.errors import NatsError
from .keys import TAG, Lock, Secret, WrongKey, known_key

MAGIC = b"AEGIS NATS BACKUP 1\n"
CHUNK = 256 * 1024
_LONGEST_HEADER = 64 * 1024
_LARGEST_CHUNK = 16 * 1024 * 1024
# So many chunks are tried to tell one that was moved from one that was damaged.
_TRIED = 4096


class Damaged(NatsError):
    """A file is no archive, or not whole any more."""


class ChunkWriter:
    """Writes content of any length; at most one chunk of it waits in memory."""

    def __init__(self, file: IO[bytes], lock: Lock, key: Mapping[str, Any]) -> None:
        cipher = "none" if key["from"] == "nothing" else "AES-256-GCM"
        plain = {"chunk": CHUNK, "cipher": cipher, "key": dict(key)}
        header = json.dumps({**plain, "check": lock.check(_canonical(plain))}, sort_keys=True).encode()
        start = MAGIC + len(header).to_bytes(4, "big") + header
        file.write(start)
        self._file, self._lock = file, lock
        self._start = hashlib.sha256(start).digest()
        self._waiting = bytearray()
        self._number = 0

    def write(self, content: bytes) -> None:
        """Take content; what fills a chunk, and is not the last, is written."""
        self._waiting += content
        at = 0
        while len(self._waiting) - at > CHUNK:
            self._put(bytes(self._waiting[at : at + CHUNK]), False)
            at += CHUNK
        del self._waiting[:at]

    def finish(self) -> None:
        """Write the last chunk. Nothing can be written afterwards."""
        self._put(bytes(self._waiting), True)
        self._waiting.clear()

    def _put(self, content: bytes, last: bool) -> None:
        self._file.write(self._lock.close(self._number, self._start + bytes([last]), content))
        self._number += 1


class ChunkReader:
    """The content of an archive, from any place. Raises Damaged, and WrongKey where the key is another."""

    def __init__(self, file: IO[bytes], path: str, secret: Secret) -> None:
        self.path, self._file = path, file
        self.header, start = _read_header(file, path)
        self._lock = Lock(known_key(self.header["key"], secret, path))
        said = {name: value for name, value in self.header.items() if name != "check"}
        if self._lock.check(_canonical(said)) != self.header.get("check"):
            raise WrongKey(
                f"{path}: it is encrypted with another key: give the passphrase or vault secret it was made with"
            )
        self._start = hashlib.sha256(start).digest()
        self._first, self._size = len(start), self.header["chunk"]
        length = os.fstat(file.fileno()).st_size - self._first
        self._count = max(1, -(-length // (self._size + TAG)))
        self._held: Optional[tuple[int, bytes]] = None
        self._at = 0

    @property
    def encrypted(self) -> bool:
        return str(self.header["cipher"]) != "none"

    def seek(self, offset: int) -> None:
        """Read from that byte of the content on."""
        self._at = offset

    def tell(self) -> int:
        return self._at

    def read(self, count: int) -> bytes:
        """Exactly ``count`` bytes; fewer only at the end."""
        parts: list[bytes] = []
        while count > 0:
            number, within = divmod(self._at, self._size)
            if number >= self._count:
                break
            part = self._chunk(number)[within : within + count]
            if not part:
                break
            parts.append(part)
            self._at += len(part)
            count -= len(part)
        return b"".join(parts)

    def _chunk(self, number: int) -> bytes:
        if self._held is None or self._held[0] != number:
            self._held = number, self._opened(number)
        return self._held[1]

    def _raw(self, number: int) -> bytes:
        self._file.seek(self._first + number * (self._size + TAG))
        return self._file.read(self._size + TAG)

    def _opened(self, number: int) -> bytes:
        chunk, last = self._raw(number), number == self._count - 1
        content = self._lock.open(number, self._start + bytes([last]), chunk) if len(chunk) >= TAG else None
        if content is None:
            raise Damaged(f"{self.path}: {self._why(number, chunk, last)}")
        return content

    def _why(self, number: int, chunk: bytes, last: bool) -> str:
        where = f"chunk {number + 1} of {self._count} (from byte {self._first + number * (self._size + TAG)} on)"
        if self._lock.open(number, self._start + bytes([not last]), chunk) is not None:
            return (
                f"it ends too early, after {where}: it was cut off, copy it again"
                if last
                else f"something follows the end, which is {where}: it was put together from parts, copy it again"
            )
        for other in range(min(self._count, _TRIED)):
            for flag in (b"\0", b"\1"):
                if other != number and self._lock.open(other, self._start + flag, chunk) is not None:
                    return f"{where} is the one that belongs at place {other + 1}: chunks were moved or left out"
        cut = last and len(chunk) < self._size + TAG
        return f"{where} is damaged{' or cut off' if cut else ''}: take another copy of the archive"


def _read_header(file: IO[bytes], path: str) -> tuple[dict[str, Any], bytes]:
    file.seek(0)
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        same = magic[:-2] == MAGIC[:-2]
        wrong = "its format is of another release than this" if same else "it is no archive of aegis.nats.backup"
        raise Damaged(f"{path}: {wrong}")
    length = file.read(4)
    size = int.from_bytes(length, "big")
    header = file.read(size) if size <= _LONGEST_HEADER else b""
    try:
        said = json.loads(header)
        fits = isinstance(said["key"], dict) and 0 < said["chunk"] <= _LARGEST_CHUNK and isinstance(said["cipher"], str)
    except (ValueError, KeyError, TypeError):
        fits = False
    if len(length) < 4 or len(header) != size or not fits:
        raise Damaged(f"{path}: its header is damaged or cut off: take another copy of the archive")
    return said, magic + length + header


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
