# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is held of the tree of trust: accounts in resolvers, and the tokens of users in a store on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ..trust.tokens import Token


@dataclass(frozen=True)
class Account:
    """An account's JWT as a resolver holds it. problem: why it is no JWT that a server would take.

    old: of version 1, which servers take and nothing here reads.
    """

    host: str
    file: str
    key: str = ""
    name: str = ""
    issuer: str = ""
    expires: int = 0
    digest: str = ""
    nats: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    old: bool = False


@dataclass(frozen=True)
class UserToken:
    """A user's token in a store: its own file, or what its creds hold where that is another.

    operator: the key of the operator whose folder it is in. of_creds: it is the other one. problem: why it can't be
    read; then token is None.
    """

    operator: str
    account: str
    user: str
    of_creds: bool = False
    token: Optional[Token] = field(default=None, repr=False)
    problem: str = ""


@dataclass(frozen=True)
class Stored:
    """A store. operators: names by key; problems: what of it could not be read, and why."""

    path: str
    operators: Mapping[str, str] = field(default_factory=dict)
    tokens: tuple[UserToken, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
