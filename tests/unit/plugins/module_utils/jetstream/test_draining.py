# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.draining import Draining
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import NatsError, ask_all
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import (
    Talk,
    group,
    replica,
    run,
    whole,
)


def servers(leader: str, *others: dict[str, Any], replicas: int = 2) -> list[dict[str, Any]]:
    """Three servers, of which ``leader`` tells of one stream."""
    answers = whole()
    stream = {"name": "S", "cluster": group(leader, *others), "config": {"num_replicas": replicas}}
    told = next(answer for answer in answers if answer["server"]["name"] == leader)
    told["data"].update(account_details=[{"id": "ACC", "name": "TeamAlpha", "stream_detail": [stream]}], total=1)
    return answers


def drain(talk: Talk, patience: float = 5.0) -> tuple[list[str], Draining]:
    said: list[str] = []

    async def work() -> Draining:
        draining = Draining(talk, "n3", patience, said.append)
        await draining.run(await ask_all(talk, 1.0))
        return draining

    return said, run(work())


def test_a_stream_is_asked_to_move_once_and_waited_for() -> None:
    on_it = servers("n1", replica("n3"))
    both = servers("n1", replica("n2", current=False, lag=5), replica("n3"))
    left = servers("n1", replica("n2"))
    talk = Talk(on_it, on_it, [{}], both, both, left)
    said, draining = drain(talk)
    moves = [asked for asked in talk.asked if "MOVE" in asked[0]]
    assert moves == [("$JS.API.ACCOUNT.STREAM.MOVE.ACC.S", {"server": "n3"})]
    assert said == ["n3: stream S of TeamAlpha moves off (1 left)"]
    assert list(draining.labels.values()) == ["stream S of TeamAlpha"]


def test_what_it_waits_for_is_told_when_nothing_moves() -> None:
    on_it = servers("n1", replica("n3"))
    both = servers("n1", replica("n2", current=False, lag=5), replica("n3"))
    with pytest.raises(NatsError, match="nothing moved for 1 s") as caught:
        drain(Talk(on_it, on_it, [{}], both), patience=1.0)
    assert "stream S of TeamAlpha waits for replica n2 is 5 behind" in str(caught.value)


def test_a_refusal_is_told_with_its_stream() -> None:
    on_it = servers("n1", replica("n3"))
    error = {"err_code": 10005, "description": "no suitable peers for placement"}
    with pytest.raises(NatsError, match="stream S of TeamAlpha can't be moved off n3: no suitable peers"):
        drain(Talk(on_it, on_it, [{"error": error}]))
