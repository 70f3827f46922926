# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was verified is not verified again; and nothing else gets by."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust import claims, creds, keys, store, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.checked import (
    FORM,
    Checked,
    Remembering,
    load,
    save,
    wanted_of,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.draft import Identity
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import to_claims
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Operator, User, read_tree
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

USER = "stores/Acme/accounts/TeamAlpha/users/order-service.jwt"
CREDS = "keys/creds/Acme/TeamAlpha/order-service.creds"
CHECKED = "stores/Acme/.checked"
PAIR = key(keys.Role.OPERATOR, 3)


class Verified:
    """Counts the users whose tokens are verified."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.users: list[str] = []
        real = tokens.read

        def counted(text: str) -> tokens.Token:
            token = real(text)
            if token.kind == "user":
                self.users.append(token.name)
            return token

        monkeypatch.setattr(store.tokens, "read", counted)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Verified:
    return Verified(monkeypatch)


@pytest.mark.parametrize("sealed", [False, True])
def test_an_unchanged_run_verifies_no_user(sealed: bool, tmp_path: Path, verified: Verified) -> None:
    seal = Reversed() if sealed else None
    trust(tmp_path, ORDERS, seal=seal)
    before = (tmp_path / CHECKED).read_bytes()
    assert not trust(tmp_path, ORDERS, NOW + DAY, seal)["changed"]
    assert verified.users == []
    assert (tmp_path / CHECKED).read_bytes() == before


def test_a_changed_user_is_the_only_one_verified(tmp_path: Path, verified: Verified) -> None:
    trust(tmp_path, ORDERS)
    raw = orders()
    raw["accounts"][0]["users"][0]["tags"] = ["x"]
    assert trust(tmp_path, raw)["reasons"] == ['user order-service: tags adds "x"']
    assert verified.users == ["order-service"]
    verified.users.clear()
    assert not trust(tmp_path, raw)["changed"]
    assert verified.users == []


def test_check_mode_keeps_nothing(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    (tmp_path / CHECKED).unlink()
    trust(tmp_path, ORDERS, check_mode=True)
    assert not (tmp_path / CHECKED).exists()
    trust(tmp_path, ORDERS)
    assert (tmp_path / CHECKED).exists()


def forged(root: Path) -> None:
    """A token with a key of the forger, unsigned, and an entry for it under a key that the forger could know."""
    token = tokens.read((root / USER).read_text())
    mine = key(keys.Role.USER, 66)
    head, _dummy, tail = token.text.split(".")
    payload = {**token.claims, "sub": mine.public_key}
    body = keys.base64.urlsafe_b64encode(claims.encode(payload)).decode().rstrip("=")
    text = f"{head}.{body}.{tail}"
    (root / USER).write_text(text)
    (root / CREDS).write_bytes(creds.write(creds.Creds(text, mine.seed)))
    entries = json.loads((root / CHECKED).read_text())
    guess = Checked("", b"")
    wanted = next(each.users[0] for each in read_tree({}, None, ORDERS["accounts"], Problems()).accounts)
    owner = Identity(token.nats["issuer_account"], (token.issuer,))
    parts = (text.encode(), (root / CREDS).read_bytes())
    entries[USER] = guess.entry(USER, parts, wanted_of(wanted, "TeamAlpha", owner, Operator()))
    (root / CHECKED).write_text(json.dumps(entries))


def swapped(root: Path) -> None:
    """The files of one user, verified as they are, in the place of another."""
    other = str(USER).replace("TeamAlpha", "ExternalPartner").replace("order-service", "gateway")
    (root / USER).write_bytes((root / other).read_bytes())


@pytest.mark.parametrize("damage", [forged, swapped, lambda root: (root / USER).write_text("x.y.z")])
def test_what_differs_in_a_byte_is_verified_and_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    damage(tmp_path)
    before = files(tmp_path)
    found = trust(tmp_path, ORDERS)
    assert found.get("failed"), found
    assert USER in found["msg"]
    assert files(tmp_path) == before


def test_creds_that_are_gone_are_missed(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    (tmp_path / CREDS).unlink()
    assert trust(tmp_path, ORDERS)["reasons"] == ["user order-service: its creds were missing, are written again"]


def test_time_is_looked_at_all_the_same(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    found = trust(tmp_path, ORDERS, NOW + 70 * DAY)
    assert found["reasons"] == ["user order-service: is renewed, 20 days before its end"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', "\x00"])
def test_a_damaged_cache_is_none(content: str, tmp_path: Path, verified: Verified) -> None:
    trust(tmp_path, ORDERS)
    good = (tmp_path / CHECKED).read_bytes()
    (tmp_path / CHECKED).write_text(content)
    assert not trust(tmp_path, ORDERS)["changed"]
    assert sorted(verified.users) == ["gateway", "order-service", "sys"]
    assert (tmp_path / CHECKED).read_bytes() == good


def test_without_a_seed_of_the_operator_everything_is_verified(tmp_path: Path, verified: Verified) -> None:
    first = trust(tmp_path, ORDERS)
    for public in (first["operator"]["public_key"], *first["operator"]["signing_keys"]):
        next(tmp_path.rglob(f"{public}.nk")).unlink()
    assert not trust(tmp_path, ORDERS)["changed"]
    assert len(verified.users) == 3


def test_entries_are_bound_to_place_content_and_wish(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path), NoSeal())
    empty = load(folder, "c", PAIR)
    save(folder, empty, {"p": empty.entry("p", (b"ab", b"c"), b"w")})
    held = load(folder, "c", PAIR)
    assert held.knows("p", (b"ab", b"c"), b"w")
    assert not held.knows("p", (b"a", b"bc"), b"w")
    assert not held.knows("p", (b"ab", b"c"), b"v")
    assert not held.knows("q", (b"ab", b"c"), b"w")
    assert not load(folder, "c", key(keys.Role.OPERATOR, 4)).knows("p", (b"ab", b"c"), b"w")
    assert not load(folder, "c", None).knows("p", (b"ab", b"c"), b"w")


def test_a_cache_that_can_t_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    checked = load(Folder(str(tmp_path), NoSeal()), "c", key(keys.Role.OPERATOR, 1))
    monkeypatch.setattr(os, "write", full)
    save(Folder(str(tmp_path), NoSeal()), checked, {"p": "x"})
    assert list(tmp_path.iterdir()) == []


def test_a_seal_that_remembers() -> None:
    from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange

    seal = Remembering(Reversed())
    closed = seal.close(b"secret")
    assert seal.on_disk(FileChange("p", b"secret", secret=True)) == closed != b"secret"
    assert seal.on_disk(FileChange("p", b"secret")) == b"secret"
    assert seal.open(closed, "p") == b"secret"


def test_many_secrets_are_told_of_by_their_count_alone() -> None:
    told: list[str] = []
    seal = Remembering(Reversed(), told.append)
    for number in range(2500):
        seal.close(b"secret %d" % number)
    assert told == ["1000 secrets are sealed", "2000 secrets are sealed"]


def test_the_form_is_raised_when_the_same_tree_says_something_else() -> None:
    """Entries of earlier runs stand for what ``to_claims`` made then: raise FORM when this digest has to change."""
    raw: dict[str, Any] = {**ORDERS["accounts"][0]["users"][0], "times": [{"start": "08:00", "end": "09:00"}]}
    accounts = [{"name": "A", "users": [raw, {"name": "plain"}]}]
    users: tuple[User, ...] = read_tree({"name": "O"}, None, accounts, Problems()).accounts[0].users
    said = b"".join(claims.encode({"nats": {**to_claims(each), "type": "user", "version": 2}}) for each in users)
    assert (FORM, hashlib.sha256(said).hexdigest()[:16]) == (1, "145e154046103ee0")
