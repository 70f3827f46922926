# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams that gather from others: they go on behind what they have, though their origins are new streams.

A server from 2.15 on (nats-server server/stream.go, Nats-Stream-Identity) notices that an origin was made anew, and
gathers all of it from its beginning: after a restore everything would be there twice. Where a source says from which
sequence on it is gathered, the server begins there instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_STARTS = ("opt_start_seq", "opt_start_time")


def gathered(info: Mapping[str, Any]) -> dict[str, int]:
    """How far each source was gathered, by its own key; without those of which a server does not tell it."""
    return {_key(each): int(each["seq"]) for each in info.get("sources") or () if each.get("seq")}


def going_on(config: Mapping[str, Any], far: Mapping[str, int]) -> dict[str, Any]:
    """The configuration with sources that begin behind what was gathered. far: as ``gathered`` told it."""
    if not config.get("sources"):
        return dict(config)
    return {**config, "sources": [_behind(each, far.get(_key(each), 0)) for each in config["sources"]]}


def without_starts(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration without where sources begin: it counts until something was gathered, and no longer."""
    if not config.get("sources"):
        return dict(config)
    return {**config, "sources": [_plain(each) for each in config["sources"]]}


def _plain(source: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in source.items() if name not in _STARTS}


def _behind(source: Mapping[str, Any], sequence: int) -> dict[str, Any]:
    return {**_plain(source), "opt_start_seq": sequence + 1} if sequence else dict(source)


def _key(source: Mapping[str, Any]) -> str:
    """What tells sources apart, in a configuration and in what a server says of it."""
    external = (source.get("external") or {}).get("api", "")
    words = [source.get("name"), external, source.get("filter_subject") or "", source.get("subject_transforms") or []]
    return json.dumps(words, sort_keys=True)
