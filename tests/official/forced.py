# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of trees that ``trust`` refuses, as if it did not: what is no value of its kind is signed as it stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.trust import libraries, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import (
    Block,
    Either,
    Keyed,
    Kind,
    Many,
    Shape,
    Table,
    shape_of,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import _claim as claim_of
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import Account, Operator, ScopedKey, User
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

Words = Mapping[str, Any]
OPERATOR, SIGNER = key(Role.OPERATOR, 1), key(Role.OPERATOR, 2)


def forced(tree: Words) -> list[str]:
    """The tokens of a tree, whatever is wrong with it: the operator's, its accounts', their users'."""
    system = tree.get("system_account") or {"name": "SYS", "users": [{"name": "sys"}]}
    accounts = [system, *(each for each in tree["accounts"] if isinstance(each, Mapping))]
    names = {str(each.get("name")): key(Role.ACCOUNT, 100 + at).public_key for at, each in enumerate(accounts)}
    operator = _block(Operator, tree["operator"])
    operator.update(signing_keys=[SIGNER.public_key], system_account=next(iter(names.values())))
    found = [_signed("operator", OPERATOR.public_key, operator, OPERATOR)]
    for at, account in enumerate(accounts):
        found += _account(account, key(Role.ACCOUNT, 100 + at), names)
    return found


def _account(account: Words, identity: KeyPair, names: Mapping[str, str]) -> list[str]:
    claims = _block(Account, account)
    users = _mappings(account.get("users"))
    keys = {str(each.get("name")): key(Role.USER, 200 + at).public_key for at, each in enumerate(users)}
    signer = key(Role.ACCOUNT, 50)
    scopes = [each for each in _mappings(account.get("signing_keys")) if not isinstance(each, int)]
    roles = {str(each.get("role")): key(Role.ACCOUNT, 60 + at) for at, each in enumerate(scopes)}
    listed = zip(scopes, (key(Role.ACCOUNT, 60 + at).public_key for at in range(len(scopes))))
    claims["signing_keys"] = [
        signer.public_key,
        *({"kind": "user_scope", **_block(ScopedKey, each), "key": each.get("key", public)} for each, public in listed),
    ]
    for each in _mappings(claims.get("imports")):
        each["account"] = _key(names, each.get("account"))
    for each in _mappings(claims.get("exports")):
        if isinstance(each.get("revocations"), dict):
            each["revocations"] = {_key(names, name): at for name, at in each["revocations"].items()}
    if isinstance(claims.get("revocations"), dict):
        claims["revocations"] = {_key(keys, name): at for name, at in claims["revocations"].items()}
    callout = claims.get("authorization")
    for name, publics in (("auth_users", keys), ("allowed_accounts", names)):
        if isinstance(callout, dict) and isinstance(callout.get(name), list):
            callout[name] = [_key(publics, each) for each in callout[name]]
    found = [_signed("account", identity.public_key, claims, SIGNER, account.get("name"))]
    for user in users:
        said = {"tags": user["tags"]} if isinstance(user.get("role"), str) and len(user) < 3 and "tags" in user else {}
        only = set(user) <= {"name", "role", "tags", "expires", "renew_before", "public_key"}
        scoped = roles.get(str(user.get("role"))) if user.get("role") else None
        nats = (said if only else _block(User, user)) if scoped else _block(User, user)
        nats = {**nats, "issuer_account": identity.public_key}
        subject = str(user.get("public_key") or keys[str(user.get("name"))])
        found.append(_signed("user", subject, nats, scoped or signer, user.get("name")))
    return found


def _signed(kind: str, subject: str, nats: Words, signer: KeyPair, name: Any = "") -> str:
    claims = {"iat": 1_700_000_000, "name": str(name), "sub": subject, "nats": {**nats, "type": kind, "version": 2}}
    try:
        return tokens.sign(claims, signer).text
    except (TypeError, AttributeError, ValueError):
        # What can't be put into order is signed in its own.
        payload = json.dumps({**claims, "iss": signer.public_key}, default=str)
        return libraries.sign_token(payload.encode("utf-8", "surrogatepass"), signer)


def _key(known: Mapping[str, str], name: Any) -> Any:
    return known.get(name, name) if isinstance(name, str) else name


def _mappings(value: Any) -> list[Any]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, (list, tuple)) else []


def _block(of: type[Any], words: Any) -> Any:
    if not isinstance(words, Mapping):
        return words
    found: dict[str, Any] = {}
    for each in fields(of):
        shape, claim = shape_of(each), each.metadata["claim"]
        if isinstance(shape, Block) and shape.inline:
            if words.get(each.name) is not None or each.default is not None:
                inner = _block(shape.of, words.get(each.name) or {})
                found.update(inner if isinstance(inner, Mapping) else {"subs": inner})
        elif claim and words.get(each.name) is not None:
            found[claim] = _forced(shape, words[each.name])
        elif claim and not each.metadata["required"] and each.default is not None:
            found[claim] = claim_of(shape, each.default)
    return found


def _forced(shape: Shape, value: Any) -> Any:
    if isinstance(shape, Either):
        shape = shape.other if isinstance(value, (dict, list)) else shape.kind
    if isinstance(shape, Kind):
        try:
            return shape.parse(value)
        except ValueError:
            return str(value) if isinstance(value, datetime) else value
    if isinstance(shape, Block):
        return _block(shape.of, value)
    if isinstance(shape, Table):
        return {name: _block(shape.of.of, value[name]) for name in value} if isinstance(value, Mapping) else value
    if not isinstance(value, (list, tuple)):
        return value
    if isinstance(shape, Keyed):
        first, second = (each.name for each in fields(shape.of))
        inner = shape_of(fields(shape.of)[1])
        pairs = [each for each in value if isinstance(each, Mapping)]
        return {str(each.get(first)): _forced(inner, each.get(second)) for each in pairs}
    assert isinstance(shape, Many)
    return [_forced(shape.of, each) for each in value]
