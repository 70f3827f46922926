# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one guarded place of this room where third-party libraries are imported: nkeys, cryptography, PyJWT."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Optional, Protocol, cast

from ..plan.errors import MissingLibrary

if TYPE_CHECKING:
    from jwt.api_jws import PyJWS

ALGORITHM = "ed25519-nkey"
LEGACY_ALGORITHM = "ed25519"


class Signer(Protocol):
    """Whatever can sign: a key pair that holds its seed."""

    def sign(self, data: bytes) -> bytes:
        """The Ed25519 signature, 64 bytes."""


@functools.cache
def nkeys() -> Any:
    """The nkeys library; raises MissingLibrary."""
    try:
        import nkeys as library
    except ImportError as error:
        raise MissingLibrary("nkeys", "NKeys are made and used for signing") from error
    return library


def sha512_256(data: bytes) -> bytes:
    """SHA-512/256, by cryptography: hashlib has it only where OpenSSL's build offers it."""
    try:
        from cryptography.hazmat.primitives import hashes
    except ImportError as error:
        raise MissingLibrary("cryptography", "the id of a token is a SHA-512/256 digest") from error
    digest = hashes.Hash(hashes.SHA512_256())
    digest.update(data)
    return digest.finalize()


def x25519_public(raw: bytes) -> bytes:
    """The public half of a 32-byte X25519 private key."""
    try:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    except ImportError as error:
        raise MissingLibrary("cryptography", "curve keys are X25519 keys") from error
    return X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_verifies(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether ``signature`` over ``data`` is by the holder of ``public`` (32 raw bytes)."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise MissingLibrary("cryptography", "signatures are verified with it") from error
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def sign_token(payload: bytes, signer: Signer) -> str:
    """The token of a payload, with the header of the official library."""
    return _jws().encode(payload, cast(Any, signer), algorithm=ALGORITHM, sort_headers=False)


def token_fault(text: str, public: bytes) -> Optional[str]:
    """Why a token was not signed by the holder of ``public`` (32 raw bytes); None when it was."""
    library = _jws()
    from jwt.exceptions import PyJWTError

    try:
        header = library.get_unverified_header(text)
        if str(header.get("typ", "")).upper() != "JWT":
            return f"its header says typ {header.get('typ')!r}, expected JWT"
        library.decode_complete(text, public, algorithms=[ALGORITHM, LEGACY_ALGORITHM])
    except PyJWTError as error:
        return f"its signature does not verify: {error}"
    return None


@functools.cache
def _jws() -> PyJWS:
    """PyJWT that signs and verifies ``ed25519-nkey`` and nothing else (old tokens say ``ed25519``)."""
    try:
        from jwt.algorithms import Algorithm
        from jwt.api_jws import PyJWS
    except ImportError as error:
        raise MissingLibrary("PyJWT", "tokens are signed and read") from error

    class Ed25519Nkey(Algorithm):
        """Keys come prepared: to sign a ``Signer``, to verify the 32 raw bytes of a public key."""

        def prepare_key(self, key: Any) -> Any:
            return key

        def sign(self, msg: bytes, key: Signer) -> bytes:
            return key.sign(msg)

        def verify(self, msg: bytes, key: bytes, sig: bytes) -> bool:
            return ed25519_verifies(key, msg, sig)

        @staticmethod
        def to_jwk(key_obj: Any, as_dict: bool = False) -> Any:
            raise NotImplementedError("an NKey has no JWK form")

        @staticmethod
        def from_jwk(jwk: Any) -> Any:
            raise NotImplementedError("an NKey has no JWK form")

    found = PyJWS(algorithms=[])
    found.register_algorithm(ALGORITHM, Ed25519Nkey())
    found.register_algorithm(LEGACY_ALGORITHM, Ed25519Nkey())
    return found
