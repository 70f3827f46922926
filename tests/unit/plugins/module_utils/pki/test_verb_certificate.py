# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb certificate: create, again, one change, check mode, time, broken files, killed runs, bad input."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, keys
from ansible_collections.aegis.nats.plugins.module_utils.plan import folder as folder_module
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    Reversed,
    authority,
    certificate,
    entry,
    snapshot,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, request

WANTED = [
    entry("n1/server"),
    entry("n1/route", "route"),
    {"name": "clients/app", "profile": "client", "email": ["app@example.com"], "organization": "Acme"},
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path / "pki")
    return tmp_path / "pki"


def serial(path: Path, name: str) -> str:
    return facts.read(facts.load((path / f"issued/{name}.crt").read_bytes(), name)).serial


def test_create_and_again(path: Path) -> None:
    made = certificate(path, WANTED)
    assert made["reasons"] == [f"{one['name']}: issued for the first time" for one in WANTED]
    assert "PRIVATE" not in repr(made)
    app = made["certificates"]["clients/app"]
    assert app["key_path"] == str(path / "issued/clients/app.key")
    assert (app["subject"], app["days_left"], app["issued"]) == ("CN=app@example.com,O=Acme", 365, True)
    assert app["names"]["email"] == ["app@example.com"]
    assert app["serial"] == serial(path, "clients/app")
    assert made["authority"]["certificate_path"] == str(path / "ca.crt")
    before = snapshot(path)
    assert before["issued/n1/server.key"].startswith("600 ")
    assert (path / "issued/n1").stat().st_mode & 0o777 == 0o700
    record = json.loads((path / "ca.serials.json").read_text())
    assert {found["name"] for found in record.values()} == {one["name"] for one in WANTED}
    assert set(record) == {found["serial"] for found in made["certificates"].values()}
    for check in (True, False):
        again = certificate(path, WANTED, NOW + DAY, check)
        assert (again["changed"], again["reasons"], again["diff"]) == (False, [], {"before": "", "after": ""})
        assert not again["certificates"]["clients/app"]["issued"]
        assert again["certificates"]["clients/app"]["serial"] == app["serial"]
    assert snapshot(path) == before


def test_check_mode_tells_what_the_run_does(path: Path) -> None:
    before = snapshot(path)
    checked = certificate(path, WANTED, check=True)
    assert snapshot(path) == before
    assert (checked["certificates"]["n1/server"]["serial"], checked["changed"]) == (None, True)
    made = certificate(path, WANTED)
    assert (checked["reasons"], checked["diff"]) == (made["reasons"], made["diff"])
    assert {k: v["not_after"] for k, v in checked["certificates"].items()} == {
        k: v["not_after"] for k, v in made["certificates"].items()
    }


def test_check_mode_before_there_is_an_authority(tmp_path: Path) -> None:
    checked = certificate(tmp_path / "pki", WANTED, check=True)
    assert checked["reasons"] == [f"{one['name']}: issued for the first time" for one in WANTED]
    assert "warnings" not in checked
    assert not (tmp_path / "pki").exists()
    assert "make it first with aegis.nats.authority" in certificate(tmp_path / "pki", WANTED)["msg"]
    assert not (tmp_path / "pki").exists()


def test_one_change_touches_one_certificate(path: Path) -> None:
    certificate(path, WANTED)
    before = snapshot(path)
    wanted = [WANTED[0], {**WANTED[1], "dns": ["n1.example.com", "nats-1.internal"]}, WANTED[2]]
    checked = certificate(path, wanted, check=True)
    made = certificate(path, wanted)
    assert checked["reasons"] == made["reasons"] == ["n1/route: dns adds nats-1.internal"]
    assert checked["diff"] == made["diff"]
    assert "nats-1.internal" in made["diff"]["after"]
    assert "n1/server" not in made["diff"]["after"]
    after = snapshot(path)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"issued/n1/route.crt", "issued/n1/route.key", "ca.serials.json"}
    assert certificate(path, wanted)["changed"] is False


@pytest.mark.parametrize("kind", ["ecdsa-p256", "rsa-2048", "ed25519"])
def test_key_types_come_back_unchanged(path: Path, kind: str) -> None:
    assert certificate(path, [entry(key_type=kind)])["changed"]
    assert not certificate(path, [entry(key_type=kind)])["changed"]
    other = "ecdsa-p384"
    assert certificate(path, [entry(key_type=other)])["reasons"] == [f"n1/server: key type {kind} becomes {other}"]


def test_renewal(path: Path) -> None:
    wanted = [entry(days=90, renew_before="30d"), entry("n2/server", days=90)]
    first = certificate(path, wanted)
    quiet = certificate(path, wanted, NOW + 59 * DAY)
    assert not quiet["changed"]
    renewed = certificate(path, wanted, NOW + 60 * DAY)
    assert [line.split(" on ")[0] for line in renewed["reasons"]] == [
        "n1/server: its renewal window opened",
        "n2/server: its renewal window opened",
    ]
    for name in ("n1/server", "n2/server"):
        assert renewed["certificates"][name]["serial"] != first["certificates"][name]["serial"]
        assert renewed["certificates"][name]["spki_sha256"] != first["certificates"][name]["spki_sha256"]
        assert renewed["certificates"][name]["days_left"] == 90
    assert not certificate(path, wanted, NOW + 60 * DAY)["changed"]


def test_an_authority_that_ends_first(tmp_path: Path) -> None:
    authority(tmp_path, days=100)
    wanted = [entry(f"n{number}/server") for number in range(7)]
    made = certificate(tmp_path, wanted)
    (words,) = made["warnings"]
    assert words.startswith("n0/server, n1/server, n2/server, n3/server, n4/server and 2 more: ends with its authority")
    assert made["certificates"]["n0/server"]["not_after"] == made["authority"]["not_after"]
    late = certificate(tmp_path, wanted, NOW + 90 * DAY)
    assert not late["changed"]
    assert "plan its rotation" in late["warnings"][0]
    assert "it expired on" in certificate(tmp_path, wanted, NOW + 101 * DAY)["msg"]


def test_another_authority(path: Path) -> None:
    certificate(path, WANTED)
    for file in ("ca.crt", "ca.key"):
        (path / file).unlink()
    expected = [f"{one['name']}: another authority signed it" for one in WANTED]
    assert certificate(path, WANTED, check=True)["reasons"] == expected
    authority(path)
    assert certificate(path, WANTED)["reasons"] == expected
    assert not certificate(path, WANTED)["changed"]


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("n1/server.key", None, "its key file is missing"),
        ("n1/server.crt", None, "its certificate file is missing"),
        ("n1/server.key", b"-----BEGIN", "its key file is damaged"),
        ("n1/server.crt", b"", "its certificate file is damaged"),
    ],
)
def test_broken_files_are_made_anew(path: Path, file: str, content: bytes | None, reason: str) -> None:
    certificate(path, WANTED)
    place = path / "issued" / file
    place.unlink() if content is None else place.write_bytes(content)
    assert certificate(path, WANTED)["reasons"] == [f"n1/server: {reason}"]
    assert not certificate(path, WANTED)["changed"]


def test_sealing(path: Path) -> None:
    certificate(path, WANTED)
    first = serial(path, "n1/server")
    for check in (True, False):
        result = certificate(path, WANTED, check=check, sealer=Reversed())
        assert result["reasons"] == [f"{one['name']}: its key becomes sealed" for one in WANTED]
    assert serial(path, "n1/server") == first
    assert (path / "issued/n1/server.key").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert (path / "issued/n1/server.crt").read_bytes().startswith(b"-----BEGIN CERT")
    authority(path, sealer=Reversed())
    assert certificate(path, [*WANTED, entry("n2")], sealer=Reversed())["reasons"] == ["n2: issued for the first time"]
    assert (path / "issued/n2.key").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert not certificate(path, WANTED, sealer=Reversed())["changed"]
    assert "no vault secret" in certificate(path, WANTED)["msg"]


def test_a_request_is_signed_and_no_key_is_made(path: Path) -> None:
    certificate(path, [entry()])
    asked = entry(csr=request(KEY, "n1.example.com"))
    made = certificate(path, [asked])
    assert made["reasons"] == ["n1/server: its request carries another key"]
    assert made["certificates"]["n1/server"]["key_path"] is None
    assert made["certificates"]["n1/server"]["spki_sha256"] == keys.spki_sha256(KEY.public_key())
    assert not (path / "issued/n1/server.key").exists()
    assert not certificate(path, [asked])["changed"]
    assert certificate(path, [entry()])["reasons"] == ["n1/server: its key file is missing"]


def test_a_request_for_names_of_another_host(path: Path) -> None:
    result = certificate(path, [entry(csr=request(KEY, "n2.example.com"))])
    assert result["problems"][0]["path"] == "certificates[0].csr"
    assert not (path / "issued").exists()


def test_a_clock_that_went_back(path: Path) -> None:
    certificate(path, WANTED, NOW + 400 * DAY)
    before = snapshot(path)
    result = certificate(path, WANTED, NOW + 35 * DAY)
    assert "the clock here says 2026-12-28T12:00:00Z: set the clock right" in result["msg"]
    assert snapshot(path) == before


def test_all_problems_at_once_and_nothing_written(path: Path) -> None:
    before = snapshot(path)
    result = certificate(path, [entry(), entry(dns=["10.0.0.1"]), entry("n3", "sever", days=0)], authority="../ca")
    assert result["failed"]
    assert [problem["path"] for problem in result["problems"]] == [
        "authority",
        "certificates[1].dns[0]",
        "certificates[1].name",
        "certificates[2].profile",
        "certificates[2].days",
    ]
    assert "nothing was changed" in result["msg"]
    assert snapshot(path) == before


def test_a_record_of_serials_that_is_broken_stops_the_run(path: Path) -> None:
    certificate(path, [entry()])
    (path / "ca.serials.json").write_text("{")
    before = snapshot(path)
    assert "the record of serials is damaged" in certificate(path, WANTED)["msg"]
    assert snapshot(path) == before


class Killed(BaseException):
    """What a test raises where a run is killed; nothing may catch it."""


@pytest.mark.parametrize("at", range(4))
def test_a_run_killed_at_any_rename(path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """One rename publishes the journal, one each puts a new folder or file in place: nothing has changed, or all."""
    real, calls = os.replace, iter(range(1000))

    def replace(source: Any, target: Any) -> None:
        if next(calls) == at:
            raise Killed
        real(source, target)

    before = snapshot(path)
    monkeypatch.setattr(folder_module.os, "replace", replace)
    if at < 3:
        with pytest.raises(Killed):
            certificate(path, WANTED)
    else:
        certificate(path, WANTED)
    monkeypatch.setattr(folder_module.os, "replace", real)
    checked = certificate(path, WANTED, check=True)
    found = certificate(path, WANTED)
    assert checked["reasons"] == found["reasons"]
    assert found["changed"] is (at == 0)
    assert before.items() <= snapshot(path).items()
    record = json.loads((path / "ca.serials.json").read_text())
    assert len(record) == len(WANTED)
    assert not certificate(path, WANTED)["changed"]
    assert not (path / ".staging").exists()


def test_a_check_holds_names_to_the_authority_that_is_still_to_be_made(tmp_path: Path) -> None:
    coming = authority(tmp_path / "pki", check=True, permitted={"dns": ["example.com"]})
    wanted = [entry(), entry("n2/server", dns=["n2.example.org"])]
    told = certificate(tmp_path / "pki", wanted, check=True, above=["", coming["certificate"]])
    assert told["problems"] == [
        {
            "path": "certificates[1].dns[0]",
            "message": "n2.example.org is outside of what is permitted (example.com) by the authority CN=NATS CA "
            "(certificate n2/server)",
        }
    ]
    assert not certificate(tmp_path / "pki", wanted[:1], check=True, above=[coming["certificate"]]).get("failed")
    assert not list(tmp_path.iterdir())
