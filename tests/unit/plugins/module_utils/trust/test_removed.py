# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of purged accounts: kept from run to run, and told each time."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.trust.removed import read_removed
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders, trust

RECORD = "stores/Acme/.removed"


def without(name: str) -> dict[str, Any]:
    raw = copy.deepcopy(orders())
    raw["accounts"] = [account for account in raw["accounts"] if account["name"] != name]
    return raw


def test_nothing_was_removed(tmp_path: Path) -> None:
    assert trust(tmp_path, orders())["removed_accounts"] == []
    assert not (tmp_path / RECORD).exists()
    assert read_removed(None, RECORD) == {}


def test_who_was_removed_stays_on_record_under_its_key(tmp_path: Path) -> None:
    """An account of that name that is made anew has another key: servers must still give up the old one."""
    old = trust(tmp_path, orders())["accounts"][2]["public_key"]
    checked = trust(tmp_path, without("ExternalPartner"), purge=True, check_mode=True)
    assert checked["removed_accounts"] == [{"name": "ExternalPartner", "public_key": old}]
    assert not (tmp_path / RECORD).exists()
    trust(tmp_path, without("ExternalPartner"), purge=True)
    anew = trust(tmp_path, orders())
    assert anew["accounts"][2]["public_key"] != old
    assert anew["removed_accounts"] == [{"name": "ExternalPartner", "public_key": old}]
    twice = trust(tmp_path, without("ExternalPartner"), purge=True)
    assert [each["public_key"] for each in twice["removed_accounts"]] == [old, anew["accounts"][2]["public_key"]]
    assert not trust(tmp_path, without("ExternalPartner"))["changed"]


def test_an_account_that_is_back_with_its_key_is_off_the_record(tmp_path: Path) -> None:
    root, backup = tmp_path / "store", tmp_path / "backup"
    trust(root, orders())
    shutil.copytree(root, backup)
    trust(root, without("ExternalPartner"), purge=True)
    assert (root / RECORD).exists()
    shutil.copytree(backup, root, dirs_exist_ok=True)
    back = trust(root, orders())
    assert "account ExternalPartner is back after it was removed" in back["reasons"]
    assert back["removed_accounts"] == [] and not (root / RECORD).exists()
    assert not trust(root, orders())["changed"]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"A": 1}'])
def test_a_damaged_record_is_not_taken_for_an_empty_one(content: bytes) -> None:
    with pytest.raises(StoreError, match="record of removed accounts is damaged"):
        read_removed(content, RECORD)
