# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change in words that may be logged: values where they are short and no secret."""

from __future__ import annotations

import re

from ...plan.units import duration, size_text

_SECRET = re.compile(
    r"(pass|password|token|secret|seed|nkey|credentials|key|prev_encryption_key|default_sentinel|"
    r"encryption_password|srk_password)\Z"
)
_SECRET_BLOCKS = ("accounts.", "authorization", "resolver_preload", "websocket.headers")
_USERINFO = re.compile(r"(?<=://)[^@/]*@")
_LONGEST = 60
_NANOSECONDS = re.compile(r"(timeout|deadline|interval|duration|period|wait|reconnect)\Z")

_BYTES = re.compile(
    r"(log_size_limit|max_buffered_size|max_control_line|max_file_store|max_memory_store|max_outstanding_catchup|"
    r"max_payload|max_pending)\Z"
)


def has_password(url: object) -> bool:
    """Whether a URL carries a password."""
    return isinstance(url, str) and ":" in "".join(_USERINFO.findall(url))


def is_secret(path: str) -> bool:
    """Whether the value under an option (its full path) must not be shown."""
    if path.startswith(_SECRET_BLOCKS):
        return True
    name = path.rpartition(".")[2]
    return bool(_SECRET.match(name))


def shown(path: str, old: object, new: object) -> str:
    """``6222 -> 6223``, ``is set``, ``adds a, removes b``, or just ``changes``."""
    if isinstance(old, list) or isinstance(new, list):
        return _list(path, old if isinstance(old, list) else [], new if isinstance(new, list) else [])
    if old is None and new is not None and _text(path, new) is None:
        return "is set"
    if new is None:
        return "is removed"
    before, after = _text(path, old), _text(path, new)
    if before is None or after is None:
        return "changes"
    return f"{before} -> {after}"


def _list(path: str, old: list[object], new: list[object]) -> str:
    added = [_text(path, item) for item in new if item not in old]
    removed = [_text(path, item) for item in old if item not in new]
    if None in added or None in removed or (not added and not removed):
        return "changes"
    words = [f"adds {', '.join(map(str, added))}"] if added else []
    words += [f"removes {', '.join(map(str, removed))}"] if removed else []
    return " and ".join(words)


def _text(path: str, value: object) -> str | None:
    """The value where it may be shown, otherwise None."""
    if value is None:
        return "unset"
    if is_secret(path) or isinstance(value, (list, dict)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and _NANOSECONDS.search(path):
        return duration(value)
    if isinstance(value, int) and _BYTES.search(path):
        return size_text(value)
    text = _USERINFO.sub("", str(value))
    return text if len(text) <= _LONGEST else None
