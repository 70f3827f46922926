# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: whose key it is, and where the seed of their creds comes from."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.trust import creds
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import ORDERS, files, orders, trust

SERVICE = "keys/creds/Acme/TeamAlpha/order-service.creds"


def changed() -> dict[str, object]:
    raw = orders()
    raw["accounts"][0]["users"][0]["tags"] = ["x"]
    return raw


def test_without_its_seed_file_creds_give_the_seed(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    held = creds.read((tmp_path / SERVICE).read_bytes())
    next(tmp_path.rglob(f"{first['users'][1]['public_key']}.nk")).unlink()
    found = trust(tmp_path, changed())
    assert found["reasons"] == ['user order-service: tags adds "x"']
    now = creds.read((tmp_path / SERVICE).read_bytes())
    assert now.seed == held.seed
    assert now.token != held.token


def test_with_neither_it_is_told_which_is_missing(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    public = first["users"][1]["public_key"]
    next(tmp_path.rglob(f"{public}.nk")).unlink()
    (tmp_path / SERVICE).unlink()
    before = files(tmp_path)
    found = trust(tmp_path, changed())
    assert "user order-service: its creds have to be written and its seed is not there" in found["msg"]
    assert public in found["msg"]
    assert files(tmp_path) == before
