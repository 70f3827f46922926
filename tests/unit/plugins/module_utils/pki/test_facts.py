# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certificates say, against what cryptography and openssl's conventions say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.names import Names
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import NOW
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEYS = {kind: keys.generate(KEY_TYPES[kind]) for kind in ("ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519")}


def root(kind: str = "ecdsa-p256", name: str = "Test CA") -> x509.Certificate:
    certificate: x509.Certificate = issue.root(KEYS[kind], issue.Subject(name), issue.validity(10, NOW), 0xABC)
    return certificate


def plain() -> x509.Certificate:
    """A certificate without any extension, of a curve that is not ours."""
    key = ec.generate_private_key(ec.SECP521R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CH")])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 5)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA512())
    )


@pytest.mark.parametrize("kind", KEYS)
def test_facts_of_a_root(kind: str) -> None:
    found = facts.read(root(kind))
    assert (found.common_name, found.organization, found.serial) == ("Test CA", None, "0ABC")
    assert found.key_type == kind
    assert found.lifetime == timedelta(days=10, minutes=5)
    assert found.fingerprint_sha256 == root_fingerprint(found, kind)
    assert found.spki_sha256 == keys.spki_sha256(KEYS[kind].public_key())


def root_fingerprint(found: facts.CertificateFacts, kind: str) -> str:
    """Signatures of ECDSA differ each time, so only the shape can be told for them."""
    if kind.startswith("ecdsa"):
        assert len(found.fingerprint_sha256) == 64
        return found.fingerprint_sha256
    return root(kind).fingerprint(hashes.SHA256()).hex()


def test_absent_extensions_are_none() -> None:
    found = facts.read(plain())
    assert (found.common_name, found.key_usages, found.usages, found.subject_key_id) == (None, None, None, None)
    assert (found.is_ca, found.names, found.key_type) == (False, Names(), "ecdsa-p521")


@pytest.mark.parametrize("kind", KEYS)
def test_signed_by(kind: str) -> None:
    signer, other = root(kind), root("ecdsa-p256" if kind != "ecdsa-p256" else "ecdsa-p384")
    assert facts.signed_by(signer, signer)
    assert not facts.signed_by(signer, other)
    assert not facts.signed_by(other, signer)
    renamed = root(kind, "Another CA")
    assert not facts.signed_by(signer, renamed)


def test_days_left_are_whole_days_and_go_below_zero() -> None:
    found = facts.read(root())
    assert found.days_left(NOW) == 10
    assert found.days_left(NOW + timedelta(seconds=1)) == 9
    assert found.days_left(found.not_after + timedelta(seconds=1)) == -1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a certificate in PEM form"),
        (issue.pem(root())[:200], "is damaged or cut off"),
        (issue.pem(root()).replace(b"MII", b"MIJ", 1), "is damaged or cut off"),
    ],
)
def test_what_is_no_certificate(content: bytes, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        facts.load(content, "ca.crt")


def test_stamp_and_serial() -> None:
    assert facts.stamp(NOW) == "2026-11-23T12:00:00Z"
    assert (facts.serial_text(1), facts.serial_text(0x1234)) == ("01", "1234")
