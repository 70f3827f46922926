# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users without accounts, and the callout, by the tree's own rules."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.ways import way_problems
from ansible_collections.aegis.nats.tests.end_to_end.estate import REMOVE, put

USER = keys.make(keys.Role.USER, bytes(32))
SERVICE = keys.make(keys.Role.USER, bytes(range(32)))
ISSUER = keys.make(keys.Role.ACCOUNT, bytes(32))
XKEY = keys.make(keys.Role.CURVE, bytes(32))
HASH = "$2b$11$" + "a" * 53
SEEDS = (USER.seed, SERVICE.seed, ISSUER.seed, XKEY.seed)

NKEY: dict[str, Any] = {
    "auth": "nkey",
    "users": [{"name": "a", "nkey": USER.public_key, "publish": {"allow": ["a.>"]}}],
}
USERS: dict[str, Any] = {
    "auth": "users",
    "users": [{"name": "a", "password": HASH, "responses": {"max": 1, "ttl": "5s"}}],
}
CALLOUT: dict[str, Any] = {
    "auth": "callout",
    "accounts": [
        {"name": "AUTH", "users": [{"name": "service", "nkey": SERVICE.public_key}]},
        {"name": "APP"},
        {"name": "SYS", "users": [{"name": "admin", "password": HASH}]},
    ],
    "system_account": "SYS",
    "callout": {
        "issuer": ISSUER.public_key,
        "account": "AUTH",
        "auth_users": [SERVICE.public_key, "admin"],
        "xkey": XKEY.public_key,
        "allowed_accounts": ["APP"],
    },
}


def told(base: dict[str, Any], changes: dict[str, Any], mapped: bool = False) -> list[tuple[str, str]]:
    variables = copy.deepcopy(base)
    for path, value in changes.items():
        put(variables, path, value)
    return [(problem.path, problem.message) for problem in way_problems(variables, mapped)]


@pytest.mark.parametrize("base", [NKEY, USERS, CALLOUT, {"auth": "operator"}, {"auth": "token"}, {}])
def test_what_is_fine(base: dict[str, Any]) -> None:
    assert told(base, {}) == []


@pytest.mark.parametrize(
    ("base", "changes", "path", "message"),
    [
        (NKEY, {"users[0].nkey": USER.seed}, "users[0].nkey", f"write its public key {USER.public_key}"),
        (NKEY, {"users[0].nkey": REMOVE}, "users[0]", "has no nkey"),
        (
            NKEY,
            {"users[0].nkey": REMOVE, "users[0].password": HASH},
            "users[0].password",
            "is not for nats_server_auth: nkey",
        ),
        (NKEY, {"users[0].role": "reader"}, "users[0].role", "is for tokens"),
        (NKEY, {"users[0].publish.allow[0]": "a..b"}, "users[0].publish.allow[0]", "empty"),
        (NKEY, {"users[+]": {"name": "b", "nkey": USER.public_key}}, "users[1].nkey", "is also the key of"),
        (NKEY, {"default_permissions": {"publish": {"alow": ["a"]}}}, "default_permissions.publish.alow", "allow"),
        (USERS, {"users[0].password": REMOVE}, "users[0]", "has no password"),
        (
            USERS,
            {"users[0].password": REMOVE, "users[0].nkey": USER.public_key},
            "users[0].nkey",
            "not for nats_server_auth: users",
        ),
        (USERS, {"users[+]": {"name": "a", "password": HASH}}, "users[1].name", "is also the name of"),
        (CALLOUT, {"callout": {}}, "callout", "is missing"),
        (CALLOUT, {"callout.issuer": ISSUER.seed}, "callout.issuer", f"write its public key {ISSUER.public_key}"),
        (CALLOUT, {"callout.issuer": USER.public_key}, "callout.issuer", "is not the public key of an account"),
        (CALLOUT, {"callout.xkey": XKEY.seed}, "callout.xkey", f"write its public key {XKEY.public_key}"),
        (CALLOUT, {"callout.account": "AUHT"}, "callout.account", 'there is no account "AUHT"'),
        (CALLOUT, {"callout.allowed_accounts[0]": "APPS"}, "callout.allowed_accounts[0]", 'there is no account "APPS"'),
        (CALLOUT, {"callout.auth_users[1]": "root"}, "callout.auth_users[1]", 'no account has a user "root"'),
        (CALLOUT, {"callout.auth_users": ["admin"]}, "callout.auth_users", "has no user of AUTH"),
        (CALLOUT, {"callout.auth_users": []}, "callout.auth_users", "is empty"),
        (CALLOUT, {"callout.auth_users[0]": SERVICE.seed}, "callout.auth_users[0]", SERVICE.public_key),
        (CALLOUT, {"callout.isuer": "A"}, "callout.isuer", "did you mean issuer?"),
        (CALLOUT, {"accounts[2].users[0].nkey": SERVICE.public_key}, "accounts[2].users[0]", "has nkey and password"),
    ],
)
def test_what_is_wrong(base: dict[str, Any], changes: dict[str, Any], path: str, message: str) -> None:
    found = told(base, changes)
    fitting = [said for where, said in found if where == path]
    assert fitting and message in fitting[0], found
    assert not any(seed in str(found) for seed in SEEDS)


def test_a_certificate_names_a_user_that_has_nothing_else() -> None:
    assert told(USERS, {"users[0].password": REMOVE}, mapped=True) == []
    assert told(NKEY, {"users[0].nkey": REMOVE}, mapped=True) != []
