# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""NKeys: pairs of every role, their text form and its checks (nats-io/nkeys, strkey.go and crc16.go)."""

from __future__ import annotations

import base64
import binascii
import functools
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Optional

from ..plan.errors import NatsError
from . import libraries

_SEED = 18 << 3
_PUBLIC_LENGTH = 56
_SEED_LENGTH = 58
_LIKE_A_SEED = re.compile(r"S[OAUNCX][A-Z2-7]{20,}\Z")


class KeyProblem(NatsError):
    """A text is not the key that it should be. Never repeats a seed."""


class Role(Enum):
    """What a key is for; the value is its name, ``letter`` the first letter of its public key."""

    OPERATOR = "operator"
    ACCOUNT = "account"
    USER = "user"
    SERVER = "server"
    CLUSTER = "cluster"
    CURVE = "curve"

    @property
    def prefix(self) -> int:
        return _PREFIX[self]

    @property
    def letter(self) -> str:
        return _LETTER[self]


_PREFIX = {
    Role.OPERATOR: 14 << 3,
    Role.ACCOUNT: 0,
    Role.USER: 20 << 3,
    Role.SERVER: 13 << 3,
    Role.CLUSTER: 2 << 3,
    Role.CURVE: 23 << 3,
}
_LETTER = {
    Role.OPERATOR: "O",
    Role.ACCOUNT: "A",
    Role.USER: "U",
    Role.SERVER: "N",
    Role.CLUSTER: "C",
    Role.CURVE: "X",
}
_BY_PREFIX = {prefix: role for role, prefix in _PREFIX.items()}


@dataclass(frozen=True)
class KeyPair:
    """A pair whose seed is known. The seed is never shown by ``repr``."""

    role: Role
    seed: str = field(repr=False)
    public_key: str

    def sign(self, data: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes; curve keys can't sign."""
        if self.role is Role.CURVE:
            raise KeyProblem(f"{self.public_key} is a curve key: it encrypts, it can't sign")
        signature: bytes = self._pair.sign(data)
        return signature

    @functools.cached_property
    def _pair(self) -> Any:
        return libraries.nkeys().from_seed(self.seed.encode())


def make(role: Role, raw: bytes) -> KeyPair:
    """A pair from 32 random bytes."""
    if len(raw) != 32:
        raise KeyProblem(f"a key needs 32 random bytes, not {len(raw)}")
    seed = _text(bytes([_SEED | role.prefix >> 5, (role.prefix & 31) << 3]) + raw)
    return KeyPair(role, seed, _public(role, seed, raw))


def from_seed(text: str, role: Optional[Role] = None) -> KeyPair:
    """The pair of a seed, checked; ``role`` is what it has to be. Raises KeyProblem."""
    seed = text.strip()
    found, raw = _read_seed(seed)
    if role is not None and found is not role:
        raise KeyProblem(f"it is the seed of {article(found)} key, expected {article(role)} key")
    return KeyPair(found, seed, _public(found, seed, raw))


def role_of(public_key: str) -> Role:
    """The role of a public key, its length and checksum verified. Raises KeyProblem."""
    return read_public(public_key)[0]


def is_public(text: object, role: Role) -> bool:
    """Whether a text is a whole public key of that role."""
    try:
        return isinstance(text, str) and role_of(text) is role
    except KeyProblem:
        return False


def refuse_seed(text: object, role: Role) -> None:
    """Raise ValueError where a seed stands in the place of a public key: with the key to write, never with the seed."""
    if not isinstance(text, str) or not _LIKE_A_SEED.match(text.strip()):
        return
    try:
        pair = from_seed(text)
    except KeyProblem:
        instead = f"the public key, which begins with {role.letter}"
    else:
        right = pair.role is role
        instead = f"its public key {pair.public_key}" if right else f"the public key of {article(role)}"
    raise ValueError(f"is a seed, which stays with its owner: write {instead}")


def read_public(public_key: str) -> tuple[Role, bytes]:
    """Role and 32 raw bytes of a public key. Raises KeyProblem."""
    raw = _bytes(public_key, _PUBLIC_LENGTH, "public key")
    role = _BY_PREFIX.get(raw[0])
    if role is None:
        raise KeyProblem(f"{public_key[:4]}… is not a public NKey: it starts with none of O A U N C X")
    return role, raw[1:]


def _read_seed(seed: str) -> tuple[Role, bytes]:
    raw = _bytes(seed, _SEED_LENGTH, "seed")
    role = _BY_PREFIX.get((raw[0] & 7) << 5 | raw[1] >> 3)
    if raw[0] & 0xF8 != _SEED or role is None:
        raise KeyProblem("it is not a seed: a seed starts with SO, SA, SU, SN, SC or SX")
    return role, raw[2:]


def _public(role: Role, seed: str, raw: bytes) -> str:
    if role is Role.CURVE:
        return _text(bytes([role.prefix]) + libraries.x25519_public(raw))
    text: bytes = libraries.nkeys().from_seed(seed.encode()).public_key
    return text.decode()


def _text(payload: bytes) -> str:
    # binascii's CRC-CCITT started at 0 is the CRC-16/XMODEM of nkeys.
    checksum = binascii.crc_hqx(payload, 0).to_bytes(2, "little")
    return base64.b32encode(payload + checksum).decode().rstrip("=")


def _bytes(text: str, length: int, what: str) -> bytes:
    if len(text) != length:
        raise KeyProblem(f"it is not a whole {what}: it has {len(text)} characters, expected {length}")
    try:
        raw = base64.b32decode(text + "=" * (-length % 8))
    except (binascii.Error, ValueError) as error:
        raise KeyProblem(f"it is not a {what}: only A to Z and 2 to 7 may occur") from error
    payload, checksum = raw[:-2], raw[-2:]
    if binascii.crc_hqx(payload, 0).to_bytes(2, "little") != checksum or _text(payload) != text:
        raise KeyProblem(f"its checksum is wrong: the {what} was mistyped or cut")
    return payload


def article(role: Role) -> str:
    """``a user``, ``an account``."""
    return f"{'an' if role.value[0] in 'aeiou' and role is not Role.USER else 'a'} {role.value}"
