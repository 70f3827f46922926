# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which options two configurations of normal form differ (see normal)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Blocks that can't be added or removed by a reload, whatever their options say. Adding or removing proxies kills
# nats-server 2.12 to 2.15.
WHOLE_BLOCKS = frozenset({"gateway.tls", "leafnodes.tls", "proxies", "websocket.tls"})

# Options whose absence means this value to the server, as it prints it when it refuses a reload.
DEFAULTS: dict[str, object] = {
    "allow_non_tls": False,
    "disable_sublist_cache": False,
    "host": "0.0.0.0",
    "jetstream.max_concurrent_io": 4096,
    "jetstream.request_queue_limit": 10000,
    "jetstream.strict": True,
    "jetstream.sync_interval": 120 * 10**9,
    "lame_duck_duration": 120 * 10**9,
    "lame_duck_grace_period": 10 * 10**9,
    "log_max_num": 0,
    "log_size_limit": 0,
    "max_closed_clients": 10000,
    "max_pending": 64 * 2**20,
    "max_sub_tokens": 0,
    "max_subscriptions": 0,
    "no_header_support": False,
    "no_system_account": False,
    "port": 4222,
    "proxy_protocol": False,
    "tls.connection_rate_limit": 0,
    "tls.verify_and_map": False,
}


class Absent:
    """An option that is not there."""


ABSENT = Absent()


@dataclass(frozen=True)
class Change:
    """path: the option, block by block; old, new: its values, or ABSENT."""

    path: str
    old: object
    new: object


def changes(old: Mapping[str, object], new: Mapping[str, object], path: str = "") -> Iterator[Change]:
    """Each option that differs; of a block in WHOLE_BLOCKS that comes or goes, the block itself."""
    for key in [*old, *(key for key in new if key not in old)]:
        here = f"{path}.{key}" if path else key
        default = DEFAULTS.get(here, ABSENT)
        one, other = old.get(key, default), new.get(key, default)
        if one == other and type(one) is type(other):
            continue
        maps = [value for value in (one, other) if isinstance(value, Mapping)]
        absent = one is ABSENT or other is ABSENT
        if len(maps) == 2 or (len(maps) == 1 and absent and maps[0] and here not in WHOLE_BLOCKS):
            yield from changes(
                one if isinstance(one, Mapping) else {}, other if isinstance(other, Mapping) else {}, here
            )
        else:
            yield Change(here, one, other)
