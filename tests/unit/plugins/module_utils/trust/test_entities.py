# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An entity in its place in a tree of words."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.trust.entities import (
    Words,
    options,
    said,
    with_account,
    with_operator,
    with_user,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, User

TREE: Words = {
    "operator": {"name": "O"},
    "system_account": {"name": "SYS", "users": [{"name": "sys"}]},
    "accounts": [{"name": "A", "users": [{"name": "u"}, {"name": "v"}]}, {"name": "B"}],
}


def test_an_operator() -> None:
    assert with_operator(TREE, {"name": "O", "tags": ["x"]}) == {**TREE, "operator": {"name": "O", "tags": ["x"]}}


def test_an_account_keeps_its_place_and_its_users() -> None:
    found = with_account(TREE, {"name": "A", "tags": ["x"]}, True)["accounts"]
    assert found == [{"name": "A", "tags": ["x"], "users": TREE["accounts"][0]["users"]}, {"name": "B"}]
    assert with_account(TREE, {"name": "A", "users": []}, True)["accounts"][0] == {"name": "A", "users": []}
    assert [each["name"] for each in with_account(TREE, {"name": "C"}, True)["accounts"]] == ["A", "B", "C"]
    assert [each["name"] for each in with_account(TREE, {"name": "A"}, False)["accounts"]] == ["B"]
    assert with_account(TREE, {"name": "C"}, False) == TREE
    with pytest.raises(StoreError, match="can't be removed"):
        with_account(TREE, {"name": "SYS"}, False)


def test_a_user_keeps_its_place() -> None:
    found = with_user(TREE, "A", {"name": "u", "tags": ["x"]}, True)["accounts"][0]["users"]
    assert found == [{"name": "u", "tags": ["x"]}, {"name": "v"}]
    assert with_user(TREE, "A", {"name": "u"}, False)["accounts"][0]["users"] == [{"name": "v"}]
    assert with_user(TREE, "A", {"name": "w"}, False) == TREE
    assert with_user(TREE, "B", {"name": "w"}, True)["accounts"][1] == {"name": "B", "users": [{"name": "w"}]}
    assert with_user(TREE, "SYS", {"name": "w"}, True)["system_account"]["users"][1] == {"name": "w"}
    with pytest.raises(StoreError, match="write one of SYS, A, B"):
        with_user(TREE, "C", {"name": "w"}, True)


def test_options_are_the_fields() -> None:
    found = options(Account, "users")
    assert "users" not in found
    assert found["name"] == {"type": "raw", "required": True}
    assert (found["limits"], found["tags"]) == ({"type": "dict"}, {"type": "list", "elements": "str"})
    assert found["signing_keys"] == {"type": "raw", "no_log": False}
    assert said(User, {"name": "u", "tags": None, "path": "p", "bearer": False}) == {"name": "u", "bearer": False}
