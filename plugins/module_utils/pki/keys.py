# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys: made, written as PKCS#8 PEM, read back with errors that say what is wrong."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Any, Optional, Union

from ..plan.errors import StoreError
from .libraries import UnsupportedAlgorithm, ec, ed25519, rsa, serialization, version
from .profiles import KeyType

if TYPE_CHECKING:
    PrivateKey = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey]

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.*?)-----END \1-----", re.DOTALL)


def generate(key_type: KeyType) -> PrivateKey:
    """A new key; the randomness is OpenSSL's."""
    if key_type.family == "ecdsa":
        return ec.generate_private_key(ec.SECP384R1() if key_type.size == 384 else ec.SECP256R1())
    if key_type.family == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=key_type.size)
    return ed25519.Ed25519PrivateKey.generate()


def write(key: PrivateKey, passphrase: Optional[str] = None) -> bytes:
    """PKCS#8 PEM, encrypted when there is a passphrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def read(content: bytes, path: str, passphrase: Optional[str] = None) -> PrivateKey:
    """The key of a PEM file; an unencrypted one opens with or without passphrase. Raises StoreError naming ``path``."""
    armour = _PEM.search(content)
    if armour is None or b"PRIVATE KEY" not in armour.group(1):
        what = "is cut off" if b"-----BEGIN" in content else "is not a private key in PEM form"
        raise StoreError(f"{path}: {what}: put the whole file back from a backup")
    encrypted = is_encrypted(content)
    if encrypted and not passphrase:
        raise StoreError(f"{path}: the key is encrypted: give its passphrase")
    # The whole check of an RSA key takes longer than making a certificate; that it fits, its public half tells.
    options: dict[str, Any] = {"unsafe_skip_rsa_key_validation": True} if version() >= (39,) else {}
    secret = passphrase.encode() if encrypted and passphrase else None
    try:
        key = serialization.load_pem_private_key(content, secret, **options)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if encrypted and _decodes(armour.group(2)):
            raise StoreError(f"{path}: the passphrase does not open this key") from error
        raise StoreError(f"{path}: the key is damaged: put the file back from a backup") from error
    if not isinstance(key, (ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey)):
        raise StoreError(f"{path}: the key is neither ECDSA, RSA nor Ed25519: use one of these")
    return key


def is_encrypted(content: bytes) -> bool:
    """Whether a key in PEM form needs a passphrase."""
    return b"BEGIN ENCRYPTED PRIVATE KEY" in content or b"Proc-Type: 4,ENCRYPTED" in content


def type_of(public: object) -> str:
    """``ecdsa-p256``, ``rsa-2048``, ``ed25519`` and so on, of a public key."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        curves = {"secp256r1": "p256", "secp384r1": "p384", "secp521r1": "p521"}
        return f"ecdsa-{curves.get(public.curve.name, public.curve.name)}"
    if isinstance(public, rsa.RSAPublicKey):
        return f"rsa-{public.key_size}"
    return "ed25519" if isinstance(public, ed25519.Ed25519PublicKey) else "unknown"


def spki(public: Any) -> bytes:
    """SubjectPublicKeyInfo, DER: what says that a key and a certificate belong together."""
    der: bytes = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return der


def spki_sha256(public: Any) -> str:
    """What nats-server compares with ``pinned_certs``: hex of the SHA-256 of the SubjectPublicKeyInfo."""
    return hashlib.sha256(spki(public)).hexdigest()


def _decodes(body: bytes) -> bool:
    lines = [line for line in body.split() if b":" not in line and b"," not in line]
    try:
        base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error:
        return False
    return True
