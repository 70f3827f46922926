# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords in users, accounts and token of the inventory, by whose they are; and their hashes in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_BCRYPT = re.compile(r"\$2[abxy]?\$")


def plain_passwords(access: Mapping[str, Any]) -> dict[str, str]:
    """What is no hash yet. access: ``users``, ``accounts`` and ``token``, each as the inventory has it."""
    found = {place: str(user["password"]) for place, user in _users(access) if _is_plain(user.get("password"))}
    if _is_plain(access.get("token")):
        found["token"] = str(access["token"])
    return found


def with_hashes(access: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The same with the hashes, by place, where plain passwords were."""
    accounts = [
        {**account, "users": [_hashed(place, user, hashes) for place, user in _of_account(account)]}
        if isinstance(account, Mapping) and _listed(account.get("users"))
        else account
        for account in _listed(access.get("accounts"))
    ]
    users = [_hashed(place, user, hashes) for place, user in _of_list(access.get("users"), "users")]
    return {"users": users, "accounts": accounts, "token": hashes.get("token", access.get("token") or "")}


def _hashed(place: str, user: Any, hashes: Mapping[str, str]) -> Any:
    return {**user, "password": hashes[place]} if isinstance(user, Mapping) and place in hashes else user


def _users(access: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    listed = list(_of_list(access.get("users"), "users"))
    for account in _listed(access.get("accounts")):
        listed += _of_account(account) if isinstance(account, Mapping) else []
    yield from ((place, user) for place, user in listed if isinstance(user, Mapping))


def _of_account(account: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(_of_list(account.get("users"), f"accounts/{account.get('name')}"))


def _of_list(users: object, before: str) -> Iterator[tuple[str, Any]]:
    for user in _listed(users):
        yield f"{before}/{user.get('name') if isinstance(user, Mapping) else ''}", user


def _listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _is_plain(password: object) -> bool:
    return isinstance(password, str) and password != "" and not _BCRYPT.match(password)
