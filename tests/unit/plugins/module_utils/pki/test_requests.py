# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate requests: proof of the key, and no foreign names."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.names import Names
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.requests import check_names, parse_request
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

KEY = keys.generate(KEY_TYPES["ecdsa-p256"])


def request(key: Any = KEY, *names: str) -> str:
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def broken() -> str:
    """A request whose signature is not its own: the last bit is turned."""
    der = bytearray(x509.load_pem_x509_csr(request().encode()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM).decode()


def test_a_request_gives_its_key() -> None:
    problems = Problems()
    found = parse_request(request(KEY, "n1"), problems, "csr")
    assert found is not None
    assert not len(problems)
    assert found.spki_sha256 == keys.spki_sha256(KEY.public_key())
    assert (found.key_type, found.names) == ("ecdsa-p256", Names(dns=("n1",)))
    assert parse_request(None, problems, "csr") is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: "hello", "is not a certificate request"),
        (lambda: 7, "is not a certificate request"),
        (lambda: request()[:120] + "\n-----END CERTIFICATE REQUEST-----\n", "is damaged or cut off"),
        (broken, "signature is not made by its own key"),
        (lambda: request(rsa.generate_private_key(65537, 1024)), "the request's key (rsa-1024) is not taken"),
    ],
)
def test_refusals(make: Any, words: str) -> None:
    problems = Problems()
    assert parse_request(make(), problems, "certificates[0].csr") is None
    (problem,) = problems
    assert problem.path == "certificates[0].csr"
    assert words in problem.message


def test_names_of_another_host() -> None:
    problems = Problems()
    found = parse_request(request(ec.generate_private_key(ec.SECP256R1()), "n1", "n2"), problems, "csr")
    assert found is not None
    check_names(found, Names(dns=("n1", "n2")), problems, "csr")
    assert not len(problems)
    check_names(found, Names(dns=("n1",)), problems, "csr")
    (problem,) = problems
    assert "asks for dns n2, which this entry does not name" in problem.message
