# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says in the words of the tree, and what is wrong with it, as the official library judges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ..plan.problems import Problems
from . import subjects
from .accounts import plain_keys, scopes, with_one_jetstream
from .activations import fits, held_token
from .fields import read, to_words
from .keys import Role, is_public
from .rules import check_account, check_user
from .tokens import Token
from .tree import Account, Operator, ScopedKey, User

_OF: dict[str, type[Any]] = {"operator": Operator, "account": Account, "user": User}
_GENERIC = ("tags", "type", "version")


def words(token: Token) -> dict[str, Any]:
    """Its claims as the tree would write them; empty for tokens that the tree does not know."""
    of = _OF.get(token.kind)
    if of is None:
        return {}
    found = {"name": token.name, **to_words(of, with_one_jetstream(token.nats))}
    keys = _signing_keys(token)
    return found if keys == 1 else {**found, "signing_keys": keys}


def _signing_keys(token: Token) -> Any:
    """As the tree writes them: how many there are, beside those with a role."""
    listed = scopes(token)
    plain = len(plain_keys(token))
    if token.kind == "user" or not listed:
        return 1 if token.kind == "user" else plain
    found = [key_words(token, each) for each in listed]
    return found if plain == 1 else [plain, *found]


def key_words(account: Token, scope: Mapping[str, Any]) -> dict[str, Any]:
    """A signing key with a role; one without a name, or that shares it, is known by its key."""
    found = to_words(ScopedKey, scope)
    names = Counter(str(each.get("role", "")) for each in scopes(account))
    if not scope.get("role") or names[str(scope["role"])] > 1:
        return {**found, "role": str(scope.get("role", "")), "key": scope.get("key")}
    return found


def other_claims(token: Token) -> dict[str, Any]:
    """The claims that the tree has no words for, under their own names."""
    of = _OF.get(token.kind)
    known = {each.metadata["claim"] for each in fields(of)} if of else set()
    if of is User:
        known |= {"subs", "data", "payload", "issuer_account"}
    return {name: value for name, value in token.nats.items() if name not in known and name not in _GENERIC and value}


def judge(token: Token) -> Problems:
    """Everything that the library's Validate finds wrong in the claims that this knows; times are not judged."""
    problems = Problems()
    if token.kind == "activation":
        _judge_activation(token.nats, problems)
        return problems
    of = _OF.get(token.kind)
    if of is None:
        return problems
    made = read(of, {**words(token), "name": token.name or "-"}, "", problems)
    if isinstance(made, Account):
        check_account(made, "", problems)
        _judge_keys(token.nats, problems)
        _judge_imports(token, problems)
    if isinstance(made, User):
        check_user(made, "", problems)
        _check_key(token.nats.get("issuer_account"), Role.ACCOUNT, "issuer_account", problems)
    if isinstance(made, Operator):
        for position, key in enumerate(_list(token.nats, "signing_keys", problems)):
            _check_key(key, Role.OPERATOR, f"signing_keys[{position}]", problems)
        _check_key(token.nats.get("system_account"), Role.ACCOUNT, "system_account", problems)
    return problems


def _list(nats: Mapping[str, Any], name: str, problems: Problems) -> Sequence[Any]:
    found = nats.get(name) or []
    if not isinstance(found, list):
        problems.add(name, "must be a list")
        return []
    return found


def _judge_keys(nats: Mapping[str, Any], problems: Problems) -> None:
    for position, item in enumerate(_list(nats, "signing_keys", problems)):
        key = item.get("key") if isinstance(item, Mapping) else item
        _check_key(key, Role.ACCOUNT, f"signing_keys[{position}]", problems)


def _judge_imports(token: Token, problems: Problems) -> None:
    for position, item in enumerate(_list(token.nats, "imports", problems)):
        if not isinstance(item, Mapping):
            continue
        if item.get("to") and item.get("local_subject"):
            problems.add(f"imports[{position}].to", "is there beside local_subject, which replaces it")
        held = held_token(item.get("token"))
        if held is not None and not fits(held, item, token.subject):
            problems.add(f"imports[{position}].token", "is the activation of another import, or for another account")


def _judge_activation(nats: Mapping[str, Any], problems: Problems) -> None:
    if nats.get("kind") not in ("stream", "service"):
        problems.add("kind", f"{nats.get('kind')!r} is neither stream nor service")
    found = subjects.fault(str(nats.get("subject", "")))
    if found:
        problems.add("subject", found)
    _check_key(nats.get("issuer_account"), Role.ACCOUNT, "issuer_account", problems)


def _check_key(key: object, role: Role, path: str, problems: Problems) -> None:
    if key and not is_public(key, role):
        problems.add(path, f'"{key}" is not the public key of an {role.value}')
