# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a stream is what was taken."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.comparing import (
    MARK,
    config_of,
    differences,
    gone_on,
    mark_of,
    marked,
    telling_messages,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import consumer, state, stream

ENTRY = stream()


def info(entry: Any = ENTRY, **changes: Any) -> dict[str, Any]:
    return {"config": entry.config, "state": entry.state, **changes}


def test_the_same_is_the_same() -> None:
    assert differences(ENTRY, info(), ENTRY.consumers) == []


def test_what_servers_add_is_no_difference() -> None:
    config = {**ENTRY.config, "metadata": {"_nats.ver": "2.15.1", MARK: "f00d"}}
    assert differences(ENTRY, info(config=config), ENTRY.consumers) == []
    assert mark_of(config) == "f00d" and mark_of(ENTRY.config) == ""
    assert config_of({**config, "metadata": {"_nats.ver": "2", "own": "kept"}})["metadata"] == {"own": "kept"}


def test_the_mark_comes_beside_what_is_there_and_goes_again() -> None:
    config = {"name": "S", "metadata": {"own": "kept"}}
    assert marked(config, "f00d")["metadata"] == {"own": "kept", MARK: "f00d"}
    assert config_of(marked(config, "f00d")) == config
    assert marked({"name": "S", "sealed": True}, "f00d") == {"name": "S", "sealed": True}


@pytest.mark.parametrize(
    "there, words",
    [
        (state(9, 12), "messages: 10 was taken, 9 is there"),
        (state(10, 13), "last sequence: 12 was taken, 13 is there"),
        (state(10, 12, 2), "first sequence: 1 was taken, 2 is there"),
    ],
)
def test_counts_and_sequences_are_held(there: dict[str, Any], words: str) -> None:
    assert words in differences(ENTRY, info(state=there), ENTRY.consumers)


def test_another_configuration_is_told_by_its_option() -> None:
    config = {**ENTRY.config, "num_replicas": 1}
    assert differences(ENTRY, info(config=config), ENTRY.consumers) == ["num_replicas: 3 was taken, 1 is there"]


@pytest.mark.parametrize(
    "there, words",
    [
        (None, ["consumer d: was taken and is not there"]),
        (consumer(8, 6, 2), ["consumer d: acknowledged up to message 5 was taken, 6 is there"] * 1),
        (consumer(9, 5, 3), ["consumer d: delivered up to message 8 was taken, 9 is there"]),
        (consumer(8, 5, 2), ["consumer d: 3 unacknowledged messages were taken, 2 are there"]),
        (consumer(8, 4, 4), ["consumer d: acknowledged up to message 5 was taken, 4 is there"]),
        (consumer(8, 5, 3, max_deliver=1), ["consumer d: its configuration is not the one that was taken"]),
    ],
)
def test_nothing_is_skipped_by_a_consumer(there: Any, words: list[str]) -> None:
    found = differences(ENTRY, info(), {"d": there} if there else {})
    assert all(each in found for each in words)


def test_delivery_may_begin_again_behind_what_was_acknowledged() -> None:
    assert differences(ENTRY, info(), {"d": consumer(5, 5, 0)}) == []


def test_what_is_delivered_again_may_be_on_its_way() -> None:
    assert differences(ENTRY, info(), {"d": consumer(7, 5, 2)}) == []
    assert differences(ENTRY, info(), {"d": consumer(8, 5, 4)}) == []


def test_the_first_of_no_messages_is_the_one_to_come() -> None:
    entry = stream(state=state(0, 0, 0), state_after=state(0, 0, 0))
    assert differences(entry, info(entry, state=state(0, 0, 1)), entry.consumers) == []
    assert differences(entry, info(entry, state=state(0, 3, 4)), entry.consumers) != []


def test_who_is_connected_counts_for_nothing() -> None:
    watcher = consumer(3, 3, durable_name="", mem_storage=True)
    assert differences(ENTRY, info(), {**ENTRY.consumers, "w": watcher}) == []
    entry = stream(consumers={"w": watcher}, consumers_after={"w": watcher})
    assert differences(entry, info(entry), {}) == []
    again = consumer(9, 9, durable_name="", name="w", mem_storage=True)
    assert differences(entry, info(entry), {"w": again}) == []


def test_a_name_that_servers_add_is_no_difference() -> None:
    assert differences(ENTRY, info(), {"d": consumer(8, 5, 3, name="d")}) == []


@pytest.mark.parametrize(
    "config, there, consumers, gone",
    [
        ({}, state(20, 22), ENTRY.consumers, True),
        ({}, state(10, 12), {"d": consumer(8, 6, 2)}, True),
        ({}, state(10, 12), {"d": consumer(9, 5, 4)}, True),
        ({}, state(10, 12), ENTRY.consumers, False),
        ({}, state(9, 11), {"d": consumer(9, 6, 2)}, False),
        ({}, state(20, 22), {}, False),
        ({}, state(20, 22), {"d": consumer(8, 4, 4)}, False),
        ({"retention": "workqueue"}, state(3, 22, 12), ENTRY.consumers, True),
        ({"max_msgs_per_subject": 1}, {**state(3, 22), "num_deleted": 19}, ENTRY.consumers, True),
        ({}, {**state(3, 22), "num_deleted": 19}, ENTRY.consumers, False),
    ],
)
def test_what_was_in_use_since(config: Any, there: Any, consumers: Any, gone: bool) -> None:
    entry = stream(config={**ENTRY.config, **config})
    assert gone_on(entry, info(entry, state=there), consumers) is gone
    assert not gone_on(entry, info(config={**entry.config, "max_msgs": 7}, state=there), consumers)


def test_the_ends_of_a_stream_tell_which_it_is() -> None:
    times = {"first_ts": "2026-01-01T00:00:00.5Z", "last_ts": "2026-01-02T00:00:00Z"}
    told = telling_messages(stream(state={**state(10, 12), **times}))
    assert told == [(12, "2026-01-02T00:00:00Z"), (1, "2026-01-01T00:00:00.5Z")]
    assert telling_messages(stream(state={**state(0, 12), **times})) == []


def test_a_consumer_that_nobody_took_is_told() -> None:
    found = differences(ENTRY, info(), {**ENTRY.consumers, "e": consumer(0, 0)})
    assert found == ["consumer e: was not taken and is there"]


def test_one_in_use_may_be_anything_in_between() -> None:
    entry = stream(state_after=state(20, 22), consumers_after={"d": consumer(15, 12, 3)})
    assert differences(entry, info(entry, state=state(15, 17)), {"d": consumer(12, 9, 1)}) == []
    assert differences(entry, info(entry, state=state(23, 25)), {"d": consumer(12, 9, 1)}) != []
    assert differences(entry, info(entry, state=state(15, 17)), {"d": consumer(16, 13, 1)}) != []


def test_messages_that_grow_old_may_be_fewer() -> None:
    entry = stream(config={**ENTRY.config, "max_age": 1})
    assert differences(entry, info(entry, state=state(0, 12, 13)), entry.consumers) == []
    assert differences(entry, info(entry, state=state(0, 11, 12)), entry.consumers) != []


def test_a_consumer_that_ends_by_itself_may_be_gone() -> None:
    short = {"d": consumer(8, 5, 3, durable_name="", inactive_threshold=5)}
    assert differences(stream(consumers=short, consumers_after=short), info(), {}) == []
