# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an authority has issued: ``<authority>.serials.json``, a line to each serial."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from datetime import datetime

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from .facts import CertificateFacts, serial_text, stamp
from .issue import BACKDATED, new_serial

_TRIES = 3


def file(authority: str) -> str:
    """Relative path of the record."""
    return f"{authority}.serials.json"


def unused(record: Container[str], random: Callable[[int], bytes]) -> int:
    """A new serial that is not in the record. Raises StoreError where chance gives the same ones again."""
    for _dummy in range(_TRIES):
        serial = new_serial(random)
        if serial_text(serial) not in record:
            return serial
    raise StoreError(
        f"the random numbers of this machine repeat: serial {serial_text(serial)} was given out before; nothing was "
        "issued, see to its source of randomness first"
    )


def entry(name: str, found: CertificateFacts, now: datetime) -> dict[str, str]:
    """What the record says of one certificate."""
    return {
        "name": name,
        "not_after": stamp(found.not_after),
        "issued": stamp(now),
        "spki_sha256": found.spki_sha256,
    }


def check_clock(record: Mapping[str, Mapping[str, str]], authority: str, now: datetime) -> None:
    """Raise StoreError when something was issued after ``now``: a clock is wrong, here or where it was issued."""
    latest = max(record.values(), key=lambda found: found.get("issued", ""), default={})
    if latest.get("issued", "") > stamp(now + BACKDATED):
        raise StoreError(
            f"authority {authority} issued {latest['name']} on {latest['issued']}, and the clock here says "
            f"{stamp(now)}: set the clock right; nothing was changed"
        )


def read(folder: Folder, authority: str) -> dict[str, dict[str, str]]:
    """Serial -> name, not_after, issued. Raises StoreError when the record is broken."""
    path = file(authority)
    content = folder.read(path)
    if content is None:
        return {}
    try:
        record = json.loads(content)
        entries = {str(serial): {str(k): str(v) for k, v in entry.items()} for serial, entry in record.items()}
    except (ValueError, AttributeError) as error:
        raise StoreError(
            f"{folder.root / path}: the record of serials is damaged: put it back from a backup"
        ) from error
    return entries


def issued_before(record: Mapping[str, Mapping[str, str]], moment: str) -> frozenset[str]:
    """The serials that were issued before a moment (as ``facts.stamp`` writes it; empty: none)."""
    return frozenset(serial for serial, found in record.items() if found.get("issued", "") < moment)


def change(authority: str, record: Mapping[str, Mapping[str, str]], now: datetime) -> FileChange:
    """The record as a file; certificates that have ended are left out."""
    kept = {serial: dict(entry) for serial, entry in record.items() if entry.get("not_after", "9") > stamp(now)}
    lines = ",\n".join(f"{json.dumps(serial)}: {json.dumps(entry, sort_keys=True)}" for serial, entry in kept.items())
    return FileChange(file(authority), f"{{\n{lines}\n}}\n".encode())
