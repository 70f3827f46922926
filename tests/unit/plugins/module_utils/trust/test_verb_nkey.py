# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pair: made, kept, held to its type."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.verb_nkey import VERB
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import NOW, Reversed


def nkey(path: Path, kind: str, check_mode: bool = False, seal: Optional[Seal] = None) -> dict[str, Any]:
    return perform(VERB, {"path": str(path), "type": kind}, Surroundings(check_mode, NOW, seal or NoSeal()))


@pytest.mark.parametrize("role", list(Role))
def test_made_and_kept(role: Role, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.nk"
    first = nkey(path, role.value)
    content = path.read_bytes()
    assert first["changed"]
    assert keys.from_seed(content.decode(), role).public_key == first["public_key"]
    assert content.decode() not in repr(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = nkey(path, role.value)
    assert (again["changed"], again["public_key"], again["reasons"]) == (False, first["public_key"], [])
    assert path.read_bytes() == content


def test_check_mode_makes_nothing(tmp_path: Path) -> None:
    found = nkey(tmp_path / "x.nk", "user", check_mode=True)
    assert found["changed"]
    assert found["reasons"] == [f"user key {tmp_path}/x.nk is new"]
    assert not list(tmp_path.iterdir())


def test_another_type_is_told_and_kept(tmp_path: Path) -> None:
    nkey(tmp_path / "x.nk", "account")
    before = (tmp_path / "x.nk").read_bytes()
    assert "the seed of an account key, expected a user key" in nkey(tmp_path / "x.nk", "user")["msg"]
    assert (tmp_path / "x.nk").read_bytes() == before


def test_a_cut_seed_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "x.nk").write_text("SUAAKB")
    found = nkey(tmp_path / "x.nk", "user")
    assert found["msg"].startswith(f"{tmp_path}/x.nk: it is not a whole seed")
    assert "SUAAKB" not in found["msg"]


def test_sealed(tmp_path: Path) -> None:
    first = nkey(tmp_path / "x.nk", "server", seal=Reversed())
    assert (tmp_path / "x.nk").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert nkey(tmp_path / "x.nk", "server", seal=Reversed())["public_key"] == first["public_key"]
    assert "sealed" in nkey(tmp_path / "x.nk", "server")["msg"]


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    assert "can't be read" in nkey(tmp_path, "user")["msg"]
