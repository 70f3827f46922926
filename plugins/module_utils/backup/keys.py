# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens an archive: a passphrase, the play's own vault secret, or nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..plan.errors import NatsError
from ..plan.verb import Seal
from . import libraries

#: scrypt, RFC 7914: 32 MiB and about a quarter of a second (OWASP's second choice of equal strength).
COST: Mapping[str, int] = {"n": 1 << 15, "r": 8, "p": 3}
_MOST = {"n": 1 << 20, "r": 32, "p": 16}
TAG = 16


class WrongKey(NatsError):
    """The archive can't be opened with what was given."""


@dataclass(frozen=True)
class Secret:
    """What the caller has: a passphrase, a seal that holds vault secrets, or both. Never shown."""

    passphrase: Optional[str] = field(repr=False)
    seal: Seal = field(repr=False)


class Lock:
    """Closes and opens the chunks of one archive. A lock without key only notices damage, not intent."""

    def __init__(self, key: Optional[bytes]) -> None:
        self._key = key
        self._cipher = libraries.aes_gcm(key) if key is not None else None

    def check(self, header: bytes) -> str:
        """What tells a wrong key from a damaged chunk."""
        return hmac.new(self._key or b"", b"key check" + header, hashlib.sha256).hexdigest()[:32]

    def close(self, number: int, associated: bytes, content: bytes) -> bytes:
        """A chunk as it lies in the archive: its content and ``TAG`` bytes more. A number is used once a key."""
        nonce = number.to_bytes(12, "big")
        if self._cipher is None:
            return content + _digest(nonce, associated, content)
        sealed: bytes = self._cipher.encrypt(nonce, content, associated)
        return sealed

    def open(self, number: int, associated: bytes, chunk: bytes) -> Optional[bytes]:
        """The content of a chunk; None where it is not the one of that number."""
        nonce = number.to_bytes(12, "big")
        if self._cipher is not None:
            return libraries.opened(self._cipher, nonce, chunk, associated)
        content = chunk[:-TAG]
        return content if chunk[-TAG:] == _digest(nonce, associated, content) else None


def _digest(nonce: bytes, associated: bytes, content: bytes) -> bytes:
    found = hashlib.sha256(nonce + associated)
    found.update(content)
    return found.digest()[:TAG]


def new_key(secret: Secret, encrypt: bool, random: Callable[[int], bytes]) -> tuple[Optional[bytes], dict[str, Any]]:
    """The key of a new archive, and what its header says of it. A passphrase comes before the vault secret."""
    if not encrypt:
        return None, {"from": "nothing"}
    if secret.passphrase:
        salt = random(32)
        return _derived(secret.passphrase, salt, COST), {"from": "passphrase", "salt": salt.hex(), **COST}
    key = random(32)
    return key, {"from": "vault", "sealed": secret.seal.close(key.hex().encode()).decode("ascii")}


def known_key(said: Mapping[str, Any], secret: Secret, path: str) -> Optional[bytes]:
    """The key of an archive by what its header says. Raises WrongKey, SealError."""
    source = said.get("from")
    if source == "nothing":
        return None
    try:
        return _said_key(source, said, secret, path)
    except ValueError as error:
        raise WrongKey(f"{path}: what its header says of its key is damaged: take another copy") from error


def _said_key(source: object, said: Mapping[str, Any], secret: Secret, path: str) -> bytes:
    if source == "vault":
        sealed = str(said.get("sealed", "")).encode()
        return bytes.fromhex(secret.seal.open(sealed, path).decode("ascii", "replace"))
    if source != "passphrase":
        raise WrongKey(f"{path}: its key comes from {source!r}, which this release does not know: use a later one")
    if not secret.passphrase:
        raise WrongKey(f"{path}: it was encrypted with a passphrase: give it as passphrase")
    cost = {name: said.get(name) for name in COST}
    if any(not isinstance(value, int) or not 0 < value <= _MOST[name] for name, value in cost.items()):
        raise WrongKey(f"{path}: its header names a cost of scrypt that nobody writes: it is damaged")
    return _derived(secret.passphrase, bytes.fromhex(str(said.get("salt", ""))), said)


def _derived(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    n, r, p = cost["n"], cost["r"], cost["p"]
    most = 256 * n * r + 256 * r * p
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=most, dklen=32)
