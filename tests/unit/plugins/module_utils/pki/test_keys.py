# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys: written, read, and refused with the right words."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa

EC = keys.generate(KEY_TYPES["ecdsa-p256"])


@pytest.mark.parametrize("name", ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"])
@pytest.mark.parametrize("passphrase", [None, "hunter22 ünd"])
def test_a_key_comes_back(name: str, passphrase: str | None) -> None:
    key = keys.generate(KEY_TYPES[name])
    text = keys.write(key, passphrase)
    again = keys.read(text, "ca.key", passphrase)
    assert keys.spki(again.public_key()) == keys.spki(key.public_key())
    assert keys.type_of(again.public_key()) == name
    assert keys.is_encrypted(text) is (passphrase is not None)


def test_an_open_key_opens_with_a_passphrase_at_hand() -> None:
    assert keys.read(keys.write(EC), "ca.key", "hunter22hunter")


def test_pin_is_the_digest_of_the_public_key_info() -> None:
    der = EC.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert keys.spki_sha256(EC.public_key()) == hashlib.sha256(der).hexdigest()


SEALED = keys.write(EC, "hunter22hunter")
OPEN = keys.write(EC)


@pytest.mark.parametrize(
    ("content", "passphrase", "words"),
    [
        (b"", None, "is not a private key in PEM form"),
        (b"hello", None, "is not a private key in PEM form"),
        (OPEN[:100], None, "is cut off"),
        (OPEN.replace(b"MIGH", b"MIGG"), None, "the key is damaged"),
        (b"-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----\n", None, "the key is damaged"),
        (OPEN.replace(b"PRIVATE KEY", b"CERTIFICATE"), None, "is cut off"),
        (SEALED, None, "the key is encrypted: give its passphrase"),
        (SEALED, "wrong-passphrase", "the passphrase does not open this key"),
        (SEALED[:150], "hunter22hunter", "is cut off"),
    ],
    ids=range(9),
)
def test_refusals(content: bytes, passphrase: str | None, words: str) -> None:
    with pytest.raises(StoreError) as caught:
        keys.read(content, "nats/pki/ca.key", passphrase)
    assert words in str(caught.value)
    assert str(caught.value).startswith("nats/pki/ca.key: ")
    assert "hunter22" not in str(caught.value)


def test_a_key_of_another_kind() -> None:
    text = dsa.generate_private_key(2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(StoreError, match="neither ECDSA, RSA nor Ed25519"):
        keys.read(text, "ca.key")
