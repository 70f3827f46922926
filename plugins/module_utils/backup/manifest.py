# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of an archive: what is in it, how much, and how it was when it was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
Words = dict[str, Any]


@dataclass(frozen=True)
class FileEntry:
    """A file of the controller. folder: its name, such as trust; path: below it; mode: permission bits."""

    folder: str
    path: str
    mode: int
    size: int
    sha256: str


@dataclass(frozen=True)
class StreamEntry:
    """A stream as it was taken.

    config, state: as the server said with the snapshot, state being that of its moment.
    state_after, consumers_after: once the snapshot was there; they differ where the stream was in use.
    consumers: by name, each with config, delivered, ack_floor, num_ack_pending, num_pending.
    gathered: how far each of its sources was gathered, when the snapshot began.
    size, sha256: of the snapshot; server: who gave it, and its release; taken: when, RFC 3339.
    """

    account: str
    name: str
    config: Words
    state: Words
    state_after: Words
    consumers: Mapping[str, Words]
    consumers_after: Mapping[str, Words]
    size: int
    sha256: str
    server: str
    taken: str
    gathered: Mapping[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.account}/{self.name}"


@dataclass(frozen=True)
class LeftOut:
    """A stream that is not in the archive, and why."""

    account: str
    name: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """id: random, one an archive; created: RFC 3339; accounts: public keys by name, of those that were looked at."""

    id: str
    created: str
    cluster: str
    folders: tuple[str, ...] = ()
    files: tuple[FileEntry, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    streams: tuple[StreamEntry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def words(self) -> Words:
        """As it is written."""
        return {"format": FORMAT, **asdict(self)}


def read(words: Mapping[str, Any]) -> Manifest:
    """The manifest in an archive. Raises ValueError, KeyError or TypeError where it is none."""
    if words["format"] != FORMAT:
        raise ValueError(f"its manifest has format {words['format']}, known is {FORMAT}: use a later release")
    return Manifest(
        id=words["id"],
        created=words["created"],
        cluster=words["cluster"],
        folders=tuple(words["folders"]),
        files=tuple(FileEntry(**each) for each in words["files"]),
        accounts=dict(words["accounts"]),
        streams=tuple(StreamEntry(**each) for each in words["streams"]),
        left_out=tuple(LeftOut(**each) for each in words["left_out"]),
    )


def summary(manifest: Manifest) -> Words:
    """What a person wants to know; no content of files or messages."""
    return {
        "id": manifest.id,
        "created": manifest.created,
        "cluster": manifest.cluster,
        "files": {name: sum(each.folder == name for each in manifest.files) for name in manifest.folders},
        "accounts": dict(manifest.accounts),
        "streams": [_stream(each) for each in manifest.streams],
        "left_out": [asdict(each) for each in manifest.left_out],
    }


def _stream(entry: StreamEntry) -> Words:
    state = entry.state
    return {
        "account": entry.account,
        "name": entry.name,
        "taken": entry.taken,
        "server": entry.server,
        "replicas": entry.config.get("num_replicas", 1),
        "messages": state.get("messages", 0),
        "bytes": state.get("bytes", 0),
        "first_sequence": state.get("first_seq", 0),
        "last_sequence": state.get("last_seq", 0),
        "consumers": sorted(entry.consumers),
        "in_use": entry.state != entry.state_after or entry.consumers != entry.consumers_after,
        "size": entry.size,
        "sha256": entry.sha256,
    }
