# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import access
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader


def checked(values: dict[str, Any]) -> Reader:
    reader = Reader(values)
    access.check(reader)
    return reader


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"auth_mode": "jwt"}, "auth_mode", "is not one of operator, config"),
        ({"authorization_timeout": 61}, "authorization_timeout", "at most 60"),
        ({"auth_mode": "config", "accounts": []}, "accounts", "nobody could log in"),
        ({"auth_mode": "config", "accounts": {"A": {}}}, "accounts", "is not a list"),
        (
            {"auth_mode": "config", "accounts": [{"name": "A"}], "system_account": "SYS"},
            "system_account",
            "no account SYS",
        ),
        (
            {"auth_mode": "config", "accounts": [{"name": "A", "users": [{}, {"password": "$2a$11$HASHEDPASSWORD"}]}]},
            "accounts[0].users[1].password",
            "no login is possible",
        ),
        ({"resolver_interval": 120}, "resolver_interval", "write a number with its unit"),
        ({"resolver_timeout": "0s"}, "resolver_timeout", "is zero"),
        ({"resolver_hard_delete": True, "resolver_allow_delete": False}, "resolver_hard_delete", "has no meaning"),
        ({"resolver_limit": -1}, "resolver_limit", "at least 0"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"resolver_interval": "1h"}, "resolver_interval", "revoked users"),
        ({"authorization_timeout": 2, "tls_timeout": 5}, "authorization_timeout", "is not longer than"),
        (
            {"auth_mode": "config", "accounts": [{"name": "A", "users": [{"password": "hush"}]}]},
            "accounts[0].users[0].password",
            "bcrypt",
        ),
        (
            {"auth_mode": "config", "accounts": [{"name": "A", "users": [{"password": "$2b$14$" + "a" * 53}]}]},
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
        {"auth_mode": "operator", "resolver_interval": "2m", "resolver_timeout": "1.9s", "authorization_timeout": "7"},
        {"auth_mode": "config", "accounts": [{"name": "A", "users": [{"password": "$2a$11$" + "a" * 53}]}]},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
