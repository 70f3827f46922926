# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a stream is what was taken: pure comparison of what servers say with what the manifest says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .manifest import StreamEntry

#: Metadata that a stream carries while it is being restored, and no longer: the id of the archive.
MARK = "aegis.nats.restore"
_COUNTS = {
    "messages": "messages",
    "bytes": "bytes",
    "first_seq": "first sequence",
    "last_seq": "last sequence",
    "num_deleted": "messages deleted in between",
}
_UNITS = {"stream_seq": "message", "consumer_seq": "delivery"}
_Place = Mapping[str, int]
_Consumer = Mapping[str, Any]
# What servers write into the metadata themselves, by their release.
_SERVER_S = "_nats."


def config_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without what servers add, and without the mark."""
    found = {name: value for name, value in config.items() if name != "metadata"}
    metadata = {
        name: value
        for name, value in (config.get("metadata") or {}).items()
        if name != MARK and not name.startswith(_SERVER_S)
    }
    return {**found, "metadata": metadata} if metadata else found


def mark_of(config: Mapping[str, Any]) -> str:
    """The id of the archive that a stream is being restored from; empty where it is whole."""
    return str((config.get("metadata") or {}).get(MARK, ""))


def marked(config: Mapping[str, Any], archive: str) -> dict[str, Any]:
    """The configuration that a stream is restored with. One that is sealed can't be changed afterwards."""
    plain = config_of(config)
    if plain.get("sealed"):
        return plain
    return {**plain, "metadata": {**plain.get("metadata", {}), MARK: archive}}


def differences(entry: StreamEntry, info: Mapping[str, Any], consumers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What of a stream is not as it was taken, in words; nothing where it is the same.

    Where it was in use while it was taken, what lies between before and after counts as the same.
    """
    found = [
        f"{name}: {_shown(entry.config, name)} was taken, {_shown(info['config'], name)} is there"
        for name in sorted({*config_of(entry.config), *config_of(info["config"])})
        if config_of(entry.config).get(name) != config_of(info["config"]).get(name)
    ]
    found += _states(entry, info["state"])
    for name in sorted({*entry.consumers, *entry.consumers_after, *consumers}):
        found += _consumer(entry, name, consumers.get(name))
    return found


def _shown(config: Mapping[str, Any], name: str) -> Any:
    return config_of(config).get(name, "nothing")


def _states(entry: StreamEntry, state: Mapping[str, Any]) -> Iterator[str]:
    before, after, ages = entry.state, entry.state_after, _ages(entry.config)
    for name, words in _COUNTS.items():
        first, then, now = (each.get(name, 0) for each in (before, after, state))
        low, high = min(first, then), max(first, then)
        if ages and name in ("messages", "bytes", "num_deleted"):
            low = 0  # time went on, and messages with it
        if ages and name == "first_seq":
            high = max(high, after.get("last_seq", 0) + 1)
        if not low <= now <= high:
            yield f"{words}: {_span(first, then)} was taken, {now} is there"


def _ages(config: Mapping[str, Any]) -> bool:
    return bool(config.get("max_age") or config.get("allow_msg_ttl"))


def _span(first: int, then: int) -> str:
    return str(first) if first == then else f"{first} to {then}"


def _consumer(entry: StreamEntry, name: str, there: Any) -> Iterator[str]:
    before, after = entry.consumers.get(name), entry.consumers_after.get(name)
    if there is None:
        # One that came or went meanwhile may be in the snapshot or not.
        if before is not None and after is not None and _lasts(before):
            yield f"consumer {name}: was taken and is not there"
        return
    if before is None or after is None:
        if before is None and after is None:
            yield f"consumer {name}: was not taken and is there"
        return
    if config_of(before["config"]) != config_of(there["config"]):
        yield f"consumer {name}: its configuration is not the one that was taken"
    yield from _floor(name, before["ack_floor"], after["ack_floor"], there["ack_floor"])
    yield from _delivered(name, before, after, there)


def _floor(name: str, first: _Place, then: _Place, now: _Place) -> Iterator[str]:
    for unit, words in _UNITS.items():
        if not min(first[unit], then[unit]) <= now[unit] <= max(first[unit], then[unit]):
            span = _span(first[unit], then[unit])
            yield f"consumer {name}: acknowledged up to {words} {span} was taken, {now[unit]} is there"


def _delivered(name: str, before: _Consumer, after: _Consumer, now: _Consumer) -> Iterator[str]:
    """Delivery goes on where it was or, as servers restore it, behind the message up to which all are acknowledged.

    Either way nothing is left out: what was delivered and not acknowledged comes again.
    """
    again = now["num_ack_pending"] == 0 and now["delivered"] == now["ack_floor"]
    if again:
        return
    for unit, words in _UNITS.items():
        first, then, there = (each["delivered"][unit] for each in (before, after, now))
        if not min(first, then) <= there <= max(first, then):
            yield f"consumer {name}: delivered up to {words} {_span(first, then)} was taken, {there} is there"
    first, then, there = (each["num_ack_pending"] for each in (before, after, now))
    if before == after and first != there:
        yield f"consumer {name}: {first} unacknowledged messages were taken, {there} are there"


def _lasts(consumer: Mapping[str, Any]) -> bool:
    """Whether a consumer stays while nobody asks for it."""
    config = consumer["config"]
    return bool(config.get("durable_name")) or not config.get("inactive_threshold")
