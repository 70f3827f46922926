# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in, and by what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..conf.accounts import accounts_of, callout_of, users_of
from ..conf.options import problems_for_version
from .reader import Reader

WAYS = ("operator", "nkey", "users", "token", "accounts", "callout")
_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$[./A-Za-z0-9]{53}\Z")
_LOOKS_BCRYPT = re.compile(r"\$2[abxy]?\$")
#: Longer ones bcrypt would cut off: two passwords would be one.
_LONGEST_PASSWORD = 72


def check(server: Reader) -> None:
    way = server.choice("auth", WAYS)
    timeout = server.number("authorization_timeout", 0.1)
    if timeout is not None and timeout > 60:
        server.wrong("authorization_timeout", f"{timeout:g} seconds are refused by nats-server -t: write at most 60")
    handshake = server.number("tls_timeout")
    if timeout is not None and handshake is not None and timeout <= handshake:
        server.warn("authorization_timeout", "is not longer than nats_server_tls_timeout, which is part of it")
    server.flag("hash_passwords")
    if way in ("accounts", "callout"):
        _accounts(server, way)
    elif way in ("nkey", "users"):
        _users(server, way)
    elif way == "token":
        _token(server)
    if way in ("nkey", "users", "token") and server.text("system_account") is not None:
        server.wrong(
            "system_account", f"has no meaning with nats_server_auth: {way}, which has no accounts: leave it out"
        )
    if way == "callout":
        _callout(server)


def looks_bcrypt(text: object) -> bool:
    """Whether nats-server takes a password for a bcrypt hash."""
    return isinstance(text, str) and bool(_LOOKS_BCRYPT.match(text))


def _accounts(server: Reader, way: str) -> None:
    accounts = server.raw("accounts") or []
    if not isinstance(accounts, list):
        server.wrong("accounts", "is not a list of accounts")
        return
    names = [account.get("name") for account in accounts if isinstance(account, Mapping)]
    if not names:
        server.wrong("accounts", f"is empty: with nats_server_auth: {way} nobody could log in")
    system = server.text("system_account")
    if system is not None and names and system not in names:
        server.wrong("system_account", f"there is no account {system} in nats_server_accounts")
    _accounts_of_version(server, accounts)
    for index, account in enumerate(accounts):
        listed = account.get("users") if isinstance(account, Mapping) else None
        _passwords(server, "accounts", listed, f"[{index}].users")


def _users(server: Reader, way: str) -> None:
    users = server.raw("users") or []
    if not isinstance(users, list):
        server.wrong("users", "is not a list of users")
        return
    if not users:
        server.wrong("users", f"is empty: with nats_server_auth: {way} nobody could log in")
    for index, user in enumerate(users):
        try:
            written = {"authorization": {"users": users_of([user])}}
        except ValueError:
            continue
        _of_version(server, written, "authorization.users[0]", "users", f"[{index}]")
    _passwords(server, "users", users, "")


def _token(server: Reader) -> None:
    token = server.raw("token")
    if token is None:
        server.wrong("token", "is empty: with nats_server_auth: token nobody could log in")
    elif not isinstance(token, str):
        server.wrong("token", "is not a text: put the token in quotes")
    else:
        _password(server, "token", token, "", "token")


def _callout(server: Reader) -> None:
    callout = server.raw("callout")
    if not isinstance(callout, Mapping):
        return
    try:
        written = {"authorization": {"auth_callout": callout_of(callout)}}
    except ValueError:
        return
    _of_version(server, written, "authorization.auth_callout", "callout", "")
    if not callout.get("xkey"):
        server.warn(
            "callout", "is missing: requests carry the passwords of clients readable for the service's account", ".xkey"
        )


def _passwords(server: Reader, name: str, users: object, path: str) -> None:
    mapped = server.flag("tls_verify_and_map")
    for place, user in _blocks(users):
        password = user.get("password")
        if mapped and password:
            server.warn(name, "is asked for besides a certificate that names this user", f"{path}{place}.password")
        if isinstance(password, str) and password:
            _password(server, name, password, f"{path}{place}.password", "password")


def _password(server: Reader, name: str, password: str, below: str, word: str) -> None:
    hashed = _BCRYPT.match(password)
    if looks_bcrypt(password) and hashed is None:
        server.wrong(
            name,
            "looks like a bcrypt hash and is none, so no login is possible: write the 60 characters that "
            "nats server passwd prints",
            below,
        )
    elif hashed and int(hashed[1]) >= 14:
        server.warn(name, "its bcrypt cost makes a login take about a second: use 11", below)
    elif hashed and int(hashed[1]) < 10:
        server.warn(name, "its bcrypt cost makes it cheap to guess: use 11", below)
    elif hashed is None and not server.flag("hash_passwords"):
        server.wrong(
            name,
            f"is a {word} in clear text, which would lie on every server: write its bcrypt hash (nats server passwd "
            "makes one), or set nats_server_hash_passwords: true",
            below,
        )
    elif hashed is None and len(password.encode()) > _LONGEST_PASSWORD:
        server.wrong(
            name, f"is longer than the {_LONGEST_PASSWORD} bytes that bcrypt looks at: write a shorter one", below
        )


def _accounts_of_version(server: Reader, accounts: list[Any]) -> None:
    """What the version of the server does not know yet; what can't be written at all, the tree's checks tell."""
    for index, account in enumerate(accounts):
        try:
            written = accounts_of([account])
        except ValueError:
            continue
        name = next(iter(written))
        _of_version(server, {"accounts": written}, f"accounts.{name}", "accounts", f"[{index}]")


def _of_version(server: Reader, written: Mapping[str, Any], prefix: str, name: str, below: str) -> None:
    try:
        unknown = problems_for_version(written, server.text("version") or "")
    except ValueError:
        return  # told as a problem of the version
    for problem in unknown:
        server.wrong(name, problem.message, f"{below}{problem.path.removeprefix(prefix)}")


def _blocks(listed: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place, each in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(each, Mapping):
            yield f"[{place}]", each
