# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of a store on the controller, by their tokens. Whoever holds creds need not be connected to get in.

Of each user its token is read, and that of its creds: what a client has may be older than what the tree says now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Optional

from ..plan.errors import NatsError
from ..plan.folder import Folder
from ..plan.verb import Seal
from ..trust import creds, tokens
from ..trust.store import Existing, Store, creds_path, user_path
from ..trust.tokens import Token
from .held import Stored, UserToken


def read(path: str, seal: Seal) -> Stored:
    """What lies there; what can't be read is told with its reason."""
    operators: dict[str, str] = {}
    found: list[UserToken] = []
    problems: dict[str, str] = {}
    try:
        store = Store(Folder(path, seal))
        names = store.operators()
    except NatsError as error:
        return Stored(path, problems={f"store {path}": str(error)})
    if not names:
        return Stored(path, problems={f"store {path}": "it holds no operator, so it is no store"})
    for name in names:
        try:
            existing = store.read(name)
        except NatsError as error:
            problems[f"operator {name} in {path}"] = str(error)
            continue
        key = existing.operator.subject if existing.operator else ""
        operators[key] = name
        found += _users(store, name, key, existing)
    return Stored(path, operators, tuple(found), problems)


def _users(store: Store, operator: str, key: str, existing: Existing) -> Iterator[UserToken]:
    for account, stored in existing.accounts.items():
        for user in stored.users:
            who = (key, account, user)
            own = _token(store, UserToken(*who), user_path(operator, account, user))
            yield own
            path = creds_path(operator, account, user)
            if store.raw(path):
                held = _token(store, UserToken(*who, of_creds=True), path, own.token)
                if held.token is None or held.token is not own.token:
                    yield held


def _token(store: Store, empty: UserToken, path: str, known: Optional[Token] = None) -> UserToken:
    """A token or the one in creds, its signature verified, unless it is the one that is known."""
    try:
        content = store.folder.read(path) or b""
        text = creds.read(content).token if empty.of_creds else content.decode("ascii", "replace")
        token = known if known is not None and text == known.text else tokens.read(text)
        if token.kind != "user":
            return replace(empty, problem=f"{path} is a token of kind {token.kind}")
    except NatsError as error:
        problem = str(error)
        return replace(empty, problem=problem if path in problem else f"{path}: {problem}")
    return replace(empty, token=token)
