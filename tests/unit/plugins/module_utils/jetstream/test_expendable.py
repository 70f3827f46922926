# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream import expendable
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.expendable import obstacles_in_time, only_here
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import Replica
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import (
    Talk,
    group,
    jsz,
    replica,
    run,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.test_peers import asset, seen


def texts(*assets: object, lose: tuple[str, ...] = (), **more: object) -> list[str]:
    return [each.text for each in only_here(seen(*assets, **{"size": 3, **more}), "n3", lose)]  # type: ignore[arg-type]


def test_what_others_have_too_is_expendable() -> None:
    whole = asset("A", 3, "n1", "n2", "n3")
    assert texts(whole, asset("A", 3, "n1", "n2", "n3", consumer="c"), asset("B", 1, "n1")) == []


def test_what_has_its_only_copy_there_is_told_with_what_to_do() -> None:
    alone = asset("A", 1, "n3", leader="n3")
    consumer = asset("B", 1, "n3", leader="n3", consumer="c")
    found = texts(alone, asset("B", 3, "n1", "n2", "n3"), consumer)
    assert found == [
        "stream A of TeamAlpha: has its only replica on n3: give it more (nats stream update A --replicas 3), or back "
        "it up (aegis.nats.backup) and name it in lose_streams as TeamAlpha/A; it is empty afterwards",
        "consumer c of stream B of TeamAlpha: has its only state on n3, so what it has acknowledged would be "
        "forgotten: give it the replicas of its stream (num_replicas 0), or name TeamAlpha/B in lose_streams",
    ]
    assert texts(alone, consumer, lose=("TeamAlpha/A", "ACC/B")) == []
    assert texts(replace(alone, passing=True), replace(consumer, passing=True)) == []


def test_what_may_pass_is_told_as_such() -> None:
    behind = replace(asset("A", 3), members=(Replica("n1"), Replica("n2", lag=7), Replica("n3")))
    found = only_here(seen(behind, asset("B", 3, "n2", "n3", leader=""), size=3), "n3", ())
    assert [each.text for each in found] == [
        "stream A of TeamAlpha: replica n2 is 7 behind: wait until it has everything, or look at that server",
        "stream B of TeamAlpha: has no leader: look at the servers that hold it (n2, n3)",
    ]
    assert all(each.passing for each in found)
    # The server itself may be behind: what it lacks it gets anyway.
    late = replace(behind, members=(Replica("n1"), Replica("n2"), Replica("n3", lag=7)))
    assert texts(late) == []


def test_the_others_must_be_there() -> None:
    assert "must" not in "".join(texts(size=3))
    (few,) = texts(size=2, lose=())[:1]
    assert few.startswith("n3 is no server of JetStream's meta group")
    assert any("at least 3 are needed" in each for each in texts(size=2))
    away = texts(offline="n2")
    assert any("of which 1 are away (n2)" in each for each in away) and any("n2 is offline" in each for each in away)
    unheard = replace(seen(size=3), tags={})
    assert any("n3 does not answer" in each.text for each in only_here(unheard, "n3", ()))


def answers(lag: int) -> list[dict[str, object]]:
    streams = [
        {"name": "A", "cluster": group("n1", replica("n2", lag=lag), replica("n3")), "config": {"num_replicas": 3}}
    ]
    told = {"id": "ACC", "name": "TeamAlpha", "stream_detail": streams}
    meta = [replica("n2"), replica("n3")]
    return [jsz("n1", leader="n1", others=meta, accounts=[told]), jsz("n2", leader="n1"), jsz("n3", leader="n1")]


def test_what_passes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expendable, "_AGAIN", 0.0)
    # Each look asks for the meta group, then for everything.
    talk = Talk(*[answers(5)] * 4, answers(0))
    assert run(obstacles_in_time(talk, "n3", (), 30.0))[1] == []  # type: ignore[arg-type]
    found = run(obstacles_in_time(Talk(answers(5)), "n3", (), 0.0))[1]  # type: ignore[arg-type]
    assert found == [
        "stream A of TeamAlpha: replica n2 is 5 behind: wait until it has everything, or look at that server"
    ]
