# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was verified in an earlier run and needs not be verified again, as long as not a byte of it differs.

Verifying ten thousand users takes seconds. So the store keeps, for every user, a keyed digest (HMAC) of its token file,
its creds file as it lies on disk, and what was wanted of it. Its key comes from a seed of the operator: who could forge
an entry could sign tokens just as well. What has no entry, or differs in one byte, is verified as ever; operator and
accounts always are. The file is a cache: without it, or when it is damaged, everything is verified.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Callable, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.verb import Seal
from ..plan.writing import write_new
from .draft import Identity
from .keys import KeyPair
from .tree import Operator, User

# Raise it when the same tree makes other claims than before; tests/…/test_checked.py holds it to the encoding.
FORM = 1


@dataclass
class Checked:
    """The entries of one operator. key: of the digests; None where no seed of the operator is at hand."""

    path: str
    key: Optional[bytes] = field(default=None, repr=False)
    entries: Mapping[str, str] = field(default_factory=dict)

    def knows(self, path: str, content: Iterable[bytes], wanted: bytes) -> bool:
        """Whether exactly this was verified before, and is what is wanted. path: of the user's token."""
        found = self.entries.get(path)
        if self.key is None or not isinstance(found, str):
            return False
        return hmac.compare_digest(found, self.entry(path, content, wanted))

    def entry(self, path: str, content: Iterable[bytes], wanted: bytes) -> str:
        """The digest of a user's files and of what is wanted of it."""
        parts = (path.encode(), *content, wanted)
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.digest(self.key or b"", framed, "sha256").hex()[:40]


def wanted_of(user: User, account: str, owner: Identity, operator: Operator) -> bytes:
    """Everything that decides what a user's token says, time aside."""
    context = (FORM, account, owner.public_key, owner.signing_keys, owner.roles, operator.strict_signing_key_usage)
    return f"{context!r} {user!r}".encode()


def load(folder: Folder, path: str, pair: Optional[KeyPair]) -> Checked:
    """The entries that the store keeps at ``path``. pair: a key of the operator whose seed is at hand."""
    if pair is None:
        return Checked(path)
    key = hashlib.sha256(b"aegis.nats checked users\0" + pair.seed.encode()).digest()
    entries: dict[str, str] = {}
    with contextlib.suppress(ValueError, StoreError):
        found = json.loads(folder.read_raw(path) or b"{}")
        entries = found if isinstance(found, dict) else {}
    return Checked(path, key, entries)


class Remembering:
    """A seal that knows what it made of each secret: sealing the same twice gives other bytes.

    progress: told of every thousandth; each takes some milliseconds, so many take minutes.
    """

    def __init__(self, seal: Seal, progress: Callable[[str], None] = lambda line: None) -> None:
        self._seal, self._progress = seal, progress
        self._made: dict[bytes, bytes] = {}

    @property
    def active(self) -> bool:
        return self._seal.active

    def close(self, content: bytes) -> bytes:
        sealed = self._made[content] = self._seal.close(content)
        done = len(self._made)
        if done % 1000 == 0:
            self._progress(f"{done} secrets are sealed")
        return sealed

    def open(self, content: bytes, path: str) -> bytes:
        return self._seal.open(content, path)

    def on_disk(self, change: FileChange) -> bytes:
        """What a change that was made left on disk."""
        content = change.content or b""
        return self._made.get(content, content) if change.secret else content


def save(folder: Folder, checked: Checked, entries: Mapping[str, str]) -> None:
    """Keep the entries, where they differ. Not journalled: a loss costs time and nothing else."""
    if checked.key is None or entries == checked.entries:
        return
    place = folder.root / checked.path
    fresh = place.with_name(f"{place.name}.new")
    try:
        write_new(fresh, json.dumps(entries, indent=0, sort_keys=True).encode(), 0o600, synced=False)
        os.replace(fresh, place)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
