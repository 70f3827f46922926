# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, streams and archives that the tests of this room share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.backup.archive import new_archive
from ansible_collections.aegis.nats.plugins.module_utils.backup.keys import Lock, Secret, new_key
from ansible_collections.aegis.nats.plugins.module_utils.backup.manifest import FileEntry, Manifest, StreamEntry
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal

PASSPHRASE = "correct horse battery staple"
SECRET = Secret(PASSPHRASE, NoSeal())


def consumer(delivered: int, floor: int, pending: int = 0, **config: Any) -> dict[str, Any]:
    return {
        "config": {"durable_name": "d", **config},
        "delivered": {"consumer_seq": delivered, "stream_seq": delivered},
        "ack_floor": {"consumer_seq": floor, "stream_seq": floor},
        "num_ack_pending": pending,
        "num_pending": 0,
    }


def state(messages: int, last: int, first: int = 1) -> dict[str, Any]:
    return {"messages": messages, "bytes": messages * 10, "first_seq": first, "last_seq": last}


def stream(name: str = "ORDERS", **changes: Any) -> StreamEntry:
    entry = StreamEntry(
        account="TeamAlpha",
        name=name,
        config={"name": name, "subjects": ["o.>"], "num_replicas": 3},
        state=state(10, 12),
        state_after=state(10, 12),
        consumers={"d": consumer(8, 5, 3)},
        consumers_after={"d": consumer(8, 5, 3)},
        size=0,
        sha256="",
        server="n1 (nats-server 2.15.1)",
        taken="2026-01-01T00:00:00+00:00",
    )
    return replace(entry, **changes)


def write_archive(
    path: Path,
    snapshots: Mapping[str, bytes],
    files: Optional[Mapping[str, bytes]] = None,
    secret: Secret = SECRET,
    encrypt: bool = True,
) -> Manifest:
    """An archive with streams of TeamAlpha, and files of the folder trust."""
    key, said = new_key(secret, encrypt, os.urandom)
    streams, held = [], []
    with new_archive(path, Lock(key), said) as writer:
        for name, content in (files or {}).items():
            writer.begin("file", "trust", name)
            writer.write(content)
            held.append(FileEntry("trust", name, 0o600, *writer.end()))
        for name, content in snapshots.items():
            writer.begin("stream", "TeamAlpha", name)
            for at in range(0, len(content), 100_000):
                writer.write(content[at : at + 100_000])
            size, digest = writer.end()
            streams.append(stream(name, size=size, sha256=digest))
        folders = ("trust",) if files else ()
        manifest = Manifest("f00d", "2026-01-01T00:00:00+00:00", "c1", folders, tuple(held), {}, tuple(streams))
        writer.finish(manifest)
    return manifest
