# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores that can't be trusted: one message each, with the path, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust import store as layout
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import Creds, read, write
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Store
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    ORDERS,
    VECTORS,
    Reversed,
    files,
    key,
    orders,
    trust,
)

SERVICE = "keys/creds/Acme/TeamAlpha/order-service.creds"
ALPHA = "stores/Acme/accounts/TeamAlpha/TeamAlpha.jwt"
USER = "stores/Acme/accounts/TeamAlpha/users/order-service.jwt"


def seed_of(root: Path, path: str) -> Path:
    """The seed file of the operator's first signing key."""
    token = Store(Folder(str(root), NoSeal())).read("Acme").operator
    assert token is not None
    return root / layout.seed_path(token.nats["signing_keys"][0])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def swap_creds(root: Path) -> None:
    other = (root / "keys/creds/Acme/ExternalPartner/gateway.creds").read_bytes()
    (root / SERVICE).write_bytes(other)


def foreign_account(root: Path) -> None:
    other = root.parent / "other"
    trust(other, ORDERS)
    (root / ALPHA).write_bytes((other / ALPHA).read_bytes())


def foreign_user(root: Path) -> None:
    (root / USER).write_bytes((root / "stores/Acme/accounts/ExternalPartner/users/gateway.jwt").read_bytes())


def user_for_account(root: Path) -> None:
    (root / ALPHA).write_bytes((root / USER).read_bytes())


def other_seed(root: Path) -> None:
    seed_of(root, "").write_text(key(Role.OPERATOR, 9).seed)


def folder_for_file(root: Path) -> None:
    (root / USER).unlink()
    (root / USER).mkdir()
    (root / USER / "x.jwt").write_text("x")


DAMAGE: list[tuple[Callable[[Path], object], str, str]] = [
    (lambda root: cut(root / ALPHA), ALPHA, "signature"),
    (lambda root: (root / USER).write_text(""), USER, "three parts"),
    (lambda root: cut(root / "stores/Acme/Acme.jwt"), "Acme.jwt", "signature"),
    (lambda root: cut(seed_of(root, "")), "keys/keys/O", "not a whole seed: it has 55 characters"),
    (other_seed, "keys/keys/O", "holds the seed of another key"),
    (lambda root: seed_of(root, "").unlink(), "keys/keys/O", "none of the seeds that may sign it is in the store"),
    (swap_creds, SERVICE, "the token of another user"),
    (foreign_account, ALPHA, "belongs to another operator"),
    (foreign_user, USER, "belongs to another account"),
    (user_for_account, ALPHA, "of type user, expected account"),
    (folder_for_file, USER, ""),
]


@pytest.mark.parametrize(("damage", "path", "says"), DAMAGE, ids=[f"{path} {says}" for _dummy, path, says in DAMAGE])
def test_damage_is_told_and_nothing_written(
    damage: Callable[[Path], object], path: str, says: str, tmp_path: Path
) -> None:
    root = tmp_path / "store"
    trust(root, ORDERS)
    damage(root)
    before = files(root)
    tree = orders()
    tree["accounts"][0]["description"] = "changed, so that the signing key is needed"
    found = trust(root, tree)
    assert found.get("failed"), found
    assert path in found["msg"]
    assert says in found["msg"]
    assert files(root) == before


def test_the_store_of_another_operator_is_left_alone(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    found = trust(tmp_path, {"operator": {"name": "Other"}})
    assert "this is the store of operator Acme, not of Other" in found["msg"]


def test_the_layout_is_that_of_nsc() -> None:
    lines = (VECTORS / "example_user.creds").read_bytes()
    assert read(lines).seed == key_of_sample()
    public = key(Role.USER, 1).public_key
    assert layout.seed_path(public) == f"keys/keys/U/{public[1:3]}/{public}.nk"
    assert layout.marker("Op") == b'{"managed":false,"name":"Op","kind":"operator","version":"1"}'


def key_of_sample() -> str:
    return "SUAAKBIFAUCQKBIFAUCQKBIFAUCQKBIFAUCQKBIFAUCQKBIFAUCQKBKDFQ"


def test_creds_with_a_token_that_does_not_verify(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    held = read((tmp_path / SERVICE).read_bytes())
    (tmp_path / SERVICE).write_bytes(write(Creds(held.token[:-4] + "AAAA", held.seed)))
    assert "signature" in trust(tmp_path, ORDERS)["msg"]


def test_sealed_stores_are_read_and_open_ones_are_sealed(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    open_before = files(tmp_path)
    found = trust(tmp_path, ORDERS, seal=Reversed())
    secrets = [name for name in open_before if name.endswith((".nk", ".creds"))]
    assert found["reasons"] == [f"{len(secrets)} secrets lay open, are sealed"]
    sealed = files(tmp_path)
    for name, content in open_before.items():
        assert sealed[name].startswith(b"$ANSIBLE_VAULT;") == (name in secrets)
        assert name in secrets or sealed[name] == content
    assert trust(tmp_path, ORDERS, seal=Reversed())["changed"] is False
    assert "no vault secret" in trust(tmp_path, ORDERS)["msg"]


def test_a_sealed_store_is_like_an_open_one(tmp_path: Path) -> None:
    found = trust(tmp_path, ORDERS, seal=Reversed())
    assert found["changed"]
    everything = b"".join(files(tmp_path).values())
    assert not re.search(rb"\bS[OAUNCX][A-Z2-7]{56}\b", everything)
    assert b"BEGIN USER NKEY SEED" not in everything
    assert trust(tmp_path, ORDERS, seal=Reversed())["changed"] is False


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    existing = Store(Folder(str(tmp_path), NoSeal())).read("Acme")
    assert (existing.operator, existing.accounts, existing.seeds, existing.system_account) == (
        None,
        {},
        frozenset(),
        None,
    )


def test_a_file_where_the_store_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="can't be listed"):
        Store(Folder(str(tmp_path / "file"), NoSeal()))
