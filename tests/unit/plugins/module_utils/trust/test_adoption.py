# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found of somebody else's store, wherever its parts lie."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust.adoption import (
    Source,
    gather,
    lacking,
    named_keys,
    newer,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing, Store
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import DAY, NOW, ORDERS, orders, trust


def existing(path: Path) -> Existing:
    return Store(Folder(str(path), NoSeal())).read("Acme")


def test_seeds_and_creds_are_found_at_any_depth_and_nothing_else_is(tmp_path: Path) -> None:
    trust(tmp_path / "a", ORDERS)
    shutil.move(str(tmp_path / "a/keys/keys"), str(tmp_path / "stick/deep/down"))
    (tmp_path / "stick/notes.nk").write_text("x")
    (tmp_path / "a/stores/Acme/notes.txt").write_text("x")
    found = gather(tmp_path / "a/stores", [tmp_path / "a/keys", tmp_path / "stick"], "Acme")
    assert sum(path.endswith(".nk") for path in found) == 11
    assert sum(path.endswith(".creds") for path in found) == 3
    assert not [path for path in found if "notes" in path or ".gitignore" in path]
    read = Store(Source(tmp_path / "a", NoSeal(), found)).read("Acme")
    assert named_keys(read) - {""} == read.seeds


def test_a_file_that_can_t_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    source = Source(tmp_path, NoSeal(), {"stores/x": tmp_path})
    with pytest.raises(StoreError, match=str(tmp_path)):
        source.read_raw("stores/x")
    assert source.read_raw("nowhere") is None


def test_what_is_newer(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    before = existing(tmp_path)
    raw = orders()
    raw["operator"]["tags"] = raw["accounts"][0]["tags"] = ["x"]
    raw["accounts"][1]["users"].append({"name": "late"})
    trust(tmp_path, raw, NOW + DAY)
    assert newer(existing(tmp_path), before) == ["the operator", "user ExternalPartner/late", "account TeamAlpha"]
    assert newer(before, existing(tmp_path)) == []


def test_an_identity_key_signs_where_it_may(tmp_path: Path) -> None:
    raw = {"operator": {"name": "Acme", "strict_signing_key_usage": False}, "accounts": ORDERS["accounts"]}
    trust(tmp_path, raw)
    for path in (tmp_path / "keys/keys").rglob("*.nk"):
        if path.stem not in (existing(tmp_path).operator.subject, existing(tmp_path).accounts["SYS"].token.subject):
            path.unlink()
    told = lacking(existing(tmp_path), "Acme")
    assert [each.split(":")[0] for each in told] == [
        "a signing key of account ExternalPartner",
        "a signing key of account TeamAlpha",
    ]
