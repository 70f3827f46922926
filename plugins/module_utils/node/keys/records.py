# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private keys that live on a host: ``keys/<name>-<digest>/`` with ``tls.key`` and its request, ``tls.csr``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Optional

from ..files import Ownership, attribute_differences
from .choose import DIGITS, HostKey
from .der import RequestFacts, read_request

KEY_FILE, REQUEST_FILE = "tls.key", "tls.csr"
KEY_MODE, REQUEST_MODE = 0o600, 0o640
_FOLDER = re.compile(rf"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)-(?P<digest>[0-9a-f]{{{DIGITS}}})\Z")


def keys_folder(config_dir: str) -> Path:
    """Where the keys lie."""
    return Path(config_dir.rstrip("/")) / "keys"


def folder_as(ownership: Ownership) -> tuple[int, Ownership]:
    """Mode and ownership of the folders: they stay with whoever makes keys, so that the server puts no link there."""
    return (0o750 if ownership.group else 0o700), Ownership(None, ownership.group)


def read_keys(folder: Path, ownership: Ownership) -> list[HostKey]:
    """The keys that are there, without opening one. What has no key file is none."""
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = []
    for name in names:
        match = _FOLDER.match(name)
        place = folder / name
        if match and (place / KEY_FILE).is_file() and not (place / KEY_FILE).is_symlink():
            found.append(_read(place, match.group("name"), match.group("digest"), ownership))
    return found


def _read(place: Path, name: str, digest: str, ownership: Ownership) -> HostKey:
    text, facts = _request(place / REQUEST_FILE)
    if facts is None or facts.digest[:DIGITS] != digest:
        text, facts = None, None
    faults = [f"its folder: {difference}" for difference in attribute_differences(place, *folder_as(ownership))]
    faults += attribute_differences(place / KEY_FILE, KEY_MODE, ownership)
    return HostKey(
        name=name,
        digest=digest,
        made=round((place / KEY_FILE).stat().st_mtime, 3),
        request=text,
        key_type=facts.key_type if facts else None,
        dns=facts.dns if facts else (),
        ip=facts.ip if facts else (),
        faults=tuple(faults),
    )


def _request(place: Path) -> tuple[Optional[str], Optional[RequestFacts]]:
    try:
        text = place.read_text(encoding="ascii")
        return text, read_request(text)
    except (OSError, ValueError, IndexError):
        return None, None


def unused(keys: Iterable[HostKey], current: Sequence[bytes], others: Sequence[bytes]) -> list[HostKey]:
    """Keys that no configuration names any more, and that are older than the one that replaced them.

    current: the configurations of the release that is switched in; others: those of the other kept releases. A newer
    one that nobody names waits for its certificate.
    """
    known = list(keys)
    in_use = [key for key in known if _is_named(key, current)]
    newest: dict[str, float] = {}
    for key in in_use:
        newest[key.name] = max(key.made, newest.get(key.name, key.made))
    return [
        key
        for key in known
        if key not in in_use and not _is_named(key, others) and key.name in newest and key.made < newest[key.name]
    ]


def _is_named(key: HostKey, texts: Sequence[bytes]) -> bool:
    form = f"/keys/{key.folder}/".encode()
    return any(form in text for text in texts)
