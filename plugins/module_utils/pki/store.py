# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in the folder of certificates: ``<authority>.crt`` (with the intermediates above it), ``.key``, ``.csr``
while it waits for its certificate; ``issued/<name>.crt`` (with its intermediates) and ``.key``. Reading only; writing
goes through the folder's commit.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Optional

from ..plan.errors import SealError, StoreError
from ..plan.folder import Folder
from ..plan.sealed import is_sealed
from ..plan.verb import Seal
from . import chain, facts, keys
from .facts import CertificateFacts, stamp
from .issue import Validity, pem

_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Authority:
    """A CA. ``key_open``: its key lies there without a passphrase; ``key_unsealed``: without a seal.

    key: None where it is kept elsewhere. path: its certificate and those above it, up to the root where that is known.
    """

    name: str
    certificate: Any = field(repr=False)
    key: Any = field(repr=False)
    pem: str = field(repr=False)
    facts: CertificateFacts
    key_open: bool = False
    key_unsealed: bool = False
    path: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def chain(self) -> bytes:
        """The PEM of what a peer has to send beside a leaf certificate: nothing, below a root."""
        return b"".join(pem(one) for one in chain.served(self.path))

    def within(self, valid: Validity) -> tuple[Validity, bool]:
        """What is left of it within the life of the authority, and whether that ends earlier."""
        valid = replace(valid, not_before=max(valid.not_before, self.facts.not_before))
        if valid.not_after <= self.facts.not_after:
            return valid, False
        return replace(valid, not_after=self.facts.not_after), True


@dataclass(frozen=True)
class Leaf:
    """What is there of one issued certificate; ``faults`` say in words why it can't be used as it is.

    chain: the PEM of the intermediates that follow it in its file.
    """

    facts: Optional[CertificateFacts] = None
    certificate: Any = field(default=None, repr=False)
    chain: bytes = field(default=b"", repr=False)
    faults: tuple[str, ...] = ()
    key_unsealed: bool = False


def check_seal(wanted: Optional[bool], seal: Seal) -> None:
    """Raise SealError when sealing is asked for where nothing can seal."""
    if wanted and not seal.active:
        raise SealError(
            "seal is true and there is no vault secret here: only the controller, with a vault secret, seals"
        )


def authority_files(name: str) -> tuple[str, str]:
    """Relative paths of an authority's certificate and key."""
    return f"{name}.crt", f"{name}.key"


def leaf_files(name: str) -> tuple[str, str]:
    """Relative paths of an issued certificate and its key."""
    return f"issued/{name}.crt", f"issued/{name}.key"


def file_of(path: Sequence[Any]) -> bytes:
    """What the file of a certificate holds: it, and what peers have to send with it; a root above is theirs."""
    return b"".join(pem(one) for one in (path[0], *chain.served(path[1:])))


def request_file(name: str) -> str:
    """Relative path of the request of an authority that waits for its certificate."""
    return f"{name}.csr"


def waits(folder: Folder, name: str) -> bool:
    """Whether an authority has a key and a request, and its certificate is still to come."""
    certificate_file, key_file = authority_files(name)
    there = (folder.read_raw(file) is not None for file in (key_file, request_file(name)))
    return folder.read_raw(certificate_file) is None and all(there)


def read_authority(folder: Folder, name: str, passphrase: Optional[str], with_key: bool = True) -> Optional[Authority]:
    """The authority, or None when neither certificate nor key is there. Raises StoreError when it can't be used.

    with_key: its key belongs here; otherwise it is not looked at.
    """
    certificate_file, key_file = authority_files(name)
    raw_key = folder.read_raw(key_file) if with_key else None
    text = folder.read(certificate_file)
    if text is None and raw_key is None:
        return None
    if not with_key:
        return _without_key(folder, name, text or b"")
    if waits(folder, name):
        raise StoreError(
            f"authority {name} waits for its certificate: have {folder.root / request_file(name)} signed by the "
            "authority above it, and hand the answer to aegis.nats.authority as certificate_file"
        )
    if text is None or raw_key is None:
        missing, there = (certificate_file, key_file) if text is None else (key_file, certificate_file)
        raise StoreError(
            f"{folder.root / missing}: is missing while {there} is there: put it back from a backup, "
            f"or move {there} away to have a new authority made; where the key is kept elsewhere by intent, say so"
        )
    certificate, *above = chain.load_all(text, str(folder.root / certificate_file))
    key_text = folder.read(key_file) or b""
    key = keys.read(key_text, str(folder.root / key_file), passphrase)
    if keys.spki(key.public_key()) != keys.spki(certificate.public_key()):
        raise StoreError(f"{folder.root / key_file}: is not the key of {certificate_file}: put the right one back")
    return Authority(
        name=name,
        certificate=certificate,
        key=key,
        pem=text.decode("utf-8", "replace"),
        facts=facts.read(certificate),
        key_open=not keys.is_encrypted(key_text),
        key_unsealed=not is_sealed(raw_key),
        path=_path(folder, certificate, above),
    )


def _without_key(folder: Folder, name: str, text: bytes) -> Authority:
    certificate, *above = chain.load_all(text, str(folder.root / authority_files(name)[0]))
    path = _path(folder, certificate, above)
    return Authority(name, certificate, None, text.decode("utf-8", "replace"), facts.read(certificate), path=path)


def _path(folder: Folder, certificate: Any, above: list[Any]) -> tuple[Any, ...]:
    """Up to the root, which may lie beside it as an authority of its own."""
    path = chain.climb(certificate, above)
    return path if chain.is_root(path[-1]) else chain.climb(certificate, [*above, *neighbours(folder)])


def neighbours(folder: Folder) -> list[Any]:
    """The certificates of all authorities of the folder; what can't be read is passed over, its own task tells it."""
    found: list[Any] = []
    for path in folder.names(".crt"):
        if "/" not in path:
            with contextlib.suppress(StoreError):
                found += chain.load_all(folder.read(path) or b"", path)
    return found


def has_authority(folder: Folder, name: str) -> bool:
    """Whether anything of the authority is there."""
    return any(folder.read_raw(file) is not None for file in authority_files(name))


def check_authority(authority: Authority, now: datetime) -> None:
    """Raise StoreError, with everything that is wrong, when this authority must not sign now."""
    found, name = authority.facts, authority.name
    wrong = chain.authority_faults(found, "it")
    if now >= found.not_after:
        wrong.append(f"it expired on {stamp(found.not_after)}")
    if now < found.not_before:
        # To the minute, so that two tasks of one run say the same.
        wrong.append(f"it is not valid before {stamp(found.not_before)} and the clock here says {now:%Y-%m-%dT%H:%MZ}")
    if not wrong and len(authority.path) > 1:
        wrong = chain.path_faults(authority.path, now)
    if wrong:
        raise StoreError(
            f"authority {name}: {'; '.join(wrong)}. Put an authority in its place that can sign, set the clock right, "
            f"or move {name}.crt and {name}.key away to have a new one made"
        )


def read_leaf(folder: Folder, name: str, with_key: bool) -> Leaf:
    """What is there of one issued certificate. ``with_key``: its key belongs here too (it was not made from a CSR)."""
    certificate_file, key_file = leaf_files(name)
    raw_key = folder.read_raw(key_file) if with_key else None
    content = folder.read_raw(certificate_file)
    if content is None:
        return Leaf(faults=("its certificate file is missing",) if raw_key is not None else ())
    try:
        certificate = facts.load(content, certificate_file)
        found = facts.read(certificate)
        following = content.partition(_END)[2].strip()
    except (StoreError, ValueError):
        return Leaf(faults=("its certificate file is damaged",))
    faults: tuple[str, ...] = ()
    if with_key:
        faults = _key_faults(raw_key, certificate)
    unsealed = raw_key is not None and not is_sealed(raw_key)
    return Leaf(found, certificate, following and following + b"\n", faults, unsealed)


def _key_faults(raw: Optional[bytes], certificate: Any) -> tuple[str, ...]:
    """A sealed key is looked at from outside: opening one costs a key derivation each, a second for 300."""
    if raw is None:
        return ("its key file is missing",)
    if is_sealed(raw):
        return () if _seems_whole(raw) else ("its key file is damaged",)
    try:
        key = keys.read(raw, "key")
    except StoreError:
        return ("its key file is damaged",)
    fits = keys.spki(key.public_key()) == keys.spki(certificate.public_key())
    return () if fits else ("its key is not that of its certificate",)


def _seems_whole(sealed: bytes) -> bool:
    """Whether a vault file has its three hex parts, the last in whole AES blocks."""
    try:
        parts = bytes.fromhex("".join(sealed.decode("ascii").split("\n")[1:])).split(b"\n", 2)
    except ValueError:
        return False
    return len(parts) == 3 and bool(parts[2]) and len(parts[2]) % 32 == 0 and bool(re.match(rb"^[0-9a-f]+$", parts[2]))
