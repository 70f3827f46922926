# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

from ansible_collections.aegis.nats.plugins.module_utils.jetstream import peers
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import Asset, Meta, Replica, Seen


def asset(name: str, replicas: int, *members: str, consumer: str = "", leader: str = "n1") -> Asset:
    return Asset("ACC", "TeamAlpha", name, consumer, replicas, leader, tuple(Replica(each) for each in members))


def seen(*assets: Asset, offline: str = "", size: int = 4) -> Seen:
    names = [f"n{number + 1}" for number in range(size)]
    meta = Meta("n1", tuple(Replica(name, offline=name in offline.split()) for name in names))
    return Seen(meta, assets, {name: frozenset({"ssd"} if name == "n1" else ()) for name in names})


def test_what_lies_on_a_server() -> None:
    found = seen(asset("A", 3, "n1", "n2", "n4"), asset("B", 3, "n1", "n2", "n3"), asset("B", 1, "n4", consumer="c"))
    assert [each.label for each in peers.on(found, "n4")] == [
        "stream A of TeamAlpha",
        "consumer c of stream B of TeamAlpha",
    ]
    assert [each.stream for each in peers.streams_on(found, "n4")] == ["A", "B"]


def test_nothing_stands_in_the_way() -> None:
    assert peers.obstacles(seen(asset("A", 3, "n1", "n2", "n4"), asset("B", 1, "n4")), "n4") == []


def test_everything_that_stands_in_the_way_is_told() -> None:
    tagged = replace(asset("C", 1, "n4"), tags=("ssd", "fast"))
    found = peers.obstacles(
        seen(asset("A", 4, "n1", "n2", "n3", "n4"), asset("B", 2, "n3", "n4", leader=""), tagged), "n4"
    )
    assert found == [
        "stream A of TeamAlpha: has 4 replicas, and only 3 servers would be left (n1, n2, n3): lower its num_replicas, "
        "or add a server first",
        "stream B of TeamAlpha: has no leader, so it can't be moved: start the servers that hold it (n3, n4)",
        "stream C of TeamAlpha: has 1 replicas, and only 0 servers with its placement tags ssd, fast would be left "
        "(none): lower its num_replicas, or add a server first",
    ]


def test_the_rest_must_be_able_to_decide() -> None:
    assert list(peers.quorum(seen(offline="n3"), "n4")) == []
    (found,) = peers.quorum(seen(offline="n2 n3"), "n4")
    assert "would have 3 servers, of which 2 are away (n2, n3)" in found
    (alone,) = peers.quorum(seen(size=1), "n1")
    assert "n1 is the only server" in alone
    # One that is away itself leaves no gap.
    assert list(peers.quorum(seen(offline="n4"), "n4")) == []


def test_what_a_stream_waits_for() -> None:
    there = asset("A", 3, "n1", "n2", "n3")
    assert peers.waits(there, "n4") == ""
    assert peers.waits(asset("A", 3, "n1", "n2", "n4"), "n4") == (
        "stream A of TeamAlpha waits for n4, which still has a replica"
    )
    assert peers.waits(replace(there, leader=""), "n4") == "stream A of TeamAlpha waits for an election"
    behind = replace(there, members=(Replica("n1"), Replica("n3", current=False, lag=12), Replica("n4")))
    assert peers.waits(behind, "n4") == "stream A of TeamAlpha waits for replica n3 is 12 behind"
    assert peers.moving(asset("A", 1, "n1", "n4")) and not peers.moving(there)


def test_streams_are_named_by_account_or_its_key() -> None:
    assets = (asset("A", 1, "n4"), asset("B", 1, "n4"), asset("C", 1, "n4"))
    assert [each.stream for each in peers.unnamed(assets, ["TeamAlpha/A", "ACC/C", "B"])] == ["B"]
