# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is missing is told whole: every seed, and what it was needed for."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust.draft import Draft
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import Existing
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import read_tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    ORDERS,
    files,
    key,
    orders,
    trust,
)


def draft() -> Draft:
    tree = read_tree({"name": "O"}, None, [], Problems())
    return Draft(Existing(), tree, 5, lambda role: key(role, 1), lambda public: key(Role.OPERATOR, 1))


def test_a_key_that_was_made_is_at_hand() -> None:
    found = draft()
    public = found.new_key(Role.ACCOUNT)
    assert found.pair(public) == key(Role.ACCOUNT, 1)
    assert found.signer(("AX", public), "x") == key(Role.ACCOUNT, 1)
    assert [(change.secret, change.path.endswith(f"{public}.nk")) for change in found.changes] == [(True, True)]
    found.refuse_missing()


def test_nobody_who_may_sign() -> None:
    found = draft()
    assert found.signer((), "account A has to be signed") is None
    with pytest.raises(StoreError, match="account A has to be signed: none of the seeds"):
        found.refuse_missing()


def test_all_missing_seeds_are_told_together(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    gone = [first["operator"]["public_key"], *first["operator"]["signing_keys"]]
    for public in gone:
        next(tmp_path.rglob(f"{public}.nk")).unlink()
    raw = orders()
    raw["operator"]["tags"] = ["x"]
    raw["accounts"][0]["description"] = "y"
    raw["accounts"][1]["description"] = "z"
    before = files(tmp_path)
    told = trust(tmp_path, raw)["msg"]
    assert told.startswith("3 times a seed is missing, nothing was changed:")
    assert 'operator Acme has to be signed (tags adds "x")' in told
    assert 'account TeamAlpha has to be signed (description: nothing becomes "y")' in told
    assert all(public in told for public in gone)
    assert files(tmp_path) == before
    assert trust(tmp_path, raw, check_mode=True)["msg"] == told
