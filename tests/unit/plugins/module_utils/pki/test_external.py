# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of somebody else's authority: requests out, answers in, and every answer that is none."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import chain, facts, keys
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

EXAMPLE = Path(__file__).resolve().parents[5] / "examples/external_ca/openssl.sh"
WANTED = [entry(), entry("n1/route", "route"), {"name": "clients/app", "profile": "client"}]


class Estate:
    """An authority of somebody else (root and issuing), and a folder that trusts its root."""

    def __init__(self, root: Path, now: datetime = NOW) -> None:
        self.theirs, self.ours, self.now = root / "theirs", root / "ours", now
        authority(self.theirs, now, path_length=1)
        authority(self.theirs, now, name="issuing", parent="ca", common_name="Issuing CA")
        authority(self.ours, now, key_kept="elsewhere", certificate_file=str(self.theirs / "ca.crt"))

    def run(self, wanted: Any, now: datetime | None = None, **more: Any) -> Any:
        return certificate(self.ours, wanted, now or self.now, external=True, **more)

    def answer(self, name: str, **changes: Any) -> Path:
        """Have the request of ``name`` signed as the entry says, with ``changes``, and put the answer beside it."""
        asked = (self.ours / f"requests/{name}.csr").read_text()
        wanted = next(one for one in WANTED if one["name"] == name)
        signed = certificate(
            self.theirs, [{**wanted, "name": "signed", "csr": asked, **changes}], self.now, authority="issuing"
        )
        assert not signed.get("failed"), signed
        return self.put(name, self.theirs / "issued/signed.crt")

    def put(self, name: str, file: Path) -> Path:
        place = self.ours / f"requests/{name}.crt"
        shutil.copy(file, place)
        return place


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def test_requests_out_and_certificates_in(estate: Estate) -> None:
    before = snapshot(estate.ours)
    checked = estate.run(WANTED, check=True)
    assert snapshot(estate.ours) == before
    asked = estate.run(WANTED)
    names = [one["name"] for one in WANTED]
    assert asked["reasons"] == checked["reasons"]
    assert asked["reasons"] == [f"{name}: a request is written, for issued for the first time" for name in names]
    assert asked["diff"] == checked["diff"]
    assert asked["waiting"] == asked["missing"] == checked["missing"] == names
    assert (estate.ours / "requests/n1/server.key").stat().st_mode & 0o777 == 0o600
    assert not (estate.ours / "issued").exists()
    assert "PRIVATE" not in repr(asked)
    before = snapshot(estate.ours)
    again = estate.run(WANTED)
    assert (again["changed"], again["reasons"], again["waiting"]) == (False, [], names)
    assert "n1/server waits: have " in again["warnings"][0]
    assert snapshot(estate.ours) == before
    for name in names:
        estate.answer(name)
    for check in (True, False):
        taken = estate.run(WANTED, check=check)
        assert taken["reasons"] == [f"{name}: the certificate for its request is taken in" for name in names]
    assert (taken["waiting"], taken["missing"]) == ([], [])
    assert taken["certificates"]["n1/server"]["issued"]
    assert not (estate.ours / "requests").exists()
    path = chain.load_all((estate.ours / "issued/n1/server.crt").read_bytes(), "x")
    assert [facts.read(one).subject for one in path] == ["CN=n1.example.com", "CN=Issuing CA"]
    key = keys.read((estate.ours / "issued/n1/server.key").read_bytes(), "x")
    assert keys.spki(key.public_key()) == keys.spki(path[0].public_key())
    before = snapshot(estate.ours)
    assert not estate.run(WANTED, NOW + DAY)["changed"]
    assert snapshot(estate.ours) == before


def test_while_a_new_one_is_waited_for_the_old_one_serves(estate: Estate) -> None:
    estate.run(WANTED[:1])
    estate.answer("n1/server")
    estate.run(WANTED[:1])
    served = (estate.ours / "issued/n1/server.crt").read_bytes()
    later = estate.run(WANTED[:1], NOW + 300 * DAY)
    assert (later["waiting"], later["missing"]) == (["n1/server"], [])
    assert later["certificates"]["n1/server"]["issued"] is False
    assert later["certificates"]["n1/server"]["days_left"] == 65
    assert (estate.ours / "issued/n1/server.crt").read_bytes() == served
    ended = estate.run(WANTED[:1], NOW + 366 * DAY)
    assert ended["missing"] == ["n1/server"]


def test_a_request_that_is_out_of_date_is_written_anew(estate: Estate) -> None:
    estate.run(WANTED[:1])
    estate.answer("n1/server")
    other = [entry(dns=["n1.example.com", "nats-1.internal"])]
    anew = estate.run(other)
    assert anew["reasons"] == ["n1/server: a request is written, for issued for the first time"]
    assert not (estate.ours / "requests/n1/server.crt").exists()
    (estate.ours / "requests/n1/server.key").unlink()
    assert estate.run(other)["changed"]
    assert not estate.run(other)["changed"]


def test_keys_that_wait_are_sealed(estate: Estate) -> None:
    estate.run(WANTED[:1], sealer=Reversed())
    assert (estate.ours / "requests/n1/server.key").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert not estate.run(WANTED[:1], sealer=Reversed())["changed"]
    estate.answer("n1/server")
    estate.run(WANTED[:1], sealer=Reversed())
    assert (estate.ours / "issued/n1/server.key").read_bytes().startswith(b"$ANSIBLE_VAULT;")


def test_the_request_of_a_host_goes_out_as_it_is(estate: Estate) -> None:
    csr = request(KEY, "n1.example.com")
    wanted = [entry(csr=csr, ip=[])]
    estate.run(wanted)
    assert (estate.ours / "requests/n1/server.csr").read_text() == csr
    assert not (estate.ours / "requests/n1/server.key").exists()
    estate.answer("n1/server", ip=[])
    assert estate.run(wanted)["reasons"] == ["n1/server: the certificate for its request is taken in"]
    assert not (estate.ours / "issued/n1/server.key").exists()
    assert not estate.run(wanted)["changed"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ip": ["192.0.2.1", "192.0.2.9"]}, "its names are not those that were asked for: ip adds 192.0.2.9"),
        ({"profile": "client"}, "it is not good for serverAuth, which the profile server needs"),
    ],
)
def test_answers_that_say_something_else(estate: Estate, changes: dict[str, Any], words: str) -> None:
    estate.run(WANTED)
    estate.answer("n1/route")
    estate.answer("n1/server", **changes)
    before = snapshot(estate.ours)
    result = estate.run(WANTED)
    assert result["failed"]
    assert words in result["msg"]
    assert {found["path"] for found in result["problems"]} == {str(estate.ours / "requests/n1/server.crt")}
    assert snapshot(estate.ours) == before, "not even the good answer beside it was taken in"


def test_an_answer_that_lacks_a_name(estate: Estate) -> None:
    wanted = [entry(csr=request(KEY, "n1.example.com"))]
    estate.run(wanted)
    estate.answer("n1/server", ip=[])
    assert "its names are not those that were asked for: ip drops 192.0.2.1" in estate.run(wanted)["msg"]


def test_answers_of_all_kinds_that_are_none(estate: Estate, tmp_path: Path) -> None:
    estate.run(WANTED)
    place = estate.answer("n1/server")
    good = place.read_bytes()

    def refused(words: str, now: datetime = NOW) -> None:
        before = snapshot(estate.ours)
        result = estate.run(WANTED, now)
        assert words in result.get("msg", ""), result
        assert snapshot(estate.ours) == before

    place.write_bytes(good[:200])
    refused("the certificate is damaged or cut off")
    place.write_bytes(b"hello")
    refused("is not a certificate in PEM form")
    place.write_bytes(good.partition(b"-----END CERTIFICATE-----\n")[0] + b"-----END CERTIFICATE-----\n")
    refused("no chain leads from it to authority ca (CN=NATS CA)")
    place.write_bytes(good)
    refused("CN=n1.example.com expired on 2027-11-23", NOW + 365 * DAY)
    refused("the clock here says 2025-11-23", NOW - 365 * DAY)
    other = Estate(tmp_path / "other")
    other.run(WANTED)
    other.put("n1/server", place)
    result = other.run(WANTED)
    assert "it certifies another key than that of the request" in result["msg"]
    assert "no chain leads from it to authority ca" in result["msg"]
    shutil.copy(estate.theirs / "issuing.crt", place)
    refused("it is that of an authority")


def test_a_serial_that_was_given_before(estate: Estate) -> None:
    estate.run(WANTED)
    estate.answer("n1/server")
    estate.run(WANTED)
    record = estate.ours / "ca.serials.json"
    serial = facts.read(facts.load((estate.ours / "issued/n1/server.crt").read_bytes(), "x")).serial
    place = estate.answer("n1/route")
    route = facts.read(facts.load(place.read_bytes(), "x")).serial
    record.write_text(record.read_text().replace(serial, route))
    result = estate.run(WANTED)
    assert f"its serial {route} is that of n1/server: serials are given once" in result["msg"]


def test_without_saying_so_a_missing_key_is_an_error(estate: Estate) -> None:
    result = certificate(estate.ours, WANTED)
    assert "ca.key: is missing while ca.crt is there" in result["msg"]
    assert "where the key is kept elsewhere by intent, say so" in result["msg"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl program")
class TestCommand:
    """With a program that signs: the example, on its real openssl."""

    @pytest.fixture
    def now_estate(self, tmp_path: Path) -> Estate:
        return Estate(tmp_path, datetime.now(timezone.utc).replace(microsecond=0))

    def command(self, estate: Estate) -> list[str]:
        return [str(EXAMPLE), str(estate.theirs / "issuing.crt"), str(estate.theirs / "issuing.key")]

    def test_in_one_run(self, now_estate: Estate) -> None:
        command = self.command(now_estate)
        later = now_estate.now + DAY / 24
        before = snapshot(now_estate.ours)
        checked = now_estate.run(WANTED, later, check=True, sign_command=command)
        assert snapshot(now_estate.ours) == before
        made = now_estate.run(WANTED, later, sign_command=command)
        assert made.get("msg") is None
        assert made["reasons"] == checked["reasons"]
        assert made["reasons"] == [f"{one['name']}: issued for the first time" for one in WANTED]
        assert made["diff"] == checked["diff"]
        assert (made["waiting"], made["certificates"]["clients/app"]["issued"]) == ([], True)
        assert not now_estate.run(WANTED, later, sign_command=command)["changed"]
        assert (now_estate.ours / "issued/n1/route.crt").read_bytes().count(b"BEGIN CERT") == 2

    def test_what_fails_ends_the_run_after_what_was_signed(self, now_estate: Estate, tmp_path: Path) -> None:
        later = now_estate.now + DAY / 24
        picky = tmp_path / "picky.sh"
        command = " ".join(f'"{part}"' for part in self.command(now_estate))
        picky.write_text(
            f'#!/bin/sh\n[ "$NATS_CERTIFICATE_PROFILE" = client ] && {{ echo no >&2; exit 7; }}\nexec {command}\n'
        )
        picky.chmod(0o755)
        result = now_estate.run(WANTED, later, sign_command=[str(picky)])
        assert "clients/app: " in result["msg"]
        assert "ended with status 7: no. 2 others were taken in before it" in result["msg"]
        again = now_estate.run(WANTED, later, sign_command=self.command(now_estate))
        assert again["reasons"] == ["clients/app: issued for the first time"]

    def test_what_is_not_what_was_asked_for_is_not_taken(self, now_estate: Estate, tmp_path: Path) -> None:
        other = tmp_path / "other.crt"
        shutil.copy(now_estate.theirs / "ca.crt", other)
        result = now_estate.run(WANTED, sign_command=["cat", str(other)])
        assert "what cat wrote is not taken in: it certifies another key" in result["msg"]
        assert not (now_estate.ours / "issued").exists()
        nothing = now_estate.run(WANTED, sign_command=["true"])
        assert "what true wrote: is not a certificate in PEM form" in nothing["msg"]
