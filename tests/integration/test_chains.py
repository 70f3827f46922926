# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our hierarchies before the strict judges: openssl verify -x509_strict, Go's verifier, the default of Python 3.13."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys, store
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.integration.strict_judges import (
    GO,
    OPENSSL,
    PYTHON,
    go_refuses,
    openssl_refuses,
    python_refuses,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

KINDS = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"]


@pytest.fixture(scope="module", params=KINDS)
def pki(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A constrained root, two authorities below it, and leafs of every kind of use."""
    path, now, kind = tmp_path_factory.mktemp(request.param), datetime.now(timezone.utc), request.param
    limits = {"permitted": {"dns": ["localhost", "example.com"], "ip": ["127.0.0.0/8"]}}
    made = [
        authority(path, now, key_type=kind, path_length=2, **limits),
        authority(path, now, name="policy", parent="ca", common_name="Policy CA", key_type=kind, path_length=1),
        authority(path, now, name="issuing", parent="policy", common_name="Issuing CA", key_type=kind),
    ]
    names = {"dns": ["localhost"], "ip": ["127.0.0.1"], "key_type": kind}
    wanted = [{"name": f"n1/{profile}", "profile": profile, **names} for profile in ("server", "route", "gateway")]
    wanted.append({"name": "app", "profile": "client", "key_type": kind})
    made.append(certificate(path, wanted, now, authority="issuing"))
    assert not [result for result in made if result.get("failed")]
    return path


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
def test_openssl(pki: Path) -> None:
    fits = {"server": {"sslserver"}, "route": {"sslserver", "sslclient"}, "gateway": {"sslserver", "sslclient"}}
    for profile, good in fits.items():
        for purpose in ("sslserver", "sslclient"):
            leaf = pki / f"issued/n1/{profile}.crt"
            refusal = openssl_refuses(pki / "ca.crt", leaf, purpose, "-verify_ip", "127.0.0.1")
            assert (refusal == "") is (purpose in good), refusal
    assert openssl_refuses(pki / "ca.crt", pki / "issued/app.crt", "sslclient") == ""


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
def test_what_we_refuse_openssl_refuses(pki: Path, tmp_path: Path) -> None:
    """A name beyond the constraints, and an authority beyond the path length, signed in spite of us."""
    signer = store.read_authority(Folder(str(pki), NoSeal()), "issuing", None)
    assert signer is not None
    now = datetime.now(timezone.utc)
    entry = {"name": "x", "profile": "server", "dns": ["n1.example.org"], "key_type": signer.facts.key_type}
    refused = certificate(pki, [entry], now, authority="issuing")
    assert refused["problems"][0]["path"] == "certificates[0].dns[0]"
    (wanted,) = parse_certificates([entry], Problems())
    key = keys.generate(wanted.key_type)
    leaf = issue.leaf(
        key.public_key(), wanted, issue.validity(9, now), 77, issuer=signer.certificate, issuer_key=signer.key
    )
    (tmp_path / "x.crt").write_bytes(issue.pem(leaf) + signer.chain)
    trusted = pki / "ca.crt"
    assert "permitted subtree violation" in openssl_refuses(trusted, tmp_path / "x.crt", "sslserver")
    if GO:
        assert "not permitted by any constraint" in go_refuses(trusted, tmp_path / "x.crt", "serverAuth")
    deeper = issue.intermediate(
        key.public_key(),
        issue.Subject("Deeper CA"),
        issue.validity(9, now),
        78,
        issuer=signer.certificate,
        issuer_key=signer.key,
    )
    (wanted,) = parse_certificates([{**entry, "dns": ["localhost"]}], Problems())
    leaf = issue.leaf(key.public_key(), wanted, issue.validity(9, now), 79, issuer=deeper, issuer_key=key)
    (tmp_path / "y.crt").write_bytes(issue.pem(leaf) + issue.pem(deeper) + signer.chain)
    assert "path length constraint exceeded" in openssl_refuses(trusted, tmp_path / "y.crt", "sslserver")
    assert "may sign leaf certificates only" in authority(pki, now, name="d", parent="issuing", common_name="D")["msg"]


@pytest.mark.skipif(GO is None, reason="no go: Go's verifier, which is nats-server's, has not judged")
def test_go(pki: Path) -> None:
    trusted = pki / "ca.crt"
    for profile in ("server", "route", "gateway"):
        leaf = pki / f"issued/n1/{profile}.crt"
        assert go_refuses(trusted, leaf, "serverAuth", "localhost") == ""
        assert go_refuses(trusted, leaf, "serverAuth", "127.0.0.1") == ""
        assert "not n2.example.com" in go_refuses(trusted, leaf, "serverAuth", "n2.example.com")
        assert (go_refuses(trusted, leaf, "clientAuth") == "") is (profile != "server")
    assert go_refuses(trusted, pki / "issued/app.crt", "clientAuth") == ""


@pytest.mark.skipif(PYTHON is None, reason="no Python 3.13: its strict default context has not judged")
@pytest.mark.parametrize("name", ["n1/server", "n1/route"])
def test_python_3_13(pki: Path, name: str) -> None:
    client, served = pki / "issued/app", pki / f"issued/{name}"
    assert python_refuses(pki / "ca.crt", client, pki / "ca.crt", served) == ""


def test_the_file_of_a_leaf_is_its_chain(pki: Path) -> None:
    text = (pki / "issued/n1/server.crt").read_bytes()
    assert text.count(b"-----BEGIN CERTIFICATE-----") == 3
    assert facts.load(text, "x").issuer.rfc4514_string() == "CN=Issuing CA"
