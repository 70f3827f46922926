# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import access
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

HASH = "$2a$11$" + "a" * 53


checked = reads(access.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"auth": "jwt"}, "auth", "is not one of operator, nkey, users, token, accounts, callout"),
        ({"authorization_timeout": 61}, "authorization_timeout", "at most 60"),
        ({"auth": "accounts", "accounts": []}, "accounts", "nobody could log in"),
        ({"auth": "accounts", "accounts": {"A": {}}}, "accounts", "is not a list"),
        (
            {"auth": "accounts", "accounts": [{"name": "A"}], "system_account": "SYS"},
            "system_account",
            "no account SYS",
        ),
        (
            {"auth": "accounts", "accounts": [{"name": "A", "users": [{}, {"password": "$2a$11$HASHEDPASSWORD"}]}]},
            "accounts[0].users[1].password",
            "no login is possible",
        ),
        ({"auth": "users", "users": []}, "users", "nobody could log in"),
        ({"auth": "nkey"}, "users", "nobody could log in"),
        ({"auth": "users", "users": {"a": 1}}, "users", "is not a list"),
        ({"auth": "users", "users": [{"name": "a", "password": "hush"}]}, "users[0].password", "in clear text"),
        (
            {"auth": "users", "hash_passwords": True, "users": [{"name": "a", "password": "h" * 73}]},
            "users[0].password",
            "longer than the 72 bytes",
        ),
        (
            {"auth": "users", "version": "2.11.0", "users": [{"name": "a", "password": HASH, "proxy_required": True}]},
            "users[0].proxy_required",
            "2.12",
        ),
        (
            {"auth": "users", "users": [{"name": "a", "password": HASH}], "system_account": "S"},
            "system_account",
            "no acc",
        ),
        ({"auth": "token"}, "token", "nobody could log in"),
        ({"auth": "token", "token": "hush"}, "token", "is a token in clear text"),
        ({"auth": "token", "token": "$2a$11$short"}, "token", "no login is possible"),
        ({"auth": "token", "token": 12345}, "token", "put the token in quotes"),
        ({"auth": "token", "token": HASH, "hash_passwords": "maybe"}, "hash_passwords", "neither true nor false"),
        (
            {"auth": "accounts", "accounts": [{"name": "A", "users": [{"password": "hush"}]}]},
            "accounts[0].users[0].password",
            "in clear text",
        ),
        (
            {
                "auth": "callout",
                "version": "2.10.20",
                "accounts": [{"name": "A"}],
                "callout": {"issuer": "A", "account": "A", "auth_users": ["a"], "xkey": "X", "allowed_accounts": ["A"]},
            },
            "callout.allowed_accounts",
            "2.11",
        ),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"authorization_timeout": 2, "tls_timeout": 5}, "authorization_timeout", "is not longer than"),
        (
            {"auth": "token", "token": "$2a$04$" + "a" * 53},
            "token",
            "cheap to guess",
        ),
        (
            {
                "auth": "callout",
                "accounts": [{"name": "A"}],
                "callout": {"issuer": "A", "account": "A", "auth_users": ["a"]},
            },
            "callout.xkey",
            "readable",
        ),
        (
            {"auth": "accounts", "accounts": [{"name": "A", "users": [{"password": "$2b$14$" + "a" * 53}]}]},
            "accounts[0].users[0].password",
            "use 11",
        ),
    ],
)
def test_what_is_warned_about(values: dict[str, Any], path: str, message: str) -> None:
    reader = checked(values)
    assert list(reader.problems) == []
    assert [problem.path for problem in reader.warnings] == [f"nats_server_{path}"]
    assert message in next(iter(reader.warnings)).message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"auth": "operator", "authorization_timeout": "7"},
        {"auth": "token", "token": "$2y$11$" + "a" * 53},
        {"auth": "token", "token": "hush", "hash_passwords": True},
        {"auth": "users", "hash_passwords": True, "users": [{"name": "a", "password": "hush"}]},
        {"auth": "accounts", "accounts": [{"name": "A", "users": [{"password": "$2a$11$" + "a" * 53}]}]},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
