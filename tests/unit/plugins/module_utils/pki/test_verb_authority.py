# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb authority: made once, kept, guarded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    Reversed,
    authority,
    certificate,
    entry,
    snapshot,
)
from cryptography.hazmat.primitives import serialization

PASSPHRASE = "hunter22hunter"


def test_create_again_and_check_mode(tmp_path: Path) -> None:
    path = tmp_path / "nats/pki"
    checked = authority(path, check=True, organization="Acme")
    assert not path.exists()
    made = authority(path, organization="Acme")
    assert made["changed"] is checked["changed"] is True
    assert made["reasons"] == checked["reasons"] == ["authority ca: made for the first time"]
    assert made["diff"] == checked["diff"]
    assert (made["subject"], made["days_left"]) == ("CN=NATS CA,O=Acme", 3650)
    assert made["certificate"] == (path / "ca.crt").read_text()
    before = snapshot(path)
    assert {name: line.split()[0] for name, line in before.items()} == {"ca.crt": "644", "ca.key": "600"}
    assert path.stat().st_mode & 0o777 == 0o700
    for check in (True, False):
        again = authority(path, NOW + DAY, check, organization="Acme")
        assert (again["changed"], again["reasons"], again["days_left"]) == (False, [], 3649)
        assert again["fingerprint_sha256"] == made["fingerprint_sha256"]
    assert snapshot(path) == before


@pytest.mark.parametrize("kind", ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"])
def test_key_types(tmp_path: Path, kind: str) -> None:
    assert authority(tmp_path, key_type=kind)["key_type"] == kind
    assert authority(tmp_path, key_type=kind)["changed"] is False


def test_no_secret_in_the_result(tmp_path: Path) -> None:
    text = repr(authority(tmp_path, passphrase=PASSPHRASE))
    assert "PRIVATE" not in text
    assert PASSPHRASE not in text


def test_the_passphrase_encrypts_and_opens(tmp_path: Path) -> None:
    authority(tmp_path, passphrase=PASSPHRASE)
    assert b"ENCRYPTED" in (tmp_path / "ca.key").read_bytes()
    assert authority(tmp_path, passphrase=PASSPHRASE)["changed"] is False
    before = snapshot(tmp_path)
    assert "the passphrase does not open this key" in authority(tmp_path, passphrase="wrong-passphrase")["msg"]
    assert "the key is encrypted: give its passphrase" in authority(tmp_path)["msg"]
    assert "the passphrase does not open" in certificate(tmp_path, [entry()], passphrase="wrong-passphrase")["msg"]
    assert snapshot(tmp_path) == before


def test_a_key_that_lies_open_is_encrypted_and_sealed(tmp_path: Path) -> None:
    made = authority(tmp_path)
    for check in (True, False):
        result = authority(tmp_path, check=check, passphrase=PASSPHRASE, sealer=Reversed())
        assert result["reasons"] == [
            "authority ca: its key becomes encrypted with the passphrase",
            "authority ca: its key becomes sealed",
        ]
        assert '"key_sealed": true' in result["diff"]["after"]
    text = (tmp_path / "ca.key").read_bytes()
    assert text.startswith(b"$ANSIBLE_VAULT;")
    assert b"ENCRYPTED" in Reversed().open(text, "ca.key")
    again = authority(tmp_path, passphrase=PASSPHRASE, sealer=Reversed())
    assert again["changed"] is False
    assert again["fingerprint_sha256"] == made["fingerprint_sha256"]
    assert "is sealed with Ansible Vault and this play has no vault secret" in authority(tmp_path)["msg"]


def test_it_is_not_made_anew(tmp_path: Path) -> None:
    authority(tmp_path, days=100)
    before = snapshot(tmp_path)
    result = authority(tmp_path, NOW + 90 * DAY, common_name="Other", organization="Acme", key_type="ed25519")
    assert not result["changed"]
    assert [words.split(":")[0] for words in result["warnings"]] == [
        "authority ca ends on 2027-03-03T12",
        "authority ca keeps its common name 'NATS CA', 'Other' is asked for",
        "authority ca keeps its organization None, 'Acme' is asked for",
        "authority ca keeps its key type 'ecdsa-p256', 'ed25519' is asked for",
    ]
    assert "it expired on 2027-03-03T12:00:00Z" in authority(tmp_path, NOW + 100 * DAY)["msg"]
    assert "the clock here says" in authority(tmp_path, NOW - 365 * DAY)["msg"]
    assert snapshot(tmp_path) == before


def test_somebody_elses_authority_is_taken(tmp_path: Path) -> None:
    key = keys.generate(KEY_TYPES["rsa-2048"])
    root = issue.root(key, issue.Subject("Somebody else"), issue.validity(1000, NOW), 99)
    old_form = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (tmp_path / "corp.key").write_bytes(old_form)
    (tmp_path / "corp.crt").write_bytes(b"a line of text\n" + issue.pem(root))
    result = authority(tmp_path, name="corp")
    assert (result["changed"], result["subject"]) == (False, "CN=Somebody else")
    certificate(tmp_path, [entry("n1")], authority="corp")
    assert facts.signed_by(facts.load((tmp_path / "issued/n1.crt").read_bytes(), "n1.crt"), root)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"name": "a/b"}, "name: 'a/b' can't be a file name here"),
        ({"name": "issued"}, "name: 'issued' is the folder of the certificates"),
        ({"common_name": "x" * 65}, "common_name: "),
        ({"days": 0}, "days: 0 is not a lifetime"),
        ({"renew_before": "5000d"}, "renew_before: 5000d is not less than the lifetime of 3650 days"),
        ({"passphrase": "short"}, "passphrase: is shorter than 8 characters"),
        ({"key_type": "P-256"}, "key_type: 'P-256' is not known"),
        ({"seal": True}, "seal is true and there is no vault secret here"),
    ],
)
def test_bad_input(tmp_path: Path, params: dict[str, Any], words: str) -> None:
    result = authority(tmp_path / "pki", **params)
    assert result["failed"]
    assert words in result["msg"]
    assert "short" not in result["msg"].replace("shorter", "")
    assert not (tmp_path / "pki").exists()


def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "pki").write_text("a file")
    result = authority(tmp_path / "pki")
    assert result["failed"]
    assert str(tmp_path / "pki") in result["msg"]
