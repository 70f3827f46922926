# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entity of the tree: its words as options of a module, and its place in the tree that a store holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..plan.errors import StoreError
from .fields import Block, Keyed, Kind, Many, Shape, shape_of

Words = dict[str, Any]


def options(of: type[Any], *leave_out: str) -> dict[str, dict[str, Any]]:
    """The argument spec of a dataclass of the tree: values are judged by the tree's own rules, not here."""
    found: dict[str, dict[str, Any]] = {}
    for each in fields(of):
        if each.name not in leave_out:
            found[each.name] = _option(shape_of(each))
            if any(word in each.name for word in ("key", "token")):
                found[each.name]["no_log"] = False  # public keys
            if each.metadata["required"]:
                found[each.name]["required"] = True
    return found


def _option(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Block):
        return {"type": "dict"}
    if isinstance(shape, (Many, Keyed)):
        is_plain = isinstance(shape, Many) and isinstance(shape.of, Kind)
        return {"type": "list", "elements": "str" if is_plain else "dict"}
    return {"type": "raw"}


def said(of: type[Any], params: Mapping[str, Any]) -> Words:
    """What the parameters say of an entity; what is not said is left out."""
    return {each.name: params[each.name] for each in fields(of) if params.get(each.name) is not None}


def with_operator(tree: Words, wanted: Words) -> Words:
    """The tree with another operator, and all accounts as they are."""
    return {**tree, "operator": wanted}


def with_account(tree: Words, wanted: Words, present: bool) -> Words:
    """The tree with an account in its place, at the end when it is new, or without it. Its users stay when not said."""
    name = wanted["name"]
    system, accounts = tree["system_account"], tree["accounts"]
    if system is not None and system["name"] == name:
        if not present:
            raise StoreError(f"{name} is the system account, which can't be removed")
        return {**tree, "system_account": _keep_users(wanted, system)}
    if not present:
        return {**tree, "accounts": [each for each in accounts if each["name"] != name]}
    if all(each["name"] != name for each in accounts):
        return {**tree, "accounts": [*accounts, wanted]}
    return {**tree, "accounts": [_keep_users(wanted, each) if each["name"] == name else each for each in accounts]}


def with_user(tree: Words, account: str, wanted: Words, present: bool) -> Words:
    """The tree with a user in its place in its account, at the end when it is new, or without it."""
    everyone = [tree["system_account"], *tree["accounts"]]
    owner = next((each for each in everyone if each is not None and each["name"] == account), None)
    if owner is None:
        known = ", ".join(each["name"] for each in everyone if each is not None)
        raise StoreError(f"account: there is no account {account} in this store: write one of {known}")
    held = owner.get("users", [])
    at = next((position for position, each in enumerate(held) if each["name"] == wanted["name"]), len(held))
    return with_account(tree, {**owner, "users": [*held[:at], *([wanted] if present else []), *held[at + 1 :]]}, True)


def _keep_users(wanted: Words, held: Words) -> Words:
    return {**({"users": held["users"]} if "users" in held else {}), **wanted}
