# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's token with its root key elsewhere: asked for, signed there, installed here, or refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens, verb_operator_sign
from ansible_collections.aegis.nats.plugins.module_utils.trust.accounts import plain_keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    ORDERS,
    Reversed,
    files,
    key,
    orders,
    trust,
)


class Estate:
    """A store whose root key has been moved to another machine's folder."""

    def __init__(self, folder: Path, seal: Optional[Seal] = None) -> None:
        self.home, self.safe, self.stick = folder / "home", folder / "safe", folder / "stick"
        self.safe.mkdir()
        self.stick.mkdir()
        self.seal = seal or NoSeal()
        self.first = trust(self.home, ORDERS, seal=self.seal)
        self.root = self.first["operator"]["public_key"]
        seed = next(self.home.rglob(f"{self.root}.nk"))
        seed.rename(self.safe / "root.nk")
        self.request, self.response = self.stick / "acme.request", self.stick / "acme.request.response"

    def trust(self, raw: dict[str, Any], now: datetime = NOW + DAY, **more: Any) -> dict[str, Any]:
        return trust(self.home, raw, now, self.seal, operator_request=str(self.request), **more)

    def sign(self, now: datetime = NOW + DAY, **more: Any) -> dict[str, Any]:
        params = {"request": str(self.request), "key": str(self.safe / "root.nk"), **more}
        return perform(verb_operator_sign.VERB, params, Surroundings(False, now, self.seal))

    def in_force(self) -> tokens.Token:
        return tokens.read((self.home / "stores/Acme/Acme.jwt").read_text())

    def seeds(self) -> set[str]:
        return {each.name[:-3] for each in self.home.rglob("*.nk")}


def wanted(**operator: Any) -> dict[str, Any]:
    raw = orders()
    raw["operator"].update(operator)
    return raw


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


@pytest.mark.parametrize("seal", [NoSeal(), Reversed()], ids=["open", "sealed"])
def test_there_and_back(tmp_path: Path, seal: Seal) -> None:
    estate, raw = Estate(tmp_path, seal), wanted(signing_keys=2, tags=["x"])
    raw["accounts"][0]["users"].append({"name": "late"})
    before = estate.in_force()
    told = estate.trust(raw, check_mode=True)
    assert not estate.request.exists()
    asked = estate.trust(raw)
    # The key that is asked for has another name in check mode, which makes none.
    assert len(told["reasons"]) == len(asked["reasons"]) == 4
    assert told["changed"] and asked["changed"]
    assert estate.in_force() == before, "nothing of the operator is in force before it is signed"
    assert "user late is new" in asked["reasons"]
    assert asked["pending"]["signer"] == estate.root
    assert asked["pending"]["changes"][0] == 'tags adds "x"'
    assert f"until {estate.root} has signed its change" in asked["warnings"][0]
    assert asked["operator"] == estate.first["operator"]

    again = estate.trust(raw, NOW + 2 * DAY)
    assert (again["changed"], again["pending"]) == (False, asked["pending"])

    signed = estate.sign()
    assert signed["changed"], signed
    assert signed["changes"] == asked["pending"]["changes"]
    assert signed["digest"] == asked["pending"]["digest"]
    assert not estate.sign(NOW + 2 * DAY)["changed"], "what was answered stays"

    told = estate.trust(raw, NOW + 2 * DAY, check_mode=True)
    assert estate.in_force() == before
    done = estate.trust(raw, NOW + 2 * DAY)
    assert done["reasons"] == told["reasons"]
    assert 'operator Acme: tags adds "x", as signed elsewhere' in done["reasons"]
    assert done["pending"] is None
    now = estate.in_force()
    assert (now.issuer, now.nats["tags"], len(plain_keys(now))) == (estate.root, ["x"], 2)
    assert now.issued_at > before.issued_at
    assert set(plain_keys(now)) <= estate.seeds()
    assert list(estate.stick.iterdir()) == []
    assert not (estate.home / "stores/Acme/.request").exists()
    assert not estate.trust(raw, NOW + 3 * DAY)["changed"]


def test_no_secret_travels(estate: Estate) -> None:
    estate.trust(wanted(signing_keys=3))
    estate.sign()
    secrets = [each.read_text().strip() for each in [*estate.home.rglob("*.nk"), estate.safe / "root.nk"]]
    assert len(secrets) > 10
    carried = estate.request.read_text() + estate.response.read_text()
    assert not [secret for secret in secrets if secret in carried]


def test_a_signing_key_is_made_once_even_if_the_request_is_lost(estate: Estate) -> None:
    first = estate.trust(wanted(signing_keys=2))
    seeds = estate.seeds()
    estate.request.unlink()
    again = estate.trust(wanted(signing_keys=2))
    assert again["reasons"] == [f"the request is written to {estate.request}"]
    assert (again["pending"], estate.seeds()) == (first["pending"], seeds)
    more = estate.trust(wanted(signing_keys=3))
    assert more["pending"]["digest"] != first["pending"]["digest"]
    assert estate.seeds() > seeds
    assert len(estate.seeds() - seeds) == 1


def test_accounts_are_signed_by_what_is_in_force(estate: Estate) -> None:
    """Servers know nothing of the new signing key yet, be the old one there or not."""
    published = estate.in_force().nats["signing_keys"]
    raw = wanted(signing_keys=2, strict_signing_key_usage=False)
    raw["accounts"][0]["description"] = "d"
    assert not estate.trust(raw).get("failed")
    assert tokens.read(account(estate)).issuer in published
    for each in published:
        next(estate.home.rglob(f"{each}.nk")).unlink()
    raw["accounts"][0]["description"] = "e"
    found = estate.trust(raw)
    assert "account TeamAlpha has to be signed" in found["msg"]
    assert published[0] in found["msg"]


def account(estate: Estate) -> str:
    return (estate.home / "stores/Acme/accounts/TeamAlpha/TeamAlpha.jwt").read_text()


def test_a_change_that_is_taken_back_takes_all_of_it_back(estate: Estate) -> None:
    before, seeds = files(estate.home), estate.seeds()
    estate.trust(wanted(signing_keys=2))
    assert estate.seeds() > seeds
    found = estate.trust(ORDERS)
    assert len(found["reasons"]) == 2
    assert found["reasons"][0].endswith("was never published and is not wanted any more, is removed")
    assert found["reasons"][1] == f"the request {estate.request} is not open any more, is removed"
    assert files(estate.home) == before
    assert not estate.request.exists()
    assert not estate.trust(ORDERS)["changed"]


def test_with_the_key_at_home_nothing_is_asked(estate: Estate) -> None:
    estate.trust(wanted(signing_keys=2))
    asked = estate.seeds()
    place = estate.home / f"keys/keys/O/{estate.root[1:3]}"
    place.mkdir(exist_ok=True)
    (estate.safe / "root.nk").rename(place / f"{estate.root}.nk")
    found = estate.trust(wanted(signing_keys=2))
    assert found["pending"] is None
    assert estate.seeds() == {*asked, estate.root}
    assert len(plain_keys(estate.in_force())) == 2
    assert not estate.request.exists()


def test_the_response_may_lie_elsewhere(estate: Estate, tmp_path: Path) -> None:
    raw, place = wanted(tags=["x"]), str(tmp_path / "came back")
    estate.trust(raw)
    assert estate.sign(response=place)["response"] == place
    assert estate.trust(raw)["pending"] is not None
    assert trust(estate.home, raw, NOW + DAY, operator_response=place)["reasons"] == [
        'operator Acme: tags adds "x", as signed elsewhere',
        f"the response {place} is in force, is removed",
    ]


def other_signature(estate: Estate, role: Role = Role.OPERATOR, **claims: Any) -> str:
    """The response signed by somebody else's key."""
    token = tokens.read(estate.response.read_text())
    return tokens.sign({**token.claims, **claims}, key(role, 7)).text


def cut(estate: Estate) -> str:
    return estate.response.read_text()[:-20]


def tampered(estate: Estate) -> str:
    """Other claims below the signature that was made."""
    header, _dummy, signature = estate.response.read_text().strip().split(".")
    payload = other_signature(estate, sub=key(Role.OPERATOR, 7).public_key).split(".")[1]
    return f"{header}.{payload}.{signature}"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (cut, "signature does not verify"),
        (tampered, "signature does not verify"),
        (lambda estate: "", "it is not a token"),
        (other_signature, "it is signed by O"),
        (account, "it is a token of type account, expected operator"),
        (lambda estate: estate.in_force().text, "it is not later than the token that is in force; what is wanted"),
    ],
)
def test_a_response_that_is_none_is_refused(make: Any, says: str, estate: Estate) -> None:
    raw = wanted(tags=["x"])
    estate.trust(raw)
    estate.sign()
    estate.response.write_text(make(estate))
    before = files(estate.home)
    found = estate.trust(raw)
    assert found["failed"]
    assert found["msg"].startswith(f"{estate.response}: the response is refused, nothing was changed: ")
    assert says in found["msg"]
    assert files(estate.home) == before


def test_a_stale_response_is_refused_and_the_request_of_now_written_once_it_is_away(estate: Estate) -> None:
    estate.trust(wanted(tags=["x"]))
    estate.sign()
    found = estate.trust(wanted(tags=["x", "y"]))
    assert 'what is wanted now differs from it: tags adds "y"' in found["msg"]
    estate.response.rename(estate.stick / "old")
    assert estate.trust(wanted(tags=["x", "y"]))["pending"]["changes"] == ['tags adds "x"', 'tags adds "y"']
    estate.sign()
    assert estate.trust(wanted(tags=["x", "y"]))["pending"] is None
    estate.trust(wanted(tags=["x"], expires="1y"))
    (estate.stick / "old").rename(estate.response)
    found = estate.trust(wanted(tags=["x"], expires="1y"))
    assert "it is not later than the token that is in force" in found["msg"]
    assert "expires: never becomes 365d" in found["msg"]


def test_a_response_that_travelled_too_long_or_comes_from_a_wrong_clock_is_refused(estate: Estate) -> None:
    raw = wanted(expires="9d")
    estate.trust(raw)
    estate.sign()
    assert "had expired" in estate.trust(raw, NOW + 20 * DAY)["msg"]
    estate.response.unlink()
    estate.sign(NOW + 5 * DAY)
    assert "set the clocks of both machines" in estate.trust(raw)["msg"]


def test_the_folder_of_the_request_has_to_be_there(estate: Estate) -> None:
    before = files(estate.home)
    estate.stick.rmdir()
    found = estate.trust(wanted(tags=["x"]))
    assert found["msg"].startswith(f"operator_request: there is no folder {estate.stick}")
    assert files(estate.home) == before


def test_an_end_that_comes_near_is_asked_for_as_well(estate: Estate) -> None:
    raw = wanted(expires="30d", renew_before="20d")
    estate.trust(raw)
    estate.sign()
    estate.trust(raw)
    found = estate.trust(raw, NOW + 15 * DAY)
    assert found["pending"]["changes"] == ["is renewed, 16 days before its end"]
    digest = found["pending"]["digest"]
    assert estate.trust(raw, NOW + 16 * DAY)["pending"]["digest"] == digest
    assert estate.sign(NOW + 17 * DAY)["changed"]
    assert estate.trust(raw, NOW + 18 * DAY)["pending"] is None
    assert estate.in_force().expires == int((NOW + 47 * DAY).timestamp())
