# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that an audit looks at, and the one that has to be refused."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.certificates import (
    described,
    for_servers_alone,
    stranger,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki import calls
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(timezone.utc)


def test_serial_and_end(tmp_path: Path) -> None:
    pki, serial = make(tmp_path, "An authority")
    found = described(ssl.PEM_cert_to_DER_cert(Path(pki.file("server")).read_text()))
    assert str(found["serial"]).lstrip("0") == serial.lstrip("0")
    ends = found["ends"]
    assert isinstance(ends, datetime) and ends - NOW > timedelta(days=300)


@pytest.mark.parametrize(
    ("profile", "names", "dials"),
    [("server", ["n1.internal", "127.0.0.1"], False), ("route", ["n1.internal", "127.0.0.1"], True)],
)
def test_what_it_is_for(tmp_path: Path, profile: str, names: list[str], dials: bool) -> None:
    calls.authority(tmp_path, NOW)
    wanted = {"name": "one", "profile": profile, "common_name": "n1", "dns": ["n1.internal"], "ip": ["127.0.0.1"]}
    assert not calls.certificate(tmp_path, [wanted], NOW).get("failed")
    found = described(ssl.PEM_cert_to_DER_cert((tmp_path / "issued/one.crt").read_text()))
    assert (sorted(map(str, found["names"])), found["dials"]) == (sorted(names), dials)  # type: ignore[call-overload]


def test_one_that_says_nothing_of_its_use_may_be_shown_anywhere() -> None:
    pem = stranger(NOW).decode().split("-----BEGIN PRIVATE")[0]
    assert described(ssl.PEM_cert_to_DER_cert(pem))["names"] == []
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "plain")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    found = described(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
    assert (found["names"], found["dials"]) == ([], True)


def test_a_stranger_can_be_shown_and_is_nobody_s(tmp_path: Path) -> None:
    place = tmp_path / "stranger.pem"
    place.write_bytes(stranger(NOW))
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(place)
    one, other = (
        described(ssl.PEM_cert_to_DER_cert(stranger(NOW).decode().split("-----BEGIN PRIVATE")[0])) for _dummy in "ab"
    )
    assert one["serial"] != other["serial"]
    assert isinstance(one["ends"], datetime) and one["ends"] - NOW <= timedelta(hours=1)


def folder(place: Path) -> Folder:
    return Folder(str(place), NoSeal())


def test_one_that_is_for_servers_alone(tmp_path: Path) -> None:
    pki, _serial = make(tmp_path / "ours", "An authority")
    found, why = for_servers_alone(folder(pki.folder), pki.ca.encode(), NOW)
    assert found == pki.pair("server") and why == ""
    # None of another authority, none that has ended, and none without its key.
    other, _serial = make(tmp_path / "other", "Another authority")
    assert for_servers_alone(folder(pki.folder), other.ca.encode(), NOW) == (None, "none is at hand")
    assert for_servers_alone(folder(pki.folder), None, NOW) == (None, "none is at hand")
    assert for_servers_alone(folder(pki.folder), pki.ca.encode(), NOW + timedelta(days=4000))[0] is None
    Path(pki.file("server", "key")).unlink()
    assert for_servers_alone(folder(pki.folder), pki.ca.encode(), NOW) == (None, "none is at hand")


def test_certificates_for_both_ends_are_of_no_use(tmp_path: Path) -> None:
    calls.authority(tmp_path, NOW, common_name="An authority")
    made = calls.certificate(tmp_path, [{"name": "r", "profile": "route", "ip": ["127.0.0.1"]}], NOW)
    assert not made.get("failed"), made
    assert for_servers_alone(folder(tmp_path), (tmp_path / "ca.crt").read_bytes(), NOW) == (None, "none is at hand")


def test_a_key_that_does_not_open_is_why_none_was_tried(tmp_path: Path) -> None:
    pki, _serial = make(tmp_path, "An authority")
    Path(pki.file("server", "key")).write_bytes(calls.Reversed().close(b"a key"))
    found, why = for_servers_alone(folder(tmp_path), pki.ca.encode(), NOW)
    assert found is None and "is sealed with Ansible Vault" in why
