# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report's tree of trust as it is told: who signed whom, who may say and hear what, what accounts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .printable import one_line


@dataclass(frozen=True)
class User:
    """publish, subscribe: in words."""

    name: str
    key: str
    publish: str
    subscribe: str
    bearer: bool


@dataclass(frozen=True)
class Account:
    name: str
    key: str
    system: bool
    signed_by: str
    users: tuple[User, ...]
    exports: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Operator:
    """keys: what each is, and it; the identity key first."""

    name: str
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Share:
    """An import. source, target: the places of the accounts; source is None where the report doesn't have it."""

    subject: str
    kind: str
    source: Optional[int]
    target: int
    named: str


def operator(trust: Mapping[str, Any]) -> Optional[Operator]:
    found = trust.get("operator")
    if not found:
        return None
    signing = [("signing key", one_line(key)) for key in found.get("signing_keys") or ()]
    return Operator(one_line(found.get("name") or ""), (("identity key", one_line(found.get("key") or "")), *signing))


def accounts(trust: Mapping[str, Any]) -> list[Account]:
    return [
        Account(
            one_line(each.get("name") or each.get("key") or "account"),
            one_line(each.get("key") or ""),
            bool(each.get("system")),
            one_line(each.get("signed_by") or ""),
            tuple(map(_user, each.get("users") or ())),
            tuple((one_line(e.get("subject") or ""), one_line(e.get("kind") or "")) for e in each.get("exports") or ()),
        )
        for each in trust.get("accounts") or ()
    ]


def shares(trust: Mapping[str, Any]) -> list[Share]:
    """Every import; its account may be named by its key or its name."""
    known = accounts(trust)
    places = {each.name: at for at, each in reversed(list(enumerate(known)))}
    places.update({each.key: at for at, each in enumerate(known) if each.key})
    found = []
    for target, each in enumerate(trust.get("accounts") or ()):
        for entry in each.get("imports") or ():
            named = one_line(entry.get("account") or "")
            subject, kind = one_line(entry.get("subject") or ""), one_line(entry.get("kind") or "")
            found.append(Share(subject, kind, places.get(named), target, named))
    return found


def rights(side: Optional[Mapping[str, Any]]) -> str:
    """What may be published or heard, in words."""
    if side is None:
        return "not known"
    allow: Optional[Sequence[object]] = side.get("allow")
    deny = ", ".join(map(one_line, side.get("deny") or ()))
    if allow is None or ">" in allow:
        return f"everything but {deny}" if deny else "everything"
    if not allow:
        return "nothing"
    return ", ".join(map(one_line, allow)) + (f"; not {deny}" if deny else "")


def short_key(key: str) -> str:
    """Enough of a public key to know it again."""
    return key if len(key) <= 14 else f"{key[:8]}…{key[-4:]}"


def _user(each: Mapping[str, Any]) -> User:
    return User(
        one_line(each.get("name") or each.get("key") or "user"),
        one_line(each.get("key") or ""),
        rights(each.get("publish")),
        rights(each.get("subscribe")),
        bool(each.get("bearer")),
    )
