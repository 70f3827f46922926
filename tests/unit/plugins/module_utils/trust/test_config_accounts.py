# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts without an operator: the tree's rules, with the users' own ways to log in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.config_accounts import config_problems
from ansible_collections.aegis.nats.tests.end_to_end.estate import REMOVE, put

USER = keys.make(keys.Role.USER, bytes(32))
ACCOUNT = keys.make(keys.Role.ACCOUNT, bytes(32)).public_key
ACCOUNT_SEED = keys.make(keys.Role.ACCOUNT, bytes(32)).seed
PASSWORD = "never-shown-3f9c"
GOOD: list[dict[str, Any]] = [
    {
        "name": "TeamAlpha",
        "description": "orders",
        "limits": {"connections": 50, "payload": "1M", "jetstream": {"disk": "1G"}},
        "exports": [
            {"subject": "orders.>", "type": "service", "accounts": ["Partner"]},
            {"subject": "news.>", "type": "stream"},
        ],
        "mappings": [{"subject": "a.*", "to": [{"subject": "b.$1", "weight": 80}, {"subject": "c.$1", "weight": 20}]}],
        "users": [
            {"name": "order-service", "nkey": USER.public_key, "publish": {"allow": ["orders.>"]}},
            {"name": "CN=order-service,O=Acme/Shop", "password": PASSWORD, "connection_types": ["STANDARD"]},
        ],
    },
    {
        "name": "Partner",
        "imports": [{"account": "TeamAlpha", "subject": "orders.>", "type": "service", "local_subject": "theirs.>"}],
        "users": [{"name": "gateway", "password": PASSWORD}],
    },
    {"name": "SYS"},
]


def told(changes: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    accounts = {"all": copy.deepcopy(GOOD)}
    for path, value in changes.items():
        put(accounts, f"all{path}", value)
    return [(problem.path, problem.message) for problem in config_problems(accounts["all"], **options)]


def test_good_accounts() -> None:
    assert told({}, system_account="SYS") == []


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"[0].users[1].publish": {"allow": ["a.>.b"]}}, "[0].users[1].publish.allow[0]", '">" must be the last token'),
        ({"[0].users[1].publish": {"allow": ["a"], "deny": ["a"]}}, "[0].users[1].publish.allow[0]", "also in deny"),
        ({"[0].users[0].nkey": "UABC"}, "[0].users[0].nkey", "is not the public key of a user"),
        ({"[0].users[0].nkey": USER.seed}, "[0].users[0].nkey", f"write its public key {USER.public_key}"),
        ({"[0].users[0].nkey": USER.seed[:-1]}, "[0].users[0].nkey", "the public key, which begins with U"),
        ({"[0].users[0].nkey": ACCOUNT_SEED}, "[0].users[0].nkey", "write the public key of a user"),
        ({"[0].users[0].nkey": ACCOUNT}, "[0].users[0].nkey", "is not the public key of a user"),
        ({"[0].users[0].password": PASSWORD}, "[0].users[0]", "has nkey and password"),
        ({"[0].users[1].password": REMOVE}, "[0].users[1]", "has neither nkey nor password"),
        ({"[0].users[1].password": ""}, "[0].users[1]", "has neither nkey nor password"),
        ({"[0].users[1].password": [PASSWORD]}, "[0].users[1].password", "is not a text"),
        ({"[0].users[1].passwort": PASSWORD}, "[0].users[1].passwort", "did you mean password?"),
        ({"[0].users[0].name": ""}, "[0].users[0].name", "is not a name of a user"),
        ({"[0].users[0].connection_types": ["STANDART"]}, "[0].users[0].connection_types[0]", "STANDARD"),
        ({"[0].users[0].expires": "90d"}, "[0].users[0].expires", "is for tokens"),
        ({"[0].users[0].limits": {"data": 1}}, "[0].users[0].limits", "is for tokens"),
        ({"[0].signing_keys": 2}, "[0].signing_keys", "is for tokens"),
        ({"[0].limits.wildcard_exports": False}, "[0].limits.wildcard_exports", "is for tokens"),
        ({"[0].limits.connections": 1 << 31}, "[0].limits.connections", "is too much"),
        ({"[0].limits.payload": "1 apple"}, "[0].limits.payload", "is not a size"),
        (
            {"[1].name": "TeamAlpha", "[1].imports": [], "[0].exports[0].accounts": []},
            "[1].name",
            "is also the name of [0]",
        ),
        ({"[1].name": "$G", "[0].exports[0].accounts": []}, "[1].name", "is reserved by nats-server"),
        ({"[2].name": "a\"b'c"}, "[2].name", "no way to write such a name"),
        ({"[1].users[0].name": "CN=order-service,O=Acme/Shop"}, "[1].users[0].name", "also the name of [0].users[1]"),
        (
            {"[1].users[0]": {"name": "x", "nkey": USER.public_key}},
            "[1].users[0].nkey",
            "is also the key of [0].users[0]",
        ),
        ({"[1].imports[0].account": "TeamBeta"}, "[1].imports[0].account", "write one of Partner, SYS, TeamAlpha"),
        ({"[1].imports[0].account": ACCOUNT}, "[1].imports[0].account", "is a public key, which only tokens know"),
        ({"[1].imports[0].subject": "a.>"}, "[1].imports[0].subject", 'TeamAlpha does not export "a.>"'),
        ({"[0].exports[0].accounts": ["SYS"]}, "[1].imports[0]", "to others only: add Partner there"),
        ({"[0].exports[1].accounts": ["Nobody"]}, "[0].exports[1].accounts[0]", 'there is no account "Nobody"'),
        (
            {"[0].exports[0].latency": {"results": "l"}, "[0].exports[0].response_type": "Stream"},
            "[0].exports[0].latency",
            "of services with one answer",
        ),
        ({"[0].mappings[0].to[1].weight": 30}, "[0].mappings[0].to", "make 110 percent"),
        ({"[0].mappings[0].to[1].weight": 0}, "[0].mappings[0].to[1].weight", "is not a weight"),
        ({"[0].mappings[0].to": []}, "[0].mappings[0].to", "is empty"),
        ({"[0].mappings[+]": {"subject": "a.*", "to": [{"subject": "d"}]}}, "[0].mappings[1].subject", "also mapped"),
        ({"[2].limits": {"jetstream": {}}}, "[2].limits.jetstream", "the system account can't have JetStream"),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], path: str, message: str) -> None:
    found = told(changes, system_account="SYS")
    assert [where for where, _dummy in found] == [path], found
    assert message in found[0][1]
    assert PASSWORD not in str(found)
    assert USER.seed[:-1] not in str(found)
    assert ACCOUNT_SEED not in str(found)


def test_a_certificate_names_a_user_that_has_nothing_else() -> None:
    assert told({"[0].users[1].password": REMOVE}, certificates_map=True) == []


def test_what_is_no_list_is_told_elsewhere() -> None:
    assert config_problems({"TeamAlpha": {}}) == []
    assert [problem.path for problem in config_problems(["TeamAlpha"])] == ["[0]"]
