# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which an authority comes to be, and every one in which it must not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import chain, facts, keys
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

PASSPHRASE = "hunter22hunter"
BELOW = {"name": "issuing", "parent": "ca", "common_name": "Issuing CA"}


def path_of(file: Path, *roots: Path) -> list[str]:
    """The subjects of a file's chain, up to the roots; it holds, or the test fails."""
    found = chain.load_all(file.read_bytes(), str(file))
    for root in roots:
        found += chain.load_all(root.read_bytes(), str(root))
    path = chain.climb(found[0], found[1:])
    assert chain.path_faults(path, NOW) == []
    return [facts.read(one).subject for one in path]


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A root with an encrypted key, and an authority below it."""
    authority(tmp_path / "pki", path_length=1, passphrase=PASSPHRASE)
    made = authority(tmp_path / "pki", **BELOW, parent_passphrase=PASSPHRASE)
    assert not made.get("failed"), made
    return tmp_path / "pki"


def test_root_and_intermediate(two: Path) -> None:
    assert path_of(two / "issuing.crt", two / "ca.crt") == ["CN=Issuing CA", "CN=NATS CA"]
    before = snapshot(two)
    assert before["issuing.key"].startswith("600 ")
    # Unchanged, the key of the root is not needed: it may be sealed, encrypted or gone.
    again = authority(two, **BELOW)
    assert (again["changed"], again.get("warnings")) == (False, None)
    (two / "ca.key").rename(two.parent / "vault.key")
    assert authority(two, key_kept="elsewhere")["changed"] is False
    made = certificate(two, [entry()], authority="issuing")
    assert made["authority"]["subject"] == "CN=Issuing CA"
    assert path_of(two / "issued/n1/server.crt", two / "ca.crt") == ["CN=n1.example.com", "CN=Issuing CA", "CN=NATS CA"]
    assert (two / "issued/n1/server.crt").read_bytes().count(b"BEGIN CERT") == 2
    assert not certificate(two, [entry()], authority="issuing")["changed"]


def test_check_mode_tells_the_same(tmp_path: Path) -> None:
    authority(tmp_path, path_length=1)
    before = snapshot(tmp_path)
    checked = authority(tmp_path, check=True, **BELOW)
    assert snapshot(tmp_path) == before
    made = authority(tmp_path, **BELOW)
    assert checked["reasons"] == made["reasons"] == ["authority issuing: signed by ca for the first time"]
    assert checked["diff"] == made["diff"]


def test_check_mode_before_there_is_a_root(tmp_path: Path) -> None:
    checked = authority(tmp_path / "pki", check=True, **BELOW)
    assert not (tmp_path / "pki").exists()
    assert "there is no authority ca above issuing" in authority(tmp_path / "pki", **BELOW)["msg"]
    assert not (tmp_path / "pki/issuing.key").exists()
    authority(tmp_path / "pki", path_length=1)
    made = authority(tmp_path / "pki", **BELOW)
    assert (checked["reasons"], checked["diff"]) == (made["reasons"], made["diff"])


def test_three_levels(tmp_path: Path) -> None:
    authority(tmp_path, path_length=2)
    authority(tmp_path, **{**BELOW, "name": "policy", "common_name": "Policy CA"}, path_length=1)
    authority(tmp_path, **{**BELOW, "parent": "policy"})
    certificate(tmp_path, [entry()], authority="issuing")
    served = tmp_path / "issued/n1/server.crt"
    assert path_of(served) == ["CN=n1.example.com", "CN=Issuing CA", "CN=Policy CA"]
    assert path_of(served, tmp_path / "ca.crt")[-1] == "CN=NATS CA"


def test_a_root_for_leafs_certifies_no_authority(tmp_path: Path) -> None:
    authority(tmp_path)
    before = snapshot(tmp_path)
    assert "may sign leaf certificates only (path length 0)" in authority(tmp_path, **BELOW)["msg"]
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"path_length": 1}, "path_length: is not below that of ca, 1: write 0"),
        ({"path_length": -1}, "path_length: is not below that of ca, 1: write 0"),
        ({"common_name": "NATS CA"}, "common_name: 'NATS CA' is also that of ca"),
        ({"common_name": None}, "common_name: is needed: it tells this authority from ca"),
        ({"parent": "issuing"}, "parent: is the authority itself"),
        ({"parent": "../ca"}, "parent: '../ca' can't be a file name here"),
        ({"csr": "x"}, "csr: is not a certificate request in PEM form"),
        ({"key_file": "/nowhere"}, "key_file: comes with the certificate"),
        ({"permitted": {"ip": ["nets"]}}, "permitted.ip[0]: 'nets' is not a network"),
        ({"path_length": -2}, "path_length: -2 is not a number of authorities"),
    ],
)
def test_bad_input(tmp_path: Path, more: dict[str, Any], words: str) -> None:
    authority(tmp_path, path_length=1)
    before = snapshot(tmp_path)
    result = authority(tmp_path, **{**BELOW, **more})
    assert result["failed"]
    assert words in result["msg"]
    assert snapshot(tmp_path) == before


def test_passphrase_of_the_parent(tmp_path: Path) -> None:
    authority(tmp_path, path_length=1, passphrase=PASSPHRASE)
    before = snapshot(tmp_path)
    assert "ca.key: the key is encrypted: give its passphrase" in authority(tmp_path, **BELOW)["msg"]
    wrong = authority(tmp_path, **BELOW, parent_passphrase="wrong-passphrase")
    assert "the passphrase does not open this key" in wrong["msg"]
    assert snapshot(tmp_path) == before


def test_it_does_not_outlive_its_parent(tmp_path: Path) -> None:
    root = authority(tmp_path, path_length=1, days=100)
    made = authority(tmp_path, **BELOW)
    assert made["not_after"] == root["not_after"]
    assert "ends with ca on 2027-03-03" in made["warnings"][0]


def test_the_root_on_another_machine(tmp_path: Path) -> None:
    offline, here = tmp_path / "offline", tmp_path / "here"
    authority(offline, path_length=1, passphrase=PASSPHRASE)
    taken = authority(here, key_kept="elsewhere", certificate_file=str(offline / "ca.crt"))
    assert taken["reasons"] == [f"authority ca: taken in from {offline / 'ca.crt'}"]
    asked = authority(here, **BELOW, sealer=Reversed())
    assert (asked["waiting"], asked["changed"]) == (True, True)
    assert asked["request"] == (here / "issuing.csr").read_text()
    assert "have " in asked["warnings"][0]
    before = snapshot(here)
    answer = str(tmp_path / "answer.crt")
    waiting = authority(here, **BELOW, certificate_file=answer, sealer=Reversed())
    assert (waiting["waiting"], waiting["changed"], waiting["request"]) == (True, False, asked["request"])
    result = certificate(here, [entry()], authority="issuing", sealer=Reversed())
    assert "authority issuing waits for its certificate" in result["msg"]
    assert snapshot(here) == before
    signed = authority(offline, **BELOW, csr=asked["request"], parent_passphrase=PASSPHRASE)
    assert signed["reasons"] == ["authority issuing: signed by ca for the first time"]
    assert not (offline / "issuing.key").exists()
    assert not authority(offline, **BELOW, csr=asked["request"])["changed"]
    shutil.copy(offline / "issuing.crt", answer)
    for check in (True, False):
        result = authority(here, NOW, check, Reversed(), **BELOW, certificate_file=answer)
        assert result["reasons"] == ["authority issuing: its certificate, signed by CN=NATS CA, is taken in"]
    assert not (here / "issuing.csr").exists()
    again = authority(here, **BELOW, certificate_file=answer, sealer=Reversed())
    assert (again["changed"], again["waiting"], again.get("warnings")) == (False, False, None)
    certificate(here, [entry()], authority="issuing", sealer=Reversed())
    assert path_of(here / "issued/n1/server.crt", offline / "ca.crt")[-1] == "CN=NATS CA"


def test_answers_that_are_none(tmp_path: Path) -> None:
    here, offline = tmp_path / "here", tmp_path / "offline"
    authority(offline, path_length=1)
    authority(here, key_kept="elsewhere", certificate_file=str(offline / "ca.crt"))
    asked = authority(here, **BELOW)
    (here / "ca.crt").unlink()
    authority(offline, **BELOW, csr=asked["request"])
    before = snapshot(here)

    def refused(file: Path, words: str, now: Any = NOW) -> None:
        result = authority(here, now, **BELOW, certificate_file=str(file))
        assert words in result["msg"]
        assert "PRIVATE" not in repr(result)
        assert snapshot(here) == before

    refused(offline / "issuing.crt", "the certificate of CN=NATS CA, which signed it, is not here")
    authority(here, key_kept="elsewhere", certificate_file=str(offline / "ca.crt"))
    before = snapshot(here)
    refused(offline / "ca.crt", "is not the answer to")
    refused(offline / "issuing.crt", "CN=Issuing CA expired on", NOW + 3650 * DAY)
    refused(offline / "issuing.crt", "CN=Issuing CA is not valid before", NOW - 365 * DAY)
    (tmp_path / "cut.crt").write_bytes((offline / "issuing.crt").read_bytes()[:300])
    refused(tmp_path / "cut.crt", "the certificate is damaged or cut off")
    certificate(offline, [entry(csr=asked["request"], dns=[], ip=["192.0.2.1"])])
    refused(offline / "issued/n1/server.crt", "is not an authority (basicConstraints without CA:TRUE)")


def test_an_authority_of_somebody_else(tmp_path: Path, two: Path) -> None:
    here = tmp_path / "here"
    files = {"certificate_file": str(two / "issuing.crt"), "key_file": str(two / "issuing.key")}
    for check in (True, False):
        made = authority(here, check=check, name="corp", **files)
        assert made["reasons"] == [f"authority corp: taken in from {two / 'issuing.crt'}"]
        assert "its root is not here: OpenSSL clients trust nothing below it" in made["warnings"][0]
    again = authority(here, name="corp", **files)
    assert (again["changed"], again.get("warnings")) == (False, None)
    made = certificate(here, [entry()], authority="corp")
    assert not made.get("failed"), made
    assert path_of(here / "issued/n1/server.crt", two / "ca.crt")[-1] == "CN=NATS CA"
    other = authority(here, name="corp", certificate_file=str(two / "ca.crt"), key_kept="elsewhere")
    assert "is another certificate than that of authority corp" in other["msg"]


@pytest.mark.parametrize(
    ("files", "now", "words"),
    [
        (("ca.crt", "issuing.key"), NOW, "issuing.key: is not the key of"),
        (("ca.crt", "ca.key"), NOW, "ca.key: the key is encrypted: give its passphrase"),
        (
            ("issued/n1/server.crt", "issued/n1/server.key"),
            NOW,
            "is not an authority (basicConstraints without CA:TRUE)",
        ),
        (
            ("issued/n1/server.crt", "issued/n1/server.key"),
            NOW,
            "must not sign certificates (keyUsage without keyCertSi",
        ),
        (("issuing.crt", "issuing.key"), NOW + 3651 * DAY, "CN=Issuing CA expired on"),
        (("issuing.crt", "issuing.key"), NOW - 365 * DAY, "CN=Issuing CA is not valid before"),
        (("none.crt", "issuing.key"), NOW, "none.crt: No such file"),
        (("ca.key", "ca.key"), NOW, "ca.key: is not a certificate in PEM form"),
    ],
)
def test_what_is_not_taken_in(tmp_path: Path, two: Path, files: tuple[str, str], now: Any, words: str) -> None:
    certificate(two, [entry()], authority="issuing")
    given = {"certificate_file": str(two / files[0]), "key_file": str(two / files[1])}
    result = authority(tmp_path / "here", now, **given)
    assert result["failed"]
    assert words in result["msg"]
    assert snapshot(tmp_path / "here") == {}


def test_the_key_of_another_is_not_accepted_for_a_csr(two: Path, tmp_path: Path) -> None:
    authority(tmp_path / "one", key_kept="elsewhere", certificate_file=str(two / "ca.crt"))
    asked = authority(tmp_path / "one", **BELOW)["request"]
    result = authority(two, **BELOW, csr=asked, parent_passphrase=PASSPHRASE)
    assert "was certified for another key than that of this csr" in result["msg"]


def test_a_key_that_lies_where_it_is_said_not_to(tmp_path: Path) -> None:
    authority(tmp_path)
    assert "although the key of ca is said to be elsewhere" in authority(tmp_path, key_kept="elsewhere")["warnings"][0]
    assert (
        "there is no certificate of authority other" in authority(tmp_path, name="other", key_kept="elsewhere")["msg"]
    )


def test_constraints_are_obeyed(tmp_path: Path) -> None:
    limits = {"permitted": {"dns": ["example.com"], "ip": ["192.0.2.0/24"]}}
    authority(tmp_path, path_length=1, **limits)
    authority(tmp_path, **BELOW)
    before = snapshot(tmp_path)
    wanted = [entry(), entry("n2", dns=["n2.example.com", "n2.example.org"], ip=["198.51.100.7"])]
    result = certificate(tmp_path, wanted, authority="issuing")
    assert [(found["path"], found["message"]) for found in result["problems"]] == [
        (
            "certificates[1].dns[1]",
            "n2.example.org is outside of what is permitted (example.com) by the authority CN=NATS CA (certificate n2)",
        ),
        (
            "certificates[1].ip[0]",
            "198.51.100.7 is outside of what is permitted (192.0.2.0/24) by the authority CN=NATS CA (certificate n2)",
        ),
    ]
    assert snapshot(tmp_path) == before
    assert certificate(tmp_path, wanted[:1], authority="issuing")["changed"]
    kept = authority(tmp_path, permitted={"dns": ["example.org"]})
    assert "authority ca keeps its name constraints" in kept["warnings"][0]


def test_the_chain_is_delivered_anew_when_it_changes(two: Path) -> None:
    certificate(two, [entry()], authority="issuing")
    file = two / "issued/n1/server.crt"
    leaf = file.read_bytes().partition(b"-----END CERTIFICATE-----\n")
    file.write_bytes(leaf[0] + leaf[1])
    assert certificate(two, [entry()], authority="issuing")["reasons"] == ["n1/server: the chain above it has changed"]
    assert not certificate(two, [entry()], authority="issuing")["changed"]


def test_the_serial_of_an_authority_is_recorded(two: Path) -> None:
    assert '"name": "issuing"' in (two / "ca.serials.json").read_text()
    foreign = keys.generate(KEY_TYPES["ed25519"])
    (two / "issuing.key").write_bytes(keys.write(foreign))
    assert "issuing.key: is not the key of issuing.crt" in authority(two, **BELOW)["msg"]
