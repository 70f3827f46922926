# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.gates import (
    Group,
    JetStream,
    Peer,
    Replica,
    View,
    is_whole,
    jetstream_of,
    look,
    missing,
    peers_of,
    wait,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Unreachable, Varz

ROUTEZ = {
    "routes": [
        {"remote_id": "N2", "remote_name": "n2"},
        {"remote_id": "N2", "remote_name": "n2"},
        {"remote_id": "N3", "remote_name": "n3"},
        {"remote_name": "not there yet"},
    ]
}
# As /jsz?accounts=1&streams=1 of a 2.15.1 leader says it, cut to what is read.
JSZ = {
    "meta_cluster": {
        "leader": "n1",
        "cluster_size": 3,
        "replicas": [
            {"name": "n2", "current": True, "active": 1, "peer": "a"},
            {"name": "n3", "current": False, "offline": True, "active": 9, "lag": 3, "peer": "b"},
        ],
    },
    "account_details": [
        {
            "name": "TeamAlpha",
            "stream_detail": [
                {
                    "name": "ORDERS",
                    "cluster": {
                        "leader": "n1",
                        "replicas": [{"name": "n2", "current": True}, {"name": "n3", "current": False, "lag": 14}],
                    },
                },
                {
                    "name": "OTHERS",
                    "cluster": {"leader": "n2", "replicas": [{"name": "n1", "current": False, "lag": 9}]},
                },
                {"name": "ALONE"},
            ],
        }
    ],
}


class Recorded:
    """A monitoring endpoint that answers what was recorded."""

    def __init__(self, healthy: bool = True) -> None:
        self.healthy = healthy
        self.asked: list[str] = []

    def varz(self) -> Varz:
        return Varz("N1", "n1", "2.15.1", None, None, None, None)

    def health(self, query: str = "") -> Health:
        self.asked.append(query)
        return Health(True, 200, "") if self.healthy else Health(False, 503, "no meta leader")

    def routez(self) -> Mapping[str, Any]:
        return ROUTEZ

    def jsz(self, streams: bool = True) -> Mapping[str, Any]:
        return JSZ


def whole(**more: Any) -> View:
    names = {"leader": "n1", "cluster_size": 3}
    quiet = jetstream_of({"meta_cluster": {**names, "replicas": [{"name": "n2", "current": True}]}})
    values = {
        "server": Recorded().varz(),
        "peers": peers_of(ROUTEZ),
        "jetstream": quiet,
        "health": Health(True, 200, ""),
    }
    return View(**{**values, **more})


def test_peers_are_counted_once() -> None:
    assert peers_of(ROUTEZ) == (Peer("n2", "N2"), Peer("n3", "N3"))
    assert peers_of({"routes": None}) == ()


def test_jetstream_is_read() -> None:
    found = jetstream_of(JSZ)
    assert (found.meta_leader, found.cluster_size) == ("n1", 3)
    assert [group.stream for group in found.groups] == ["ORDERS", "OTHERS"]
    assert found.held == (("TeamAlpha", "ORDERS"), ("TeamAlpha", "OTHERS"), ("TeamAlpha", "ALONE"))
    assert jetstream_of({"disabled": True}) == JetStream(False)
    assert jetstream_of({}) == JetStream(True)


@pytest.mark.parametrize("expected", [None, 3, ["n1", "n2", "n3"], ["n2", "n3"]])
def test_a_whole_cluster(expected: Any) -> None:
    assert missing(whole(), expected, True) == []


def test_only_the_meta_leader_knows_who_is_current() -> None:
    """A follower says "not current" of the other followers for ever; the leader's word counts."""
    stale = (Replica("n2", False, False, 0), Replica("n3", True, False, 0))
    followed = whole(jetstream=JetStream(True, "n3", 3, stale))
    assert missing(followed, ["n1", "n2", "n3"], True) == []
    led = whole(jetstream=JetStream(True, "n1", 3, stale))
    assert missing(led, ["n1", "n2", "n3"], True) == ["meta group: n2 is not current"]


def test_everything_that_is_missing_is_told() -> None:
    view = look(Recorded(healthy=False))
    assert missing(view, ["n1", "n2", "n3", "n4"], True) == [
        "n1 has no route to n4",
        "n1 counts 3 of 4 servers in the meta group",
        "meta group: n3 is offline",
        "stream ORDERS of TeamAlpha: replica n3 is 14 behind",
        "n1: /healthz says 503 no meta leader",
    ]


@pytest.mark.parametrize(
    ("view", "expected", "words"),
    [
        (whole(peers=()), 3, "n1 has routes to 0 of 2 peers (none)"),
        (whole(jetstream=JetStream(False)), 3, "n1: JetStream is not enabled"),
        (whole(jetstream=JetStream(True, "", 3)), None, "n1 knows no meta leader"),
        (whole(jetstream=JetStream(True)), 3, "n1 knows no meta leader"),
        (
            whole(jetstream=JetStream(True, "n1", 3, (Replica("n2", False, False, 0),))),
            3,
            "meta group: n2 is not current",
        ),
        (whole(jetstream=JetStream(True, "n2", 3, (), (Group("A", "S", "", ()),))), 3, "stream S of A: has no leader"),
    ],
)
def test_one_thing_is_missing(view: View, expected: Any, words: str) -> None:
    assert words in missing(view, expected, True)


def test_the_meta_group_has_those_with_jetstream() -> None:
    view = whole(jetstream=JetStream(True, "n1", 2, ()))
    assert missing(view, ["n1", "n2", "n3"], True, 2) == []
    assert missing(view, ["n1", "n2", "n3"], True, 3) == ["n1 counts 2 of 3 servers in the meta group"]
    assert missing(view, ["n1", "n2", "n3"], True) == ["n1 counts 2 of 3 servers in the meta group"]


def test_a_single_server_needs_no_meta_group() -> None:
    alone = whole(peers=(), jetstream=JetStream(True))
    assert missing(alone, None, True) == []
    assert missing(alone, ["n1"], True) == []
    assert missing(alone, 1, True) == []


def test_without_jetstream_only_what_does_not_need_it_is_asked() -> None:
    recorded = Recorded()
    look(recorded, jetstream=False)
    look(recorded)
    assert recorded.asked == ["js-enabled-only=true", ""]
    assert missing(whole(jetstream=JetStream(False)), 3, False) == []


def test_waiting_is_bounded_and_told() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    waited = wait(Recorded(), 5, jetstream=False, timeout=2.0, interval=0.3, clock=lambda: now[0], sleep=sleep)
    assert not waited.whole
    assert waited.missing == ("n1 has routes to 2 of 4 peers (n2, n3)",)
    assert 2.0 <= waited.seconds < 2.1


def test_a_server_that_comes_late_is_waited_for() -> None:
    class Late(Recorded):
        def varz(self) -> Varz:
            if len(self.asked) == 0:
                self.asked.append("refused")
                raise Unreachable("http://127.0.0.1:8222 does not answer")
            return super().varz()

    waited = wait(Late(), 3, jetstream=False, timeout=5.0, interval=0.0, clock=lambda: 0.0, sleep=lambda _dummy: None)
    assert (waited.whole, waited.missing) == (True, ())


def test_one_look_says_whether_it_is_whole() -> None:
    class Silent(Recorded):
        def varz(self) -> Varz:
            raise Unreachable("http://127.0.0.1:8222 does not answer")

    assert is_whole(Recorded(), ["n2", "n3"], members=0)
    assert is_whole(Recorded(), [], members=0)
    assert not is_whole(Recorded(), ["n2", "n3", "n4"], members=0)
    assert not is_whole(Recorded(healthy=False), ["n2", "n3"], members=0)
    assert not is_whole(Silent(), ["n2", "n3"], members=0)
    assert not is_whole(None, [], members=0)
