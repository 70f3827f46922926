# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which texts of the inventory are passwords, and what stands there in the end."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust.passwords import plain_passwords, with_hashes

HASH = "$2b$11$" + "a" * 53
ACCESS: dict[str, Any] = {
    "users": [{"name": "a", "password": "one"}, {"name": "b", "password": HASH}, {"name": "c", "nkey": "U"}, "no user"],
    "accounts": [{"name": "T", "users": [{"name": "a", "password": "two"}]}, {"name": "SYS"}, "no account"],
    "token": "three",
}
PLAIN = {"users/a": "one", "accounts/T/a": "two", "token": "three"}


def test_plain_ones_are_found_and_replaced() -> None:
    assert plain_passwords(ACCESS) == PLAIN
    found = with_hashes(ACCESS, {name: f"hash of {text}" for name, text in PLAIN.items()})
    assert found["users"] == [{"name": "a", "password": "hash of one"}, *ACCESS["users"][1:]]
    assert found["accounts"] == [
        {"name": "T", "users": [{"name": "a", "password": "hash of two"}]},
        *ACCESS["accounts"][1:],
    ]
    assert found["token"] == "hash of three"


def test_without_hashes_it_stays_as_it_was() -> None:
    assert with_hashes(ACCESS, {}) == ACCESS


def test_nothing_is_nothing() -> None:
    assert plain_passwords({"users": None, "accounts": {}, "token": ""}) == {}
    assert with_hashes({}, {}) == {"users": [], "accounts": [], "token": ""}
