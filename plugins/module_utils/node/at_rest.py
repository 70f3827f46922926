# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of JetStream's data lies on disk in plaintext: judged by the files themselves, not by what the server is told.

The forms are those of nats-server (server/filestore.go): whatever has a ``meta.inf`` is a stream, a consumer or a Raft
group, and is encrypted where a ``meta.key`` lies beside it; a block ``N.blk`` where an ``N.key`` does. That a file is
encrypted is not believed because of its key, but because it can't be read as the plaintext that it would be.

Never encrypted by any release up to 2.15 (measured): names of folders, Raft snapshots, which hold the configuration of
streams and consumers, ``sched.db`` (subjects of scheduled messages), ``sources.db`` (names of sources) and numbers.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

_BLOCKS = (".blk", ".blk.tmp", ".new")
_INDEX = "index.db"
_STATE = "o.dat"
_HEAD = 96
# A record of a block: length, sequence, time, length of the subject (msgFromBufEx).
_RECORD = struct.Struct("<IQqH")
_HEADERS = 1 << 31
_FIRST, _LAST = 1420070400 * 10**9, 4102444800 * 10**9


@dataclass(frozen=True)
class Found:
    """stores: streams, consumers and Raft groups; blocks: files with messages. plaintext: files, and why. indexes: left
    from before, plaintext with subjects in it."""

    stores: int
    blocks: int
    plaintext: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...]


def look(folder: Path) -> Found:
    """Everything below JetStream's folder; what vanishes meanwhile was about to go."""
    stores = blocks = 0
    plaintext: list[tuple[str, str]] = []
    indexes: list[str] = []
    for place in _stores(folder):
        stores += 1
        plaintext += [(str(place), why) for why in _of_store(place)]
        for file in _message_files(place):
            if file.name == _INDEX:
                indexes += [str(file)] if _is_index(_head(file)) else []
                continue
            blocks += 1
            why = _of_block(file)
            plaintext += [(str(file), why)] if why else []
    return Found(stores, blocks, tuple(plaintext), tuple(indexes))


def _stores(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        if "meta.inf" in names:
            yield Path(parent)


def _of_store(place: Path) -> Iterator[str]:
    if not (place / "meta.key").exists() and (place / "meta.inf").exists():
        yield "has no key of its own"
    if _is_json(_head(place / "meta.inf")):
        yield "meta.inf can be read"
    if _is_state(_head(place / _STATE)):
        yield "o.dat can be read"


def _message_files(place: Path) -> Iterator[Path]:
    for parent in (place / "msgs", place / "__msgs__", place / "__new_msgs__"):
        try:
            names = sorted(os.listdir(parent))
        except (FileNotFoundError, NotADirectoryError):
            continue
        yield from (parent / name for name in names if name == _INDEX or name.endswith(_BLOCKS))


def _of_block(file: Path) -> Optional[str]:
    head = _head(file)
    if not head:
        return None
    if is_record(head, _size(file)):
        return "its messages can be read"
    key = file.with_name(f"{file.name.split('.')[0]}.key")
    return None if key.exists() or not file.exists() else "has no key of its own"


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD)
    except (FileNotFoundError, NotADirectoryError):
        return b""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def is_record(head: bytes, size: int) -> bool:
    """Whether a block begins with a record in plaintext, compressed (``cmp``) or not."""
    if head[:3] == b"cmp":
        return True
    if len(head) < _RECORD.size:
        return False
    length, sequence, time, subject = _RECORD.unpack_from(head)
    length &= ~_HEADERS
    # The highest bit of a sequence marks one that was deleted; it has no time.
    sequence &= ~(1 << 63)
    fits = _RECORD.size + subject < length <= size
    # What follows is the subject, in which the protocol can't have white space; random bytes nearly always do.
    is_subject = not any(byte <= 0x20 or byte == 0x7F for byte in head[_RECORD.size :][:subject])
    return bool(fits and is_subject and sequence < 1 << 48 and (time == 0 or _FIRST <= time <= _LAST))


def _is_json(head: bytes) -> bool:
    """Whether it is an object as the server writes it: one random byte in 256 is a brace."""
    return head[:2] == b'{"' and min(head) >= 0x20


def _is_index(head: bytes) -> bool:
    """Whether the state of a stream can be read: magic, version, messages, bytes, first sequence and its time."""
    if len(head) < 8 or head[0] != 11 or not 1 <= head[1] <= 16:
        return False
    numbers = _numbers(head[2:], 4)
    if len(numbers) < 4 or max(numbers[:3]) >= 1 << 56:
        return False
    time = (numbers[3] >> 1) ^ -(numbers[3] & 1)
    return time == 0 or _FIRST <= time <= _LAST


def _is_state(head: bytes) -> bool:
    """Whether the state of a consumer can be read: magic, version, what is acknowledged and what was delivered."""
    if len(head) < 6 or head[0] != 22 or head[1] not in (1, 2):
        return False
    numbers = _numbers(head[2:], 4)
    return len(numbers) == 4 and max(numbers) < 1 << 56


def _numbers(data: bytes, count: int) -> list[int]:
    """Numbers as Go's binary.Uvarint reads them, fewer where they end early or have no end."""
    found: list[int] = []
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
        if shift > 63 or len(found) == count:
            break
    return found
