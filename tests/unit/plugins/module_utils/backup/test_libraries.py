# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AES-256-GCM, against a published vector."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup import libraries
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import MissingLibrary


def test_it_is_aes_256_gcm() -> None:
    # Test case 14 of "The Galois/Counter Mode of Operation" (McGrew, Viega).
    cipher = libraries.aes_gcm(bytes(32))
    assert cipher.encrypt(bytes(12), bytes(16), b"").hex() == (
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"
    )


def test_what_was_changed_does_not_open() -> None:
    cipher = libraries.aes_gcm(bytes(32))
    sealed = cipher.encrypt(bytes(12), b"content", b"associated")
    assert libraries.opened(cipher, bytes(12), sealed, b"associated") == b"content"
    assert libraries.opened(cipher, bytes(12), sealed, b"other") is None
    assert libraries.opened(cipher, b"\1" + bytes(11), sealed, b"associated") is None
    assert libraries.opened(cipher, bytes(12), sealed[:8], b"associated") is None


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "AESGCM", None)
    with pytest.raises(MissingLibrary, match="cryptography"):
        libraries.aes_gcm(bytes(32))
