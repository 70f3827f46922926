# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb revocation_list, and certificates that are revoked and still wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, keys, verb_revocation_list
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    call,
    certificate,
    entry,
    snapshot,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, request
from cryptography import x509

PASSPHRASE = "hunter22hunter"
REVOKED = [{"name": "n1/server", "reason": "key_compromise"}]


def listing(path: Path, *revoked: Any, now: Any = NOW, check: bool = False, **params: Any) -> Any:
    return call(verb_revocation_list.VERB, {"path": str(path), "revoked": list(revoked), **params}, now, check)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path / "pki")
    certificate(tmp_path / "pki", [entry(), entry("n2/server")])
    return tmp_path / "pki"


def in_list(path: Path) -> set[str]:
    return {facts.serial_text(one.serial_number) for one in x509.load_pem_x509_crl((path / "ca.crl").read_bytes())}


def test_create_and_again(path: Path) -> None:
    before = snapshot(path)
    checked = listing(path, check=True)
    assert snapshot(path) == before
    made = listing(path)
    assert made["reasons"] == checked["reasons"] == ["list of ca: it is not there"]
    assert made["diff"] == checked["diff"]
    assert (made["number"], made["days_left"], made["revoked"]) == (1, 30, [])
    assert made["crl"] == (path / "ca.crl").read_text()
    before = snapshot(path)
    assert before["ca.crl"].startswith("644 ")
    for check in (True, False):
        again = listing(path, now=NOW + DAY, check=check)
        assert (again["changed"], again["reasons"], again["number"]) == (False, [], 1)
    assert snapshot(path) == before


def test_revoked_and_still_wanted(path: Path) -> None:
    wanted = [entry(), entry("n2/server")]
    listing(path)
    first = certificate(path, wanted)["certificates"]
    serial = first["n1/server"]["serial"]
    before = snapshot(path)
    checked, checked_leaf = listing(path, *REVOKED, check=True), certificate(path, wanted, check=True, revoked=REVOKED)
    assert snapshot(path) == before
    made = listing(path, *REVOKED)
    leaf = certificate(path, wanted, revoked=REVOKED)
    assert (
        made["reasons"]
        == checked["reasons"]
        == [
            f"n1/server {serial}: revoked (key_compromise)",
            "list of ca: 1 certificates are to be added",
        ]
    )
    assert (made["diff"], made["number"]) == (checked["diff"], 2)
    assert leaf["reasons"] == checked_leaf["reasons"] == ["n1/server: its certificate is revoked (key_compromise)"]
    assert leaf["certificates"]["n1/server"]["spki_sha256"] != first["n1/server"]["spki_sha256"]
    assert in_list(path) == {serial}
    index = {line.split("\t")[3]: line[0] for line in (path / "ca.index.txt").read_text().splitlines()}
    fresh = leaf["certificates"]["n1/server"]["serial"]
    assert index == {serial: "R", fresh: "V", first["n2/server"]["serial"]: "V"}
    before = snapshot(path)
    for check in (True, False):
        assert not listing(path, *REVOKED, check=check)["changed"]
        assert not certificate(path, wanted, check=check, revoked=REVOKED)["changed"]
        assert not listing(path, check=check)["changed"], "what leaves the inventory stays revoked"
    assert snapshot(path) == before


def test_made_anew_in_its_window(path: Path) -> None:
    listing(path, *REVOKED)
    assert not listing(path, *REVOKED, now=NOW + 19 * DAY)["changed"]
    later = listing(path, *REVOKED, now=NOW + 20 * DAY)
    assert later["number"] == 2
    assert later["reasons"][0].startswith("list of ca: its window opened on ")
    assert len(in_list(path)) == 1


def test_an_index_behind_is_brought_up(path: Path) -> None:
    listing(path)
    (path / "ca.index.txt").unlink()
    made = listing(path)
    assert (made["reasons"], made["number"]) == (["list of ca: the index lacks what was issued since"], 1)


@pytest.mark.parametrize(
    ("lost", "words"),
    [("ca.crl", "it is not there"), ("ca.revoked.json", None)],
)
def test_a_lost_file_takes_nothing_back(path: Path, lost: str, words: str | None) -> None:
    listing(path)
    listing(path, *REVOKED)
    revoked = in_list(path)
    (path / lost).unlink()
    made = listing(path)
    assert made["reasons"] == ([f"list of ca: {words}"] if words else [])
    made = listing(path, {"name": "n2/server"})
    assert made["number"] == (4 if words else 3)
    assert in_list(path) > revoked


def test_the_key_is_opened_for_a_new_list_alone(tmp_path: Path) -> None:
    authority(tmp_path, passphrase=PASSPHRASE)
    assert "the key is encrypted: give its passphrase" in listing(tmp_path)["msg"]
    assert not (tmp_path / "ca.crl").exists()
    assert "the passphrase does not open" in listing(tmp_path, passphrase="wrong-passphrase")["msg"]
    listing(tmp_path, passphrase=PASSPHRASE)
    assert listing(tmp_path)["changed"] is False
    (tmp_path / "ca.key").unlink()
    assert listing(tmp_path)["changed"] is False
    assert "ca.key: is missing" in listing(tmp_path, now=NOW + 25 * DAY)["msg"]


def test_a_compromised_key_is_not_certified_again(path: Path) -> None:
    asked = [entry(csr=request(KEY, "n1.example.com"))]
    certificate(path, asked)
    listing(path, *REVOKED)
    before = snapshot(path)
    result = certificate(path, asked)
    assert result["problems"][0]["path"] == "certificates[0].csr"
    assert "make a new key on its host" in result["msg"]
    assert snapshot(path) == before
    other = keys.generate(keys_of())
    assert certificate(path, [entry(csr=request(other, "n1.example.com"))])["changed"]


def keys_of() -> Any:
    from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES

    return KEY_TYPES["ecdsa-p256"]


def test_an_intermediate_is_revoked_by_its_root(tmp_path: Path) -> None:
    authority(tmp_path, path_length=1)
    made = authority(tmp_path, name="issuing", parent="ca", common_name="Issuing CA")
    listing(tmp_path, {"name": "issuing", "reason": "ca_compromise"})
    assert in_list(tmp_path) == {made["serial"]}
    certificate(tmp_path, [entry()], authority="issuing")
    own = listing(tmp_path, authority="issuing")
    assert own["crl_path"] == str(tmp_path / "issuing.crl")


def test_check_mode_before_there_is_an_authority(tmp_path: Path) -> None:
    checked = listing(tmp_path / "pki", check=True)
    assert checked["reasons"] == ["list of ca: it is not there"]
    assert "there is no authority ca" in listing(tmp_path / "pki")["msg"]
    assert not (tmp_path / "pki").exists()


def test_bad_input_and_nothing_written(path: Path) -> None:
    before = snapshot(path)
    result = listing(path, {"serial": "xyz"}, {"name": "n1", "reason": "stolen"}, days=0)
    assert [found["path"] for found in result["problems"]] == ["revoked[0].serial", "revoked[1].reason", "days"]
    late = listing(path, now=NOW - 365 * DAY)
    assert "and the clock here says 2025-11-23T12:00:00Z: set the clock right" in late["msg"]
    (path / "ca.revoked.json").write_text("{")
    assert "the record of what is revoked is damaged" in listing(path)["msg"]
    (path / "ca.revoked.json").unlink()
    assert snapshot(path) == before


def test_the_number_only_grows(path: Path) -> None:
    numbers = [listing(path, now=NOW + days * DAY)["number"] for days in (0, 25, 50, 75)]
    assert numbers == [1, 2, 3, 4]
    assert json.loads((path / "ca.revoked.json").read_text())["number"] == 4


def test_what_is_published_is_the_same_in_der_form(path: Path) -> None:
    made = listing(path)
    assert made["public_path"] == str(path / "public")
    published = x509.load_der_x509_crl((path / "public/ca.crl").read_bytes())
    assert published == x509.load_pem_x509_crl((path / "ca.crl").read_bytes())
    certificate = x509.load_der_x509_certificate((path / "public/ca.crt").read_bytes())
    assert certificate == x509.load_pem_x509_certificate((path / "ca.crt").read_bytes())
    (path / "public/ca.crl").unlink()
    assert listing(path, check=True)["reasons"] == listing(path)["reasons"]
    assert not listing(path)["changed"]
