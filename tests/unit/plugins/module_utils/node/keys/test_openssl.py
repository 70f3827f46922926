# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The openssl program: keys of every type, requests whose names are only names."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.keys import openssl
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.der import read_request
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError
from cryptography import x509

PROGRAM = openssl.find_openssl()
needs_openssl = pytest.mark.skipif(PROGRAM is None, reason="there is no openssl here")


def test_the_types_are_those_that_the_controller_certifies() -> None:
    assert set(openssl.KEY_TYPES) == set(KEY_TYPES)


@needs_openssl
@pytest.mark.parametrize("kind", sorted(set(KEY_TYPES) - {"rsa-3072", "rsa-4096"}))
def test_a_key_and_its_request(tmp_path: Path, kind: str) -> None:
    made = openssl.private_key(PROGRAM or "", kind)
    key = keys.read(made, "key")
    assert keys.type_of(key.public_key()) == kind
    (tmp_path / "key").write_bytes(made)
    name = 'n1, "the" $first #1; \\ O=Eve'
    (tmp_path / "cnf").write_text(
        openssl.request_configuration(name, ["N1.example.com", "n_2"], ["192.0.2.1", "fd00::1"])
    )
    text = openssl.request(PROGRAM or "", tmp_path / "key", tmp_path / "cnf")
    found = read_request(text)
    assert (found.digest, found.key_type) == (keys.spki_sha256(key.public_key()), kind)
    assert (found.dns, found.ip) == (("n1.example.com", "n_2"), ("192.0.2.1", "fd00::1"))
    parsed = x509.load_pem_x509_csr(text.encode())
    assert parsed.is_signature_valid
    assert [attribute.value for attribute in parsed.subject] == [name]


@needs_openssl
def test_a_request_without_names(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(openssl.private_key(PROGRAM or "", "ecdsa-p256"))
    (tmp_path / "cnf").write_text(openssl.request_configuration("n1", [], []))
    assert read_request(openssl.request(PROGRAM or "", tmp_path / "key", tmp_path / "cnf")).dns == ()


@pytest.mark.parametrize("name", ["", "  ", "n1\nsubjectAltName = DNS:evil", "n1\0"])
def test_names_that_would_be_more_than_names(name: str) -> None:
    with pytest.raises(NatsError, match="can't stand in a certificate request"):
        openssl.request_configuration("n1", [name], [])


@needs_openssl
def test_its_words_are_told_when_it_fails(tmp_path: Path) -> None:
    (tmp_path / "cnf").write_text(openssl.request_configuration("n1", [], []))
    with pytest.raises(NatsError, match=r"can't make a certificate request: .*absent"):
        openssl.request(PROGRAM or "", tmp_path / "absent", tmp_path / "cnf")


def test_a_host_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openssl, "_TRUSTED_PATH", "/nowhere")
    with pytest.raises(NatsError, match="there is no openssl on this host"):
        openssl.need_openssl()
    with pytest.raises(NatsError, match="/nowhere/openssl can't make a private key"):
        openssl.private_key("/nowhere/openssl", "ed25519")
