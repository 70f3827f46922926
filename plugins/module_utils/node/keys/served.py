# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the releases of a host say about keys and certificates: which are served, and which keys nobody needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Optional

from ..files import NOBODY_NAMED, remove_tree
from ..transaction import Releases
from .der import read_certificate
from .records import keys_folder, read_keys, unused


def served(releases: Releases, loaded: Optional[str], now: datetime) -> list[dict[str, Any]]:
    """One entry a certificate; ``served`` when the server was proved to have loaded it. Authorities are left out."""
    current = releases.current()
    before = (releases.contents(loaded) or {}) if loaded not in (None, current) else {}
    found = []
    for path, content in sorted((releases.contents(current) or {}).items()):
        if not path.endswith(".crt") or path.endswith("ca.crt"):
            continue
        entry: dict[str, Any] = {
            "file": path,
            "serial": None,
            "spki_sha256": None,
            "not_after": None,
            "days_left": None,
        }
        try:
            facts = read_certificate(content.decode("ascii"))
        except (ValueError, IndexError):
            facts = None
        if facts is not None:
            entry["serial"], entry["spki_sha256"] = facts.serial, facts.digest
            entry["not_after"] = facts.not_after.strftime("%Y-%m-%dT%H:%M:%SZ")
            entry["days_left"] = (facts.not_after - now) // timedelta(days=1)
        found.append({**entry, "served": loaded == current or before.get(path) == content})
    return found


def drop_unused(releases: Releases) -> list[str]:
    """Remove the private keys that no kept release refers to any more; returns what was removed."""
    folder, current = keys_folder(str(releases.root)), releases.current()
    keys = read_keys(folder, NOBODY_NAMED)
    if not keys:
        return []
    texts = {
        name: [content for path, content in (releases.contents(name) or {}).items() if path.endswith(".conf")]
        for name in releases.names()
    }
    others = [text for name, own in texts.items() if name != current for text in own]
    gone = unused(keys, texts.get(current or "", []), others)
    for key in gone:
        remove_tree(folder / key.folder)
    return [f"keys/{key.folder}" for key in gone]
