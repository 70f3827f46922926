# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb certificate_info: what is told, and which problems are seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_certificate_info import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    call,
    certificate,
    entry,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def info(now: datetime = NOW, **params: Any) -> Any:
    return call(VERB, params, now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path)
    certificate(tmp_path, [entry("n1", "route"), {"name": "app", "profile": "client"}])
    return tmp_path


def test_our_own_have_no_problems(path: Path) -> None:
    found = info(path=str(path / "issued/n1.crt"))
    assert (found["profile"], found["problems"], found["days_left"], found["changed"]) == ("route", [], 365, False)
    assert found["extended_key_usages"] == ["clientAuth", "serverAuth"]
    assert found["names"]["ip"] == ["192.0.2.1"]
    root = info(content=(path / "ca.crt").read_text())
    assert (root["profile"], root["is_authority"], root["self_signed"], root["problems"]) == (
        "authority",
        True,
        True,
        [],
    )
    assert info(path=str(path / "issued/app.crt"))["profile"] == "client"


def test_a_folder(path: Path) -> None:
    certificate(path, [entry("short", days=40)])
    found = info(path=str(path))
    assert (found["path"], found["days_left"]) == (str(path / "issued/short.crt"), 40)
    assert len(found["certificates"]) == 4
    assert found["problems"] == []


def test_a_check_that_fails_a_scheduled_run(path: Path) -> None:
    certificate(path, [entry("short", days=40), entry("shorter", days=30)])
    assert not info(path=str(path), fail_below=30).get("failed")
    late = NOW + 11 * DAY
    result = info(late, path=str(path), fail_below=30)
    assert result["failed"]
    assert result["msg"].splitlines() == [
        "2 certificates have fewer than 30 days left:",
        f"  - {path}/issued/shorter.crt: CN=n1.example.com ends on 2026-12-23T12:00:00Z, 19 days are left",
        f"  - {path}/issued/short.crt: CN=n1.example.com ends on 2027-01-02T12:00:00Z, 29 days are left",
    ]
    one = info(late, path=str(path / "issued/short.crt"), fail_below=30)
    assert one["msg"].startswith("1 certificates have fewer than 30 days left")
    ended = info(NOW + 50 * DAY, content=(path / "issued/short.crt").read_text(), fail_below=1)
    assert "content: CN=n1.example.com ends on 2027-01-02T12:00:00Z, -10 days are left" in ended["msg"]


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "holds no certificate" in info(path=str(tmp_path), fail_below=1)["msg"]


def test_a_chain_and_its_order(path: Path) -> None:
    leaf, root = (path / "issued/n1.crt").read_text(), (path / "ca.crt").read_text()
    found = info(content=leaf + root)
    assert (found["chain_in_order"], found["problems"], len(found["certificates"])) == (True, [], 2)
    found = info(content=root + leaf)
    assert not found["chain_in_order"]
    assert found["problems"] == ["certificate 1 is not signed by certificate 2: a chain goes from the leaf up"]


def test_two_roots_beside_each_other(path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    authority(other, common_name="Another CA")
    found = info(content=(path / "ca.crt").read_text() + (other / "ca.crt").read_text())
    assert (found["chain_in_order"], found["problems"], found["subject"]) == (True, [], "CN=NATS CA")


def test_what_is_of_the_past_ends_without_a_word(path: Path) -> None:
    certificate(path, [entry("rotation/probe", days=2), entry("n2", days=20)])
    for folder in ("previous", "retired/0a1b", "rotation"):
        (path / folder).mkdir(parents=True)
        (path / folder / "ca.crt").write_bytes((path / "issued/n2.crt").read_bytes())
    (path / "issued/n2.crt").unlink()
    assert not info(path=str(path), fail_below=30).get("failed")
    assert [Path(one["path"]).name for one in info(path=str(path))["certificates"]] == ["ca.crt", "app.crt", "n1.crt"]


def test_der(path: Path) -> None:
    certificate_object = x509.load_pem_x509_certificate((path / "ca.crt").read_bytes())
    (path / "ca.der").write_bytes(certificate_object.public_bytes(serialization.Encoding.DER))
    assert info(path=str(path / "ca.der"))["subject"] == "CN=NATS CA"


def test_time(path: Path) -> None:
    late = info(NOW + 400 * DAY, path=str(path / "issued/n1.crt"))
    assert (late["expired"], late["days_left"]) == (True, -35)
    assert late["problems"] == ["it expired on 2027-11-23T12:00:00Z"]
    early = info(NOW - 1 * DAY, path=str(path / "issued/n1.crt"))
    assert early["problems"] == ["it is not valid before 2026-11-23T11:55:00Z"]


def bare(authority_flag: bool) -> str:
    """What an old recipe with openssl makes: a short RSA key and no extension that peers look for."""
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n1.example.com")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
    builder = x509.CertificateBuilder(issuer, name, key.public_key(), 5)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    if authority_flag:
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_problems_of_a_bare_leaf() -> None:
    found = info(content=bare(False))
    assert found["profile"] is None
    assert [line.split(",")[0].split(" (")[0].split(":")[0] for line in found["problems"]] == [
        "its key rsa-1024 is too short",
        "it has no authorityKeyIdentifier",
        "it has no extendedKeyUsage",
        "it names no DNS name and no IP address",
    ]


def test_problems_of_a_bare_authority() -> None:
    problems = info(content=bare(True))["problems"]
    assert any("without keyUsage keyCertSign" in line for line in problems)
    assert any("without subjectKeyIdentifier" in line for line in problems)


def test_sha1_is_a_problem() -> None:
    """A certificate that cryptography reads and does not make: openssl req -x509 -sha1, its key thrown away."""
    text = (Path(__file__).parent / "sha1.pem").read_text()
    assert any("signed with SHA1" in line for line in info(content=text)["problems"])


def test_a_private_key_beside_it(path: Path) -> None:
    both = (path / "issued/n1.crt").read_text() + (path / "issued/n1.key").read_text()
    found = info(content=both)
    assert found["problems"] == ["a private key lies in the same place: keep it in a file of its own, mode 0600"]
    assert "PRIVATE KEY" not in repr(found)


def test_what_is_no_certificate(path: Path) -> None:
    text = (path / "ca.crt").read_text()
    assert "content: holds no certificate" in info(content="hello")["msg"]
    assert "a certificate is cut off" in info(content=text + text[:100])["msg"]
    assert "a certificate is damaged" in info(content=text.replace("MII", "MIJ", 1))["msg"]
    assert "No such file" in info(path=str(path / "none.crt"))["msg"]
