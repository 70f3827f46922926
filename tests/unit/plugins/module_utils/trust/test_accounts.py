# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims of an account: the tree's words, and what it has no words for."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.accounts import account_claims, scoped_keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, Export, Import
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import vectors

SCOPE = {"kind": "user_scope", "key": "AX", "role": "r", "template": {}, "description": ""}


def test_imports_name_accounts_and_claims_name_keys() -> None:
    account = Account(name="B", imports=(Import(account="A", subject="x", type="stream"),))
    assert account_claims(account, ["AK"], {"A": "APUBLIC"}, {})["imports"][0]["account"] == "APUBLIC"


def test_what_the_tree_cannot_say_is_carried_over() -> None:
    old: dict[str, Any] = {
        "mappings": {"a": [{"subject": "b"}]},
        "authorization": {"auth_users": ["U"]},
        "trace": {"dest": "t"},
        "cluster_traffic": "owner",
        "signing_keys": [SCOPE, "AK"],
        "exports": [{"type": "stream", "subject": "e", "token_req": True, "revocations": {"AB": 1}, "advertise": True}],
        "imports": [{"type": "stream", "subject": "i", "account": "AZ", "token": "secret", "share": True}],
        "description": "old",
    }
    account = Account(
        name="A",
        exports=(Export(subject="e", type="stream"), Export(subject="e", type="service")),
        imports=(Import(account="AZ", subject="i", type="stream"),),
    )
    found = account_claims(account, ["AK"], {}, old)
    assert {name: found[name] for name in ("mappings", "authorization", "trace", "cluster_traffic")} == {
        name: old[name] for name in ("mappings", "authorization", "trace", "cluster_traffic")
    }
    assert found["signing_keys"] == [SCOPE, "AK"]
    assert found["description"] == ""
    assert (found["exports"][0]["token_req"], found["exports"][0]["advertise"]) == (True, False)
    assert "token_req" not in found["exports"][1]
    assert (found["imports"][0]["token"], found["imports"][0]["share"]) == ("secret", False)


def test_scoped_keys_are_those_with_a_role() -> None:
    full = next(each for each in vectors("jwt_positive_vectors.json") if each["name"] == "account_full")
    assert scoped_keys(tokens.read(full["token"])) == {"ACFIOX77D2ZYIUKXPLGVV7XEAVCWK2G5PSE6BEEGHICVPPD26SPRPZSE"}
