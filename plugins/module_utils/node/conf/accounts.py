# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and users in the tree's words, as the ``accounts`` block of a configuration without an operator.

Takes the plain mappings of the inventory; the tree's own checks have been there before (``trust/config_accounts``), so
what is wrong here is told by its path alone. Source: nats-server server/opts.go, parseAccounts and below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Optional

from ...plan.problems import join
from ...plan.units import duration, nanoseconds, size

_LIMITS = {
    "connections": "max_connections",
    "subscriptions": "max_subscriptions",
    "payload": "max_payload",
    "leafnodes": "max_leafnodes",
}
_JETSTREAM = {
    "memory": "max_memory",
    "disk": "max_store",
    "streams": "max_streams",
    "consumers": "max_consumers",
    "max_ack_pending": "max_ack_pending",
    "memory_max_stream_bytes": "mem_max_stream_bytes",
    "disk_max_stream_bytes": "disk_max_stream_bytes",
}
_UNLIMITED = "unlimited"


class Misplaced(ValueError):
    """A value that has no place in the configuration; the message tells where, never the value."""


def accounts_of(accounts: object) -> dict[str, Any]:
    """The value of ``accounts``: what each account is, by its name. Raises Misplaced with the path."""
    found: dict[str, Any] = {}
    for path, account in _blocks(accounts, ""):
        name = _text(account.get("name"), join(path, "name"))
        if name in found:
            raise Misplaced(f"{join(path, 'name')}: another account has this name")
        found[name] = _without_empty(
            {
                "limits": _limits(account.get("limits"), join(path, "limits")),
                "jetstream": _jetstream(account.get("limits"), join(path, "limits")),
                "default_permissions": _permissions(
                    _block(account.get("default_permissions"), join(path, "default_permissions")), path
                ),
                "exports": [_export(each, place) for place, each in _below(account, "exports", path)],
                "imports": [_import(each, place) for place, each in _below(account, "imports", path)],
                "mappings": dict(_mapping(each, place) for place, each in _below(account, "mappings", path)),
                "users": [_user(each, place) for place, each in _below(account, "users", path)],
            }
        )
    return found


def users_of(users: object) -> list[dict[str, Any]]:
    """The value of ``authorization.users``, of servers without accounts. Raises Misplaced with the path."""
    return [_user(each, path) for path, each in _blocks(users, "")]


def permissions_of(permissions: object) -> dict[str, Any]:
    """The value of ``authorization.default_permissions``. Raises Misplaced with the path."""
    return _permissions(_block(permissions, "permissions"), "")


def callout_of(callout: object) -> dict[str, Any]:
    """The value of ``authorization.auth_callout``. Raises Misplaced with the path."""
    block = _block(callout, "callout")
    found = {
        "issuer": _text(block.get("issuer"), "issuer"),
        "account": _text(block.get("account"), "account"),
        "auth_users": _texts(block.get("auth_users"), "auth_users"),
        "xkey": block.get("xkey"),
        "allowed_accounts": _texts(block.get("allowed_accounts"), "allowed_accounts"),
    }
    return _without_empty(found)


def _user(user: Mapping[str, Any], path: str) -> dict[str, Any]:
    """With nkey: the key alone, as the server knows no name beside it. Without password: the certificate names it."""
    if user.get("nkey"):
        login = {"nkey": _text(user["nkey"], join(path, "nkey"))}
    else:
        login = {"user": _text(user.get("name"), join(path, "name"))}
        if user.get("password"):
            login["password"] = _text(user["password"], join(path, "password"))
    rest = {
        "permissions": _permissions(user, path),
        "allowed_connection_types": _texts(user.get("connection_types"), join(path, "connection_types")),
        "proxy_required": _true(user.get("proxy_required")),
    }
    return {**login, **_without_empty(rest)}


def _permissions(holder: Mapping[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for verb in ("publish", "subscribe"):
        block = _block(holder.get(verb), join(path, verb))
        found[verb] = _without_empty(
            {way: _texts(block.get(way), join(path, f"{verb}.{way}")) for way in ("allow", "deny")}
        )
    found = _without_empty(found)
    if holder.get("responses") is not None:
        block = _block(holder["responses"], join(path, "responses"))
        count = 1 if block.get("max") is None else _number(block["max"], join(path, "responses.max"))
        found["allow_responses"] = _without_empty(
            {"max": count, "expires": _duration(block.get("ttl"), join(path, "responses.ttl"))}
        )
    return found


def _limits(limits: object, path: str) -> dict[str, Any]:
    block = _block(limits, path)
    return _without_empty({name: _amount(block.get(word), join(path, word)) for word, name in _LIMITS.items()})


def _jetstream(limits: object, path: str) -> object:
    """``enabled`` where nothing is limited; nothing where the tree does not name it."""
    wanted = _block(limits, path).get("jetstream")
    if wanted is None:
        return None
    place = join(path, "jetstream")
    block = _block(wanted, place)
    found = {name: _amount(block.get(word), join(place, word)) for word, name in _JETSTREAM.items()}
    return _without_empty({**found, "max_bytes_required": _true(block.get("max_bytes_required"))}) or "enabled"


def _export(export: Mapping[str, Any], path: str) -> dict[str, Any]:
    latency = _block(export.get("latency"), join(path, "latency"))
    found = {
        _text(export.get("type"), join(path, "type")): _text(export.get("subject"), join(path, "subject")),
        "accounts": _texts(export.get("accounts"), join(path, "accounts")),
        "response_type": export.get("response_type"),
        "response_threshold": _duration(export.get("response_threshold"), join(path, "response_threshold")),
        "latency": {"sampling": latency.get("sampling", 100), "subject": latency.get("results")} if latency else None,
        "account_token_position": export.get("account_token_position") or None,
        "allow_trace": _true(export.get("allow_trace")),
    }
    return _without_empty(found)


def _import(wanted: Mapping[str, Any], path: str) -> dict[str, Any]:
    source = {
        "account": _text(wanted.get("account"), join(path, "account")),
        "subject": _text(wanted.get("subject"), join(path, "subject")),
    }
    found = {
        _text(wanted.get("type"), join(path, "type")): source,
        "to": wanted.get("local_subject"),
        "share": _true(wanted.get("share")),
        "allow_trace": _true(wanted.get("allow_trace")),
    }
    return _without_empty(found)


def _mapping(mapping: Mapping[str, Any], path: str) -> tuple[str, list[dict[str, Any]]]:
    targets = [
        _without_empty(
            {
                "destination": _text(each.get("subject"), join(place, "subject")),
                "weight": 100 if each.get("weight") is None else _number(each["weight"], join(place, "weight")),
                "cluster": each.get("cluster"),
            }
        )
        for place, each in _below(mapping, "to", path)
    ]
    return _text(mapping.get("subject"), join(path, "subject")), targets


def _without_empty(block: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in block.items() if value not in (None, "", [], {}, ())}


def _below(block: Mapping[str, Any], name: str, path: str) -> list[tuple[str, Mapping[str, Any]]]:
    return _blocks(block.get(name) or [], join(path, name))


def _blocks(value: object, path: str) -> list[tuple[str, Mapping[str, Any]]]:
    if not _is_list(value):
        raise Misplaced(f"{path or 'accounts'}: is not a list")
    places: Iterable[tuple[int, Any]] = enumerate(value)  # type: ignore[arg-type]
    return [(f"{path}[{index}]", _block(entry, f"{path}[{index}]")) for index, entry in places]


def _block(value: object, path: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misplaced(f"{path}: is not a mapping")
    return value


def _text(value: object, path: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        raise Misplaced(f"{path}: is not a text")
    return str(value)


def _texts(value: object, path: str) -> list[str]:
    if value is None:
        return []
    if not _is_list(value):
        raise Misplaced(f"{path}: is not a list")
    places: Iterable[tuple[int, Any]] = enumerate(value)  # type: ignore[arg-type]
    return [_text(entry, f"{path}[{index}]") for index, entry in places]


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _true(value: object) -> Optional[bool]:
    """What is false is left out: the server's default."""
    return True if value is True or str(value).lower() in ("true", "yes", "on") else None


def _number(value: object, path: str) -> int:
    return _converted(lambda text: -1 if text == _UNLIMITED else int(str(text)), value, path)


def _amount(value: object, path: str) -> Optional[int]:
    """A count or a size; unlimited is what the server takes when nothing is written."""
    if value is None or str(value).strip().lower() == _UNLIMITED:
        return None
    found = _converted(lambda text: size(int(text) if str(text).lstrip("-").isdigit() else text), value, path)
    return None if found == -1 else found


def _duration(value: object, path: str) -> Optional[str]:
    """As Go writes it: the server knows no days."""
    if value is None:
        return None
    nanos = _converted(nanoseconds, value, path)
    return duration(nanos) if nanos else None


def _converted(convert: Callable[[Any], int], value: object, path: str) -> int:
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        raise Misplaced(f"{path}: {error}") from None
