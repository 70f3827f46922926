# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream import servers
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import NoLeader, Replica
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import (
    Talk,
    group,
    jsz,
    replica,
    run,
    whole,
)


def account(*streams: dict[str, Any]) -> dict[str, Any]:
    return {"id": "ACC", "name": "TeamAlpha", "stream_detail": list(streams)}


def stream(name: str, cluster: dict[str, Any], replicas: int, *consumers: dict[str, Any], **config: Any) -> Any:
    return {
        "name": name,
        "cluster": cluster,
        "config": {"num_replicas": replicas, **config},
        "consumer_detail": list(consumers),
    }


def pages(**told: Any) -> Any:
    return {server: (frozenset(), accounts) for server, accounts in told.items()}


def test_ids_of_servers_are_those_that_servers_make() -> None:
    assert [servers.peer_id(name) for name in ("n1", "n2", "n3")] == ["fjFyEjc1", "44jzkV9D", "BXScrY9i"]


def test_the_leader_alone_is_believed_of_the_meta_group() -> None:
    answers = {each["server"]["name"]: each for each in whole("n2")}
    meta = servers.meta_of(answers)
    assert meta is not None and meta.leader == "n2" and meta.names == ("n1", "n2", "n3")
    del answers["n2"]
    assert servers.meta_of(answers) is None


def test_no_leader_is_told_in_words() -> None:
    with pytest.raises(NoLeader, match=r"no leader \(n1 answered\): more than half"):
        run(servers.ask_meta(Talk([jsz("n1")]), 0.0))


def test_a_leader_that_is_still_to_come_is_waited_for() -> None:
    assert run(servers.ask_meta(Talk([jsz("n1")], whole()), 5.0)).leader == "n1"


def test_of_a_stream_its_leader_is_believed() -> None:
    behind = stream("S", group("n2", replica("n3", current=False)), 3)
    right = stream("S", group("n2", replica("n1"), replica("n3", lag=7)), 3, placement={"tags": ["ssd"]})
    (found,) = servers.assets_of(pages(n1=[account(behind)], n2=[account(right)], n3=[account(behind)]))
    assert (found.account, found.account_name, found.stream, found.replicas) == ("ACC", "TeamAlpha", "S", 3)
    assert (found.leader, found.names, found.tags) == ("n2", ("n2", "n1", "n3"), ("ssd",))
    assert found.members[2] == Replica("n3", True, False, 7) and found.members[2].trouble == "is 7 behind"


def test_without_a_leader_whoever_holds_it_tells() -> None:
    (found,) = servers.assets_of(pages(n1=[account(stream("S", group("", replica("n2", offline=True)), 2))]))
    assert (found.leader, found.names) == ("", ("n1", "n2"))


def test_a_stream_that_two_lead_lies_with_both() -> None:
    alone = {name: [account(stream("S", group(name), 1))] for name in ("n2", "n4")}
    (found,) = servers.assets_of(pages(**alone))
    assert found.names == ("n2", "n4")


def test_consumers_are_told_apart_and_have_the_replicas_of_their_stream_or_their_own() -> None:
    consumers = [
        {"name": "all", "cluster": group("n1", replica("n2")), "config": {}},
        {"name": "one", "cluster": group("n2"), "config": {"num_replicas": 1}},
    ]
    told = [account(stream("S", group("n1", replica("n2")), 2, *consumers))]
    found = servers.assets_of(pages(n1=told, n2=told))
    assert [(each.consumer, each.replicas, each.names) for each in found] == [
        ("", 2, ("n1", "n2")),
        ("all", 2, ("n1", "n2")),
        ("one", 1, ("n2",)),
    ]
    assert found[1].label == "consumer all of stream S of TeamAlpha"


def test_many_accounts_come_in_pages() -> None:
    first, second = whole(), whole()
    for answers, name in ((first, "S1"), (second, "S2")):
        answers[0]["data"].update(account_details=[account(stream(name, group("n1"), 1))], total=servers._PAGE + 1)
    talk = Talk(whole(), first, second)
    seen = run(servers.ask_all(talk, 1.0))
    assert [each.stream for each in seen.assets] == ["S1", "S2"] and seen.answered == ("n1", "n2", "n3")
    assert [asked["offset"] for _dummy, asked in talk.asked[1:]] == [0, servers._PAGE]


def test_a_server_that_runs_and_is_silent_is_named() -> None:
    with pytest.raises(servers.NatsError, match=r"no answer from n3, which .* n1 counts as running"):
        run(servers.ask_all(Talk(whole(), whole()[:2], whole()), 0.0))


def test_a_server_that_nobody_has_seen_is_known_by_its_id() -> None:
    unknown = f"Server name unknown at this time (peerID: {servers.peer_id('n3')})"
    unseen = {**replica("n3", offline=True), "name": unknown}
    meta = servers.meta_of({"n1": jsz("n1", leader="n1", others=[replica("n2"), unseen])})
    assert meta is not None and "n3" not in meta.names
    seen = servers.named(servers.Seen(meta), "n3")
    assert seen.meta.names == ("n1", "n2", "n3") and seen.meta.running == ("n1", "n2")
