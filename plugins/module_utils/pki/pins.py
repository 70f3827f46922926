# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public keys for which a name stands where keys are pinned: its present one and the one before.

A server has to pin a new key before anybody shows it, and to go on pinning the one before as long as connections live
that were made with it: nats-server closes those whose key is not pinned any more. What is revoked stands for nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime

from ..plan.folder import Folder
from . import revocation, serials
from .facts import stamp
from .rotation import NEXT

_SUFFIX = serials.file("")
_AT_ONCE = 2


def keys_before(folder: Folder, revoked: Container[str], now: datetime) -> dict[str, list[str]]:
    """Name -> digests of the keys that were certified for it, the latest first, by whichever authority of the folder.

    revoked: serials that count as such besides those that the ledgers say. Certificates that have ended are left out.
    """
    entries: list[tuple[str, str, str]] = []
    for path in folder.names(_SUFFIX):
        authority = path[: -len(_SUFFIX)]
        if authority.startswith(f"{NEXT}/"):
            continue
        out = revocation.read(folder, authority).revoked
        for serial, told in serials.read(folder, authority).items():
            is_good = serial not in out and serial not in revoked and told.get("not_after", "") > stamp(now)
            if is_good and told.get("spki_sha256"):
                entries.append((told.get("issued", ""), told.get("name", ""), told["spki_sha256"]))
    found: dict[str, list[str]] = {}
    for _dummy, name, digest in sorted(entries, reverse=True):
        found.setdefault(name, []).append(digest)
    return found


def pins_of(present: Iterable[str], past: Mapping[str, list[str]], name: str) -> list[str]:
    """The digests for which a name stands. present: those that are known of its certificates, the newest first."""
    return list(dict.fromkeys(digest for digest in (*present, *past.get(name, ())) if digest))[:_AT_ONCE]
