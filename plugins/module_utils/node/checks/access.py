# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in, and where the accounts come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..conf.accounts import accounts_of
from ..conf.options import problems_for_version
from .reader import Reader

_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}\Z")
_LOOKS_BCRYPT = re.compile(r"\$2[abxy]?\$")


def check(server: Reader) -> None:
    mode = server.choice("auth_mode", ("operator", "config"))
    timeout = server.number("authorization_timeout", 0.1)
    if timeout is not None and timeout > 60:
        server.wrong("authorization_timeout", f"{timeout:g} seconds are refused by nats-server -t: write at most 60")
    handshake = server.number("tls_timeout")
    if timeout is not None and handshake is not None and timeout <= handshake:
        server.warn("authorization_timeout", "is not longer than nats_server_tls_timeout, which is part of it")
    if mode == "config":
        _accounts(server)
    else:
        _resolver(server)


def looks_bcrypt(text: object) -> bool:
    """Whether nats-server takes a password for a bcrypt hash."""
    return isinstance(text, str) and bool(_LOOKS_BCRYPT.match(text))


def _accounts(server: Reader) -> None:
    accounts = server.raw("accounts") or []
    if not isinstance(accounts, list):
        server.wrong("accounts", "is not a list of accounts")
        return
    names = [account.get("name") for account in accounts if isinstance(account, Mapping)]
    if not names:
        server.wrong("accounts", "is empty: with nats_server_auth_mode: config nobody could log in")
    system = server.text("system_account")
    if system is not None and names and system not in names:
        server.wrong("system_account", f"there is no account {system} in nats_server_accounts")
    _known_to_version(server, accounts)
    mapped = server.flag("tls_verify_and_map")
    for path, user in _users(accounts):
        if mapped and user.get("password"):
            server.warn("accounts", "is asked for besides a certificate that names this user", f"{path}.password")
        password = user.get("password")
        hashed = _BCRYPT.match(password) if isinstance(password, str) else None
        if looks_bcrypt(password) and hashed is None:
            server.wrong(
                "accounts",
                "looks like a bcrypt hash and is none, so no login is possible: write the 60 characters that "
                "nats server passwd prints",
                f"{path}.password",
            )
        elif hashed and int(hashed[1]) >= 14:
            server.warn("accounts", "its bcrypt cost makes a login take about a second: use 11", f"{path}.password")
        elif isinstance(password, str) and hashed is None:
            server.warn(
                "accounts",
                "is a password in clear text in the configuration: write its bcrypt hash",
                f"{path}.password",
            )


def _known_to_version(server: Reader, accounts: list[Any]) -> None:
    """What the version of the server does not know yet; what can't be written at all, the tree's checks tell."""
    release = server.text("version") or ""
    for index, account in enumerate(accounts):
        try:
            written = accounts_of([account])
            unknown = problems_for_version({"accounts": written}, release)
        except ValueError:
            continue
        name = next(iter(written))
        for problem in unknown:
            server.wrong("accounts", problem.message, f"[{index}]{problem.path.removeprefix(f'accounts.{name}')}")


def _users(accounts: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, account in enumerate(accounts):
        users = account.get("users") if isinstance(account, Mapping) else None
        for place, user in enumerate(users if isinstance(users, list) else []):
            if isinstance(user, Mapping):
                yield f"[{index}].users[{place}]", user


def _resolver(server: Reader) -> None:
    for name in ("resolver_interval", "resolver_timeout"):
        nanos = server.duration(name)
        if nanos is not None and nanos <= 0:
            server.wrong(name, "is zero: write a duration, such as 2m")
    interval = server.duration("resolver_interval")
    if interval is not None and interval > 10 * 60 * 10**9:
        server.warn("resolver_interval", "is long: a server that was down serves revoked users until its first sync")
    if server.flag("resolver_hard_delete") and not server.flag("resolver_allow_delete", default=True):
        server.wrong(
            "resolver_hard_delete", "has no meaning without nats_server_resolver_allow_delete: set that or drop this"
        )
    server.integer("resolver_limit", 0)
