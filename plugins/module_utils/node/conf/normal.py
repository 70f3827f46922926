# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One form for configurations that mean the same: first names of options, listen split up, durations in nanoseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...plan.units import nanoseconds
from .options import canonical, child_block

DURATIONS = frozenset(
    (
        "ack_wait",
        "consumer_inactive_threshold",
        "dial_timeout",
        "first_info_timeout",
        "handshake_timeout",
        "interval",
        "js_api_timeout",
        "lame_duck_duration",
        "lame_duck_grace_period",
        "ping_interval",
        "reconnect",
        "sync_interval",
        "timeout",
        "write_deadline",
    )
)
_JETSTREAM_SIZES = frozenset(("max_memory_store", "max_file_store"))
_LISTENERS = frozenset(("top", "cluster", "gateway", "leafnodes", "websocket", "mqtt"))
_QUOTED_SIZE = re.compile(r"(\d+)([KMGT])\Z")
_ADDRESS = re.compile(r"(?P<host>.*):(?P<port>-?\d+)\Z")


def normal(config: Mapping[str, object]) -> dict[str, object]:
    """The configuration in normal form; what is not known stays as it is."""
    found = _block(config, "top")
    for plain in ("http", "https"):
        port = found.pop(f"{plain}_port", None)
        if port is not None:
            found[plain] = f"{found.get('host', '0.0.0.0')}:{port}"
    return found


def _block(config: Mapping[str, object], block: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for option, value in config.items():
        name = canonical(block, option)
        found[name] = _value(value, block, name)
    if block in _LISTENERS and "listen" in found:
        found.update(_listen(found.pop("listen")))
    if block == "jetstream" and "disabled" in found:
        found["enabled"] = not found.pop("disabled")
    if block == "jetstream":
        found.setdefault("enabled", True)
    return found


def _value(value: object, block: str, name: str) -> object:
    if block == "top" and name == "jetstream" and not isinstance(value, Mapping):
        return {"enabled": value is True or str(value).lower() in ("enabled", "enable")}
    child = child_block(block, name)
    if child and isinstance(value, (Mapping, list)):
        return _inner(value, child)
    if name in DURATIONS:
        return _duration(value)
    if block == "jetstream" and name in _JETSTREAM_SIZES:
        return _size(value)
    return [value] if name == "server_tags" and isinstance(value, str) else value


def _inner(value: Mapping[str, object] | list[object], child: str) -> object:
    """One block, a list of blocks, or a map of names with a block under each."""
    if isinstance(value, list):
        return [_block(inner, child) if isinstance(inner, Mapping) else inner for inner in value]
    if not child.startswith("named "):
        return _block(value, child)
    kind = child.split()[1]
    return {name: _block(inner, kind) if isinstance(inner, Mapping) else inner for name, inner in value.items()}


def _duration(value: object) -> object:
    """Nanoseconds; a bare number counts as seconds."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return round(value * 10**9)
    try:
        return nanoseconds(value)
    except ValueError:
        return value


def _size(value: object) -> object:
    """Bytes of a quoted size, which jetstream counts in powers of 1024."""
    match = _QUOTED_SIZE.match(value) if isinstance(value, str) else None
    return int(match[1]) * 1024 ** ("KMGT".index(match[2]) + 1) if match else value


def _listen(value: object) -> dict[str, object]:
    if isinstance(value, int):
        return {"port": value}
    match = _ADDRESS.match(str(value))
    if match is None:
        return {"listen": value}
    host = match["host"].strip("[]")
    return {"host": host or "0.0.0.0", "port": int(match["port"])}
