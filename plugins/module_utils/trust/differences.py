# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two pictures of one thing, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """Sentences such as ``publish.allow adds "orders.>"`` or ``limits.connections: 500 becomes unlimited``."""
    found: list[str] = []
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old != new:
            found += _difference(f"{path}.{name}" if path else name, old, new)
    return found


def _difference(path: str, old: Any, new: Any) -> list[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return differences(old, new, path)
    if _is_list(old) and _is_list(new):
        return _list_difference(path, old or [], new or [])
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        return [f"{path} is {'dropped' if new is None else 'added'}"]
    return [f"{path}: {shown(old)} becomes {shown(new)}"]


def _is_list(value: Any) -> bool:
    return value is None or (isinstance(value, Sequence) and not isinstance(value, str))


def _list_difference(path: str, old: Sequence[Any], new: Sequence[Any]) -> list[str]:
    olds, news = {_key(item): item for item in old}, {_key(item): item for item in new}
    found = [f"{path} adds {_title(item)}" for key, item in news.items() if key not in olds]
    found += [f"{path} drops {_title(item)}" for key, item in olds.items() if key not in news]
    for key, item in news.items():
        if key in olds and isinstance(item, Mapping):
            found += differences(olds[key], item, f"{path}.{_title(item)}")
    return found or [f"{path} has another order"]


def _key(item: Any) -> str:
    if not isinstance(item, Mapping):
        return repr(item)
    return repr([item.get(name) for name in ("type", "account", "subject", "start", "role", "user")])


def _title(item: Any) -> str:
    if not isinstance(item, Mapping):
        return shown(item)
    found = next((item[name] for name in ("name", "subject", "role", "user", "account") if item.get(name)), None)
    return str(found or f"{item.get('start')}-{item.get('end')}")


def shown(value: Any) -> str:
    """A value as a reason shows it."""
    if value in (None, "", []):
        return "nothing"
    if value == -1 and not isinstance(value, bool):
        return "unlimited"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
