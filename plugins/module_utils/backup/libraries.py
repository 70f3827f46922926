# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where this room imports cryptography; without it the fronts still load."""

from __future__ import annotations

from typing import Any, Optional

from ..plan.errors import MissingLibrary

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    InvalidTag = Exception  # type: ignore[assignment,misc]
    AESGCM = None  # type: ignore[assignment,misc]


def aes_gcm(key: bytes) -> Any:
    """AES-256-GCM with a key of 32 bytes."""
    if AESGCM is None:
        raise MissingLibrary("cryptography", "to encrypt and open archives")
    return AESGCM(key)


def opened(cipher: Any, nonce: bytes, content: bytes, associated: bytes) -> Optional[bytes]:
    """The plaintext; None where content, nonce or associated data are not what was sealed."""
    try:
        plain: bytes = cipher.decrypt(nonce, content, associated)
    except InvalidTag:
        return None
    return plain
