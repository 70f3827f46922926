# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our hierarchies before the strict judges: openssl verify -x509_strict, Go's verifier, the default of Python 3.13."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys, store
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

OPENSSL, GO = shutil.which("openssl"), os.environ.get("AEGIS_GO") or shutil.which("go")
KINDS = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"]
HANDSHAKE = """
import ssl, sys
pki, name = sys.argv[1:]
assert ssl.create_default_context().verify_flags & ssl.VERIFY_X509_STRICT
client = ssl.create_default_context(cafile=f"{pki}/ca.crt")
client.load_cert_chain(f"{pki}/issued/app.crt", f"{pki}/issued/app.key")
server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{pki}/ca.crt")
server.verify_mode = ssl.CERT_REQUIRED
server.load_cert_chain(f"{pki}/issued/{name}.crt", f"{pki}/issued/{name}.key")
up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
ends = [client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True)]
for turn in range(8):
    for end in ends:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            pass
assert ends[0].getpeercert() and ends[1].getpeercert()
"""


def python_3_13() -> str | None:
    """An interpreter whose default context is strict."""
    candidates = [shutil.which("python3.13"), *map(str, Path.home().glob(".pyenv/versions/3.1[3-9]*/bin/python3"))]
    for found in filter(None, candidates):
        if subprocess.run([found, "-c", "import ssl"], capture_output=True, check=False).returncode == 0:
            return found
    return None


PYTHON = python_3_13()


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


def openssl(pki: Path, leaf: Path, purpose: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [str(OPENSSL), "verify", "-x509_strict", "-purpose", purpose, "-CAfile", str(pki / "ca.crt")]
    return subprocess.run(
        [*command, "-untrusted", str(leaf), *more, str(leaf)], capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(OPENSSL is None, reason="no openssl program")
def test_openssl(pki: Path) -> None:
    fits = {"server": {"sslserver"}, "route": {"sslserver", "sslclient"}, "gateway": {"sslserver", "sslclient"}}
    for profile, good in fits.items():
        for purpose in ("sslserver", "sslclient"):
            run = openssl(pki, pki / f"issued/n1/{profile}.crt", purpose, "-verify_ip", "127.0.0.1")
            assert (run.returncode == 0) is (purpose in good), run.stderr
    assert openssl(pki, pki / "issued/app.crt", "sslclient").returncode == 0


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
    run = openssl(pki, tmp_path / "x.crt", "sslserver")
    assert "permitted subtree violation" in run.stdout + run.stderr
    if GO:
        assert "not permitted by any constraint" in go_says(pki, tmp_path / "x.crt", "serverAuth")
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
    run = openssl(pki, tmp_path / "y.crt", "sslserver")
    assert "path length constraint exceeded" in run.stdout + run.stderr
    assert "may sign leaf certificates only" in authority(pki, now, name="d", parent="issuing", common_name="D")["msg"]


VERIFIER: dict[str, Path] = {}


@pytest.fixture(scope="module", autouse=True)
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Go's verifier, built once."""
    if GO is not None:
        VERIFIER["path"] = tmp_path_factory.mktemp("go") / "verifier"
        source = Path(__file__).parent / "verifier/main.go"
        subprocess.run([GO, "build", "-o", str(VERIFIER["path"]), str(source)], check=True)
    yield
    VERIFIER.clear()


def go_says(pki: Path, leaf: Path, usage: str, *name: str) -> str:
    command = [str(VERIFIER["path"]), str(pki / "ca.crt"), str(leaf), usage, *name]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.skipif(GO is None, reason="no go: Go's verifier, which is nats-server's, has not judged")
def test_go(pki: Path) -> None:
    for profile in ("server", "route", "gateway"):
        leaf = pki / f"issued/n1/{profile}.crt"
        assert go_says(pki, leaf, "serverAuth", "localhost") == ""
        assert go_says(pki, leaf, "serverAuth", "127.0.0.1") == ""
        assert "not n2.example.com" in go_says(pki, leaf, "serverAuth", "n2.example.com")
        assert (go_says(pki, leaf, "clientAuth") == "") is (profile != "server")
    assert go_says(pki, pki / "issued/app.crt", "clientAuth") == ""


@pytest.mark.skipif(PYTHON is None, reason="no Python 3.13: its strict default context has not judged")
@pytest.mark.parametrize("name", ["n1/server", "n1/route"])
def test_python_3_13(pki: Path, name: str) -> None:
    run = subprocess.run([str(PYTHON), "-c", HANDSHAKE, str(pki), name], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_file_of_a_leaf_is_its_chain(pki: Path) -> None:
    text = (pki / "issued/n1/server.crt").read_bytes()
    assert text.count(b"-----BEGIN CERTIFICATE-----") == 3
    assert facts.load(text, "x").issuer.rfc4514_string() == "CN=Issuing CA"
