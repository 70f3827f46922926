# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways in where there is no operator, each with what the inventory says for it, checked by the tree's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..plan.problems import Problem, Problems, join
from . import keys, kinds
from .config_accounts import config_problems
from .fields import Kind, Many, option, read

#: What a user of a way proves itself with.
PROOFS = {"nkey": ("nkey",), "users": ("password",)}


def _auth_user(value: Any) -> str:
    keys.refuse_seed(value, keys.Role.USER)
    return str(kinds.TEXT.parse(value))


_AUTH_USER = Kind("name or public key of a user", _auth_user)


@dataclass(frozen=True)
class Callout:
    """A service of yours that is asked about everybody who is not its own user."""

    issuer: str = option(kinds.ACCOUNT_KEY, "public key of an account key; the service signs with its seed")
    account: str = option(kinds.TEXT, "the account that the service connects to")
    auth_users: tuple[str, ...] = option(
        Many(_AUTH_USER, once=True), "users who are not asked about: the service's own, and the system account's"
    )
    xkey: str = option(kinds.CURVE_KEY, "public curve key that requests are encrypted for", default="")
    allowed_accounts: tuple[str, ...] = option(
        Many(kinds.TEXT, once=True), "accounts that it may put users into; all when not said", default=()
    )


def way_problems(variables: Mapping[str, Any], certificates_map: bool = False) -> list[Problem]:
    """What is wrong with the users, accounts and callout of one server, each with its path below the role's prefix.

    certificates_map: a client's certificate may name the user. No secret is in a message.
    """
    way = variables.get("auth")
    if way in PROOFS:
        return _users(variables, certificates_map)
    if way not in ("accounts", "callout"):
        return []
    found = config_problems(
        variables.get("accounts"),
        certificates_map=certificates_map,
        system_account=str(variables.get("system_account") or ""),
    )
    problems = [Problem(join("accounts", problem.path), problem.message) for problem in found]
    return problems + (_callout(variables) if way == "callout" else [])


def _users(variables: Mapping[str, Any], certificates_map: bool) -> list[Problem]:
    """The users of a server without accounts are those of one account, whose name nobody writes."""
    account = {"name": "users", "users": variables.get("users") or []}
    if variables.get("default_permissions"):
        account["default_permissions"] = variables["default_permissions"]
    proofs = PROOFS[variables["auth"]]
    found = config_problems([account], certificates_map=certificates_map, proofs=proofs)
    return [Problem(problem.path.removeprefix("[0]."), problem.message) for problem in found]


def _callout(variables: Mapping[str, Any]) -> list[Problem]:
    problems = Problems()
    raw = variables.get("callout")
    if not isinstance(raw, Mapping) or not raw:
        problems.add("callout", "is missing: write issuer, account and auth_users of the service that is asked")
        return list(problems)
    callout = read(Callout, raw, "callout", problems)
    users_of = _users_by_account(variables.get("accounts"))
    for name, path in [(callout.account, "account")] + [
        (name, f"allowed_accounts[{at}]") for at, name in enumerate(callout.allowed_accounts)
    ]:
        if name and name not in users_of:
            problems.add(f"callout.{path}", f'there is no account "{name}": write one of {", ".join(sorted(users_of))}')
    everybody = {user for users in users_of.values() for user in users}
    for at, name in enumerate(callout.auth_users):
        if name not in everybody:
            problems.add(f"callout.auth_users[{at}]", f'no account has a user "{name}": write its name, or its nkey')
    own = users_of.get(callout.account)
    if callout.auth_users and own is not None and not own.intersection(callout.auth_users):
        problems.add(
            "callout.auth_users",
            f"has no user of {callout.account}, so the service could not connect and nobody could log in: add its user",
        )
    elif not callout.auth_users and "auth_users" in raw:
        problems.add("callout.auth_users", "is empty, so the service could not connect: write its user")
    return list(problems)


def _users_by_account(accounts: object) -> dict[str, set[str]]:
    """By what auth_users names them: the key of one that has a key, the name of any other."""
    found: dict[str, set[str]] = {}
    for account in accounts if isinstance(accounts, (list, tuple)) else ():
        if isinstance(account, Mapping) and account.get("name"):
            users = account.get("users")
            listed = [user for user in users if isinstance(user, Mapping)] if isinstance(users, (list, tuple)) else []
            found[str(account["name"])] = {str(user.get("nkey") or user.get("name")) for user in listed}
    return found
