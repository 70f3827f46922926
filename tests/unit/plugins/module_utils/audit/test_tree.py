# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rights in words, and whose export an import is."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (None, "not known"),
        ({"allow": [">"], "deny": []}, "everything"),
        ({"allow": None, "deny": []}, "everything"),
        ({"allow": [">"], "deny": ["a", "b.>"]}, "everything but a, b.>"),
        ({"allow": [], "deny": []}, "nothing"),
        ({"allow": ["a", "b"], "deny": []}, "a, b"),
        ({"allow": ["a.>"], "deny": ["a.b"]}, "a.>; not a.b"),
    ],
)
def test_rights(side: Optional[dict[str, Any]], words: str) -> None:
    assert tree.rights(side) == words


def test_operator_with_its_keys() -> None:
    found = tree.operator(samples.trust())
    assert found is not None and [what for what, _key in found.keys] == ["identity key", "signing key", "signing key"]
    assert tree.operator({"operator": None}) is None and tree.operator({}) is None


@pytest.mark.parametrize("by", ["name", "key"])
def test_an_import_names_its_account_by_name_or_key(by: str) -> None:
    trust = samples.trust()
    trust["accounts"][2]["imports"][0]["account"] = trust["accounts"][0][by]
    share = tree.shares(trust)[-1]
    assert (share.source, share.target, share.subject) == (0, 2, "orders.status")


def test_an_account_that_was_not_seen() -> None:
    trust = samples.trust()
    trust["accounts"][2]["imports"][0]["account"] = "AXYZ"
    assert tree.shares(trust)[-1].source is None and tree.shares(trust)[-1].named == "AXYZ"


def test_keys_are_shortened_to_what_one_knows_again() -> None:
    assert tree.short_key("ODABCDEFGHIJKLMNOP") == "ODABCDEF…MNOP" and tree.short_key("OD") == "OD"


def test_nothing_is_no_accounts() -> None:
    assert tree.accounts({}) == [] and tree.shares({}) == []
    assert tree.accounts({"accounts": [{}]})[0].name == "account"
