# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of authorities that take turns: ``next/`` becomes the present one, the present one ``previous/``.

``ca.crt`` is what peers trust: during a rotation it holds both roots, the one that signs first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from . import chain, facts, revocation, revocation_list, serials, store
from .facts import CertificateFacts
from .issue import pem
from .rotation import NEXT, PREVIOUS, RETIRED

TRUSTED = "ca"
_PUBLIC = (".crt", ".csr", ".crl")
#: The certificates that prove whom servers accept; they serve nothing else.
PROBE = "rotation/probe"


def certificates(folder: Folder, path: str) -> tuple[Any, ...]:
    """Those of a PEM file; none where it is missing."""
    content = folder.read(path)
    return tuple(chain.load_all(content, str(folder.root / path))) if content is not None else ()


def check_next(folder: Folder, names: Sequence[str], now: datetime) -> tuple[CertificateFacts, CertificateFacts]:
    """The present and the next root. Raises StoreError when the next one can't take over."""
    present, coming = certificates(folder, f"{TRUSTED}.crt"), certificates(folder, f"{NEXT}/{TRUSTED}.crt")
    if not present:
        raise StoreError(f"{folder.root}: there is no authority {TRUSTED} to rotate: deploy first")
    old, new = facts.read(present[0]), facts.read(coming[0])
    place = folder.root / NEXT / f"{TRUSTED}.crt"
    if new.spki_sha256 == old.spki_sha256:
        raise StoreError(
            f"{place}: has the key of the present authority: give the certificate (and key) of the one that follows it"
        )
    wrong = [*chain.authority_faults(new), *chain.path_faults(coming, now)]
    for name in names:
        found = certificates(folder, f"{NEXT}/{name}.crt")
        if not found:
            wrong.append(f"the authority {name} below it is not there yet{_waiting(folder, name)}")
        elif name != TRUSTED:
            path = chain.climb(found[0], [*found[1:], *coming])
            wrong += chain.path_faults(path, now)
            wrong += [] if coming[0] in path else [f"the authority {name} in {NEXT} is not below it"]
    if wrong:
        raise StoreError(f"{place}: {'; '.join(dict.fromkeys(wrong))}. Nothing was changed")
    return old, new


def _waiting(folder: Folder, name: str) -> str:
    """What an authority waits for whose root is elsewhere."""
    if not store.waits(folder, f"{NEXT}/{name}"):
        return ""
    request = folder.root / store.request_file(f"{NEXT}/{name}")
    return f": have {request} signed by it, give the answer as certificate_file, and run this again"


def trust_both(folder: Folder) -> list[FileChange]:
    """The present authority goes on signing, the next one is trusted beside it."""
    return [_bundle(f"{TRUSTED}.crt", certificates(folder, f"{TRUSTED}.crt"), _next(folder))]


def take_over(folder: Folder, names: Sequence[str]) -> list[FileChange]:
    """The next authority signs from now on; both are trusted."""
    coming = _next(folder)
    before = [one for one in certificates(folder, f"{TRUSTED}.crt") if one not in coming]
    changes = [_bundle(f"{TRUSTED}.crt", coming, before), _bundle(f"{PREVIOUS}/{TRUSTED}.crt", before)]
    for name in names:
        for file in _files(name):
            if file != f"{TRUSTED}.crt":
                changes += _move(folder, file, f"{PREVIOUS}/{file}")
                changes += _move(folder, f"{NEXT}/{file}", file)
    # What was moved there from next/ is not removed as the one before's; of two changes to a file the last counts.
    return [*changes, *_removed(folder, NEXT, changes)]


def trust_one(folder: Folder) -> list[FileChange]:
    """Only the authority that signs is trusted."""
    before = certificates(folder, f"{PREVIOUS}/{TRUSTED}.crt")
    return [
        _bundle(f"{TRUSTED}.crt", [one for one in certificates(folder, f"{TRUSTED}.crt") if one not in before]),
    ]


def retire(folder: Folder, fingerprint: str, names: Sequence[str]) -> list[FileChange]:
    """The authority before, which nobody trusts any more, is put away; what proved it is removed."""
    place = f"{RETIRED}/{fingerprint.replace(':', '').lower()[:16]}"
    changes = [
        change
        for name in names
        for file in _files(name)
        for change in _move(folder, f"{PREVIOUS}/{file}", f"{place}/{file}")
    ]
    changes += _removed(folder, PREVIOUS, changes)
    probes = [file for file in store.leaf_files(PROBE) if folder.read_raw(file) is not None]
    return [*changes, *(FileChange(file, None) for file in probes)]


def _next(folder: Folder) -> tuple[Any, ...]:
    return certificates(folder, f"{NEXT}/{TRUSTED}.crt")


def _bundle(path: str, *groups: Sequence[Any]) -> FileChange:
    found = dict.fromkeys(pem(one) for group in groups for one in group)
    return FileChange(path, b"".join(found), mode=0o644)


def _files(name: str) -> tuple[str, ...]:
    """Everything that an authority may have."""
    return (
        *store.authority_files(name),
        store.request_file(name),
        serials.file(name),
        revocation.file(name),
        *revocation_list.files(name),
    )


def _move(folder: Folder, source: str, target: str) -> list[FileChange]:
    """A file in another place; what is missing is missing there too."""
    content = folder.read(source)
    if content is None:
        return [FileChange(target, None)] if folder.read_raw(target) is not None else []
    mode = 0o644 if source.endswith(_PUBLIC) else 0o600
    return [FileChange(source, None), FileChange(target, content, mode, secret=source.endswith(".key"))]


def _removed(folder: Folder, below: str, changes: Sequence[FileChange]) -> list[FileChange]:
    """What is left in a folder that is not needed any more."""
    told = {change.path for change in changes}
    left = [path for path in folder.names() if path.startswith(f"{below}/") and path not in told]
    return [FileChange(path, None) for path in left]
