# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of a store, by their tokens and by what their creds hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import store
from ansible_collections.aegis.nats.plugins.module_utils.audit.held import Stored
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import from_seed
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import Reversed, orders, trust

SEALED = Reversed()


def read(folder: Path) -> Stored:
    return store.read(str(folder), NoSeal())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert not trust(tmp_path / "trust", orders()).get("failed")
    return tmp_path / "trust"


def names(found: Stored) -> list[tuple[str, str, bool]]:
    return sorted((each.account, each.user, each.of_creds) for each in found.tokens if each.token)


USERS = [("ExternalPartner", "gateway", False), ("SYS", "sys", False), ("TeamAlpha", "order-service", False)]


def test_every_user_once(folder: Path) -> None:
    found = read(folder)
    assert names(found) == USERS and not found.problems
    (key,) = found.operators
    assert key.startswith("O") and found.operators[key] == "Acme"
    assert {each.operator for each in found.tokens} == {key}


def test_creds_that_hold_another_token(folder: Path) -> None:
    place = next(folder.rglob("gateway.creds"))
    token = tokens.read(next(folder.rglob("users/gateway.jwt")).read_text())
    seed = next(folder.rglob(f"{token.issuer}.nk")).read_text()
    older = tokens.sign({**token.claims, "iat": 1}, from_seed(seed))
    place.write_text(place.read_text().replace(token.text, older.text))
    assert ("ExternalPartner", "gateway", True) in names(read(folder))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("users/gateway.jwt", b"\xff\xfe"),
        ("users/gateway.jwt", b""),
        ("users/gateway.jwt", SEALED.close(b"x")),
        ("gateway.creds", b"-----BEGIN"),
        ("gateway.creds", SEALED.close(b"x")),
    ],
)
def test_what_can_t_be_read_is_told_with_its_path(folder: Path, name: str, content: bytes) -> None:
    place = next(folder.rglob(name))
    place.write_bytes(content)
    found = read(folder)
    (wrong,) = (each for each in found.tokens if each.token is None)
    assert (wrong.account, wrong.user) == ("ExternalPartner", "gateway") and place.name in wrong.problem
    assert USERS[2] in names(found)


def test_a_token_that_was_changed_is_none(folder: Path) -> None:
    place = next(folder.rglob("users/gateway.jwt"))
    head, middle, signature = place.read_text().split(".")
    place.write_text(f"{head}.{middle}.{signature[:-6]}AAAAAA")
    assert USERS[0] not in names(read(folder))


def test_an_account_in_a_user_s_place(folder: Path) -> None:
    account = next(folder.rglob("ExternalPartner.jwt")).read_bytes()
    next(folder.rglob("users/gateway.jwt")).write_bytes(account)
    (wrong,) = (each for each in read(folder).tokens if each.token is None)
    assert "token of kind account" in wrong.problem


@pytest.mark.parametrize("kind", ["absent", "empty", "file"])
def test_no_store(tmp_path: Path, kind: str) -> None:
    place: Any = tmp_path / "x"
    if kind == "empty":
        place.mkdir()
    elif kind == "file":
        place.write_text("x")
    found = read(place)
    assert not found.tokens and list(found.problems) == [f"store {place}"]


def test_an_operator_who_can_t_be_read_hides_no_other(folder: Path) -> None:
    second = folder / "stores/Second"
    second.mkdir()
    (second / "Second.jwt").write_text("x")
    found = read(folder)
    assert names(found) == USERS and list(found.problems) == [f"operator Second in {folder}"]


def test_a_sealed_store_opens_with_its_seal(tmp_path: Path) -> None:
    assert not trust(tmp_path / "s", orders(), seal=SEALED).get("failed")
    assert names(store.read(str(tmp_path / "s"), SEALED)) == USERS
    shut = read(tmp_path / "s")
    sealed = {each.user for each in shut.tokens if "is sealed with Ansible Vault" in each.problem}
    assert sealed == {"gateway", "order-service", "sys"}
