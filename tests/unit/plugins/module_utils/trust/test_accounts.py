# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims of an account: the tree's words, with keys for names."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.accounts import (
    Names,
    account_claims,
    plain_keys,
    scopes,
    settled,
    settled_scope,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.sharing import Export, Import, Withdrawal
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, AuthCallout
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import vectors

NAMES = Names({"A": "APUBLIC"}, {"u": "UPUBLIC"})


def test_the_tree_says_names_and_claims_say_keys() -> None:
    account = Account(
        name="B",
        imports=(Import(account="A", subject="x", type="stream"),),
        exports=(Export(subject="e", type="stream", revocations=(Withdrawal(account="A", before=5),)),),
        auth_callout=AuthCallout(users=("u",), allowed_accounts=("A", "AOTHER")),
    )
    found = account_claims(account, ["AK"], NAMES, {})
    assert found["imports"][0]["account"] == "APUBLIC"
    assert found["exports"][0]["revocations"] == {"APUBLIC": 5}
    assert found["authorization"]["auth_users"] == ["UPUBLIC"]
    assert found["authorization"]["allowed_accounts"] == ["APUBLIC", "AOTHER"]
    assert found["signing_keys"] == ["AK"]


def test_withdrawn_tokens_stay_withdrawn_and_what_the_tree_says_else_holds() -> None:
    old: dict[str, Any] = {
        "mappings": {"a": [{"subject": "b"}]},
        "exports": [{"type": "stream", "subject": "e", "token_req": True, "revocations": {"AB": 9}, "advertise": True}],
        "imports": [{"type": "stream", "subject": "i", "account": "AZ", "to": "old", "share": True}],
        "description": "old",
    }
    account = Account(
        name="A",
        exports=(
            Export(subject="e", type="stream", revocations=(Withdrawal(account="AB", before=5),)),
            Export(subject="e", type="service"),
        ),
        imports=(Import(account="AZ", subject="i", type="stream"),),
    )
    found = account_claims(account, ["AK"], Names(), old, ["token"])
    assert (found["description"], found["mappings"]) == ("", {})
    stream, service = found["exports"]
    assert (stream["token_req"], stream["advertise"], stream["revocations"]) == (False, False, {"AB": 9})
    assert service["revocations"] == {}
    assert (found["imports"][0]["to"], found["imports"][0]["token"]) == ("old", "token")


def test_a_local_subject_takes_the_place_of_the_deprecated_name() -> None:
    old = {"imports": [{"type": "service", "subject": "i", "account": "AZ", "to": "old"}]}
    account = Account(imports=(Import(account="AZ", subject="i", type="service", local_subject="new"),))
    assert "to" not in account_claims(account, [], Names(), old)["imports"][0]


def test_signing_keys_with_a_role_are_told_from_those_without() -> None:
    full = tokens.read(
        next(each for each in vectors("jwt_positive_vectors.json") if each["name"] == "account_full")["token"]
    )
    assert [each["key"] for each in scopes(full)] == ["ACFIOX77D2ZYIUKXPLGVV7XEAVCWK2G5PSE6BEEGHICVPPD26SPRPZSE"]
    assert not set(plain_keys(full)) & {each["key"] for each in scopes(full)}
    assert (scopes(None), plain_keys(None)) == ((), ())


def test_limits_that_a_template_leaves_out_are_unlimited() -> None:
    assert settled_scope({"key": "A", "template": {"data": 5}}) == {
        "key": "A",
        "template": {"subs": -1, "data": 5, "payload": -1},
    }
    assert settled_scope({"key": "A"})["template"]["data"] == -1


def test_what_stands_for_a_hundred_percent_is_a_hundred() -> None:
    short = {"mappings": {"a": [{"subject": "b"}]}, "trace": {"dest": "t"}}
    full = {"mappings": {"a": [{"subject": "b", "weight": 100}]}, "trace": {"dest": "t", "sampling": 100}}
    assert settled(short) == settled(full) == full
    assert settled({"mappings": {"a": [{"subject": "b", "weight": 5}]}})["mappings"]["a"][0]["weight"] == 5


def test_tiers_take_the_place_of_flat_limits_that_nsc_left() -> None:
    tiers = {"R1": {"disk_storage": -1}}
    both = {"limits": {"conn": 5, "disk_storage": -1, "streams": 3, "tiered_limits": tiers}}
    assert settled(both) == {"limits": {"conn": 5, "tiered_limits": tiers}}
    flat = {"limits": {"conn": 5, "disk_storage": -1}}
    assert settled(flat) == flat
