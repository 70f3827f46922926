# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reader of DER says, held against cryptography."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.der import read_certificate, read_request
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Nürnberg")])
KEY = keys.generate(KEY_TYPES["ecdsa-p256"])


def hash_for(key: Any) -> Any:
    return hashes.SHA256() if not type(key).__name__.startswith("Ed25519") else None


def request(key: Any, *names: x509.GeneralName) -> str:
    builder = x509.CertificateSigningRequestBuilder(NAME)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hash_for(key)).public_bytes(serialization.Encoding.PEM).decode()


def certificate(until: datetime, serial: int) -> tuple[str, x509.Certificate]:
    builder = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), serial)
    builder = builder.not_valid_before(until - timedelta(days=9)).not_valid_after(until)
    made = builder.sign(KEY, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode(), made


@pytest.mark.parametrize("kind", sorted(KEY_TYPES))
def test_a_request_of_every_key_type(kind: str) -> None:
    key = keys.generate(KEY_TYPES[kind])
    address = x509.IPAddress(ipaddress.ip_address("fd00::1"))
    found = read_request("# a comment\n" + request(key, x509.DNSName("N1.example.com"), address))
    assert (found.key_type, found.digest) == (kind, keys.spki_sha256(key.public_key()))
    assert (found.dns, found.ip) == (("n1.example.com",), ("fd00::1",))


def test_a_request_without_names_and_one_of_a_key_that_nobody_takes() -> None:
    assert read_request(request(KEY)).dns == ()
    assert read_request(request(ec.generate_private_key(ec.SECP521R1()))).key_type == "unknown"


@pytest.mark.parametrize("year", [2027, 2049, 2050, 2099])
@pytest.mark.parametrize("serial", [1, 0x80, 0xFFF, 2**158 + 7])
def test_a_certificate(year: int, serial: int) -> None:
    """Times are of another form from 2050 on."""
    until = datetime(year, 3, 1, 12, 30, 59, tzinfo=timezone.utc)
    text, made = certificate(until, serial)
    found, known = read_certificate(text), facts.read(made)
    assert (found.not_after, found.serial, found.digest) == (until, known.serial, known.spki_sha256)


@pytest.mark.parametrize("text", ["", "hello", request(KEY).replace("REQUEST", "REQUESTS")])
def test_what_is_no_request(text: str) -> None:
    with pytest.raises(ValueError, match="no certificate request in PEM form"):
        read_request(text)


@given(st.integers(1, 400), st.integers(0, 255))
def test_damage_is_an_error_or_harmless(place: int, value: int) -> None:
    """Whatever a host sends, reading it ends with facts or with a ValueError (or IndexError), never otherwise."""
    lines = request(KEY, x509.DNSName("n1")).splitlines()
    body = bytearray("".join(lines[1:-1]).encode())
    body[place % len(body)] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value % 64]
    try:
        read_request("\n".join((lines[0], body.decode(), lines[-1])))
    except (ValueError, IndexError):
        return
