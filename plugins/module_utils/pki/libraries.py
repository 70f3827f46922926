# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where this room imports cryptography, 38 or newer, and bcrypt; without them the fronts still load."""

from __future__ import annotations

from typing import Any, Optional

from ..plan.errors import MissingLibrary

MISSING: Optional[str] = None
try:
    import cryptography
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
except ImportError as error:
    MISSING = str(error)
    cryptography = x509 = hashes = serialization = None  # type: ignore[assignment]
    ec = ed25519 = padding = rsa = None  # type: ignore[assignment]
    AuthorityInformationAccessOID = ExtendedKeyUsageOID = NameOID = None  # type: ignore[assignment,misc]
    InvalidSignature = UnsupportedAlgorithm = Exception  # type: ignore[assignment,misc]

try:
    import bcrypt as bcrypt_library
except ImportError:
    bcrypt_library = None  # type: ignore[assignment]

__all__ = [
    "AuthorityInformationAccessOID",
    "ExtendedKeyUsageOID",
    "InvalidSignature",
    "NameOID",
    "UnsupportedAlgorithm",
    "bcrypt",
    "ec",
    "ed25519",
    "hashes",
    "need_cryptography",
    "padding",
    "rsa",
    "serialization",
    "version",
    "x509",
]


def bcrypt() -> Any:
    """The bcrypt library; raises MissingLibrary."""
    if bcrypt_library is None:
        raise MissingLibrary("bcrypt", "passwords are hashed with it")
    return bcrypt_library


def need_cryptography(reason: str) -> None:
    """Raise MissingLibrary with the ``reason`` when cryptography can't be imported here."""
    if MISSING is not None:
        raise MissingLibrary("cryptography", reason)


def version() -> tuple[int, ...]:
    """Major and minor of the cryptography that was imported."""
    found: Any = cryptography.__version__
    return tuple(int(part) for part in found.split(".")[:2])
