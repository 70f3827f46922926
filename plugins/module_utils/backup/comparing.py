# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a stream is what was taken: pure comparison of what servers say with what the manifest says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .manifest import StreamEntry
from .sources import without_starts

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
# Of a consumer, so that its name may be said twice.
_NAME = "name"
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


def differences(entry: StreamEntry, info: Mapping[str, Any], consumers: Mapping[str, _Consumer]) -> list[str]:
    """What of a stream is not as it was taken, in words; nothing where it is the same.

    Where it was in use while it was taken, what lies between before and after counts as the same. Consumers that are
    not durable belong to whoever is connected, and come and go: they count for nothing.
    """
    found = [
        f"{name}: {_shown(entry.config, name)} was taken, {_shown(info['config'], name)} is there"
        for name in _options_that_differ(entry, info)
    ]
    found += _states(entry, info["state"])
    for name in sorted({*entry.consumers, *entry.consumers_after, *consumers}):
        found += _consumer(entry, name, consumers.get(name))
    return found


def gone_on(entry: StreamEntry, info: Mapping[str, Any], consumers: Mapping[str, _Consumer]) -> bool:
    """Whether a stream can be the one that was taken, with what applications did since.

    Something moved forward, nothing moved back, and no message is missing that the stream would not remove by itself.
    Whether it is that stream indeed, its messages tell: see ``telling_messages``.
    """
    if _options_that_differ(entry, info):
        return False
    first, last, deleted = (_count(info["state"], name) for name in ("first_seq", "last_seq", "num_deleted"))
    low_first, _high = _range(entry, "first_seq")
    low_last, high_last = _range(entry, "last_seq")
    moved, back = last > high_last, first < low_first or last < low_last
    for name in {*entry.consumers} & {*entry.consumers_after}:
        before, after, there = entry.consumers[name], entry.consumers_after[name], consumers.get(name)
        if there is None:
            back = back or _lasts(before)
            continue
        for place in ("ack_floor", "delivered"):
            floor, most = (choose(before[place]["stream_seq"], after[place]["stream_seq"]) for choose in (min, max))
            moved = moved or there[place]["stream_seq"] > most
            back = back or (place == "ack_floor" and there[place]["stream_seq"] < floor)
    missing = deleted > _range(entry, "num_deleted")[1] and not _removes(entry.config)
    return moved and not back and not missing


def never_written(entry: StreamEntry, info: Mapping[str, Any], consumers: Mapping[str, _Consumer]) -> bool:
    """Whether nothing is lost with a stream: no message was ever in it, and every durable consumer was taken too."""
    durable = {name for name, each in consumers.items() if _durable(each)}
    return not info["state"].get("last_seq") and not info["state"].get("messages") and durable <= {*entry.consumers}


def telling_messages(entry: StreamEntry) -> list[tuple[int, str]]:
    """Sequence and time of the last and first message taken: a stream that has one is the one that was taken."""
    if not entry.state.get("messages"):
        return []
    return [(int(entry.state.get(f"{end}_seq", 0)), str(entry.state.get(f"{end}_ts", ""))) for end in ("last", "first")]


def _options_that_differ(entry: StreamEntry, info: Mapping[str, Any]) -> list[str]:
    taken, there = (without_starts(config_of(each)) for each in (entry.config, info["config"]))
    return [name for name in sorted({*taken, *there}) if taken.get(name) != there.get(name)]


def _range(entry: StreamEntry, name: str) -> tuple[int, int]:
    first, then = _count(entry.state, name), _count(entry.state_after, name)
    return min(first, then), max(first, then)


def _count(state: Mapping[str, Any], name: str) -> int:
    """A count or sequence. The first of a stream without messages is the one to come: servers say 0 at times."""
    if name == "first_seq" and not state.get("messages"):
        return int(state.get("last_seq", 0)) + 1
    return int(state.get(name, 0))


def _removes(config: Mapping[str, Any]) -> bool:
    """Whether a stream loses messages out of its middle in ordinary use."""
    limited = config.get("max_msgs_per_subject", -1) > 0 or config.get("retention", "limits") != "limits"
    return bool(_ages(config) or limited or config.get("allow_rollup_hdrs") or config.get("mirror"))


def _shown(config: Mapping[str, Any], name: str) -> Any:
    return config_of(config).get(name, "nothing")


def _states(entry: StreamEntry, state: Mapping[str, Any]) -> Iterator[str]:
    before, after, ages = entry.state, entry.state_after, _ages(entry.config)
    for name, words in _COUNTS.items():
        first, then, now = (_count(each, name) for each in (before, after, state))
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
        if before is None and after is None and _durable(there):
            yield f"consumer {name}: was not taken and is there"
        return
    if not _durable(before):
        return
    if _consumer_config(name, before) != _consumer_config(name, there):
        yield f"consumer {name}: its configuration is not the one that was taken"
    yield from _floor(name, before["ack_floor"], after["ack_floor"], there["ack_floor"])
    yield from _delivered(name, before, after, there)


def _consumer_config(name: str, consumer: _Consumer) -> dict[str, Any]:
    """Servers add the name to the configuration when they restore a consumer that was made without it."""
    found = config_of(consumer["config"])
    return {key: value for key, value in found.items() if (key, value) != (_NAME, name)}


def _floor(name: str, first: _Place, then: _Place, now: _Place) -> Iterator[str]:
    for unit, words in _UNITS.items():
        if not min(first[unit], then[unit]) <= now[unit] <= max(first[unit], then[unit]):
            span = _span(first[unit], then[unit])
            yield f"consumer {name}: acknowledged up to {words} {span} was taken, {now[unit]} is there"


def _delivered(name: str, before: _Consumer, after: _Consumer, now: _Consumer) -> Iterator[str]:
    """Delivery goes on where it was or, as servers restore it, behind the message up to which all are acknowledged.

    Either way nothing is left out: what was delivered and not acknowledged comes again. It may be on its way again.
    """
    first, then, there = (each["delivered"]["stream_seq"] for each in (before, after, now))
    if there > max(first, then):
        yield f"consumer {name}: delivered up to message {_span(first, then)} was taken, {there} is there"
    first, then, pending = (each["num_ack_pending"] for each in (before, after, now))
    if before == after and there == before["delivered"]["stream_seq"] and pending < first:
        yield f"consumer {name}: {first} unacknowledged messages were taken, {pending} are there"


def _durable(consumer: _Consumer) -> bool:
    return bool(consumer["config"].get("durable_name"))


def _lasts(consumer: _Consumer) -> bool:
    """Whether a consumer stays while nobody asks for it."""
    return _durable(consumer) and not consumer["config"].get("inactive_threshold")
