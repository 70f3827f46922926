# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""jetstream_peer against real clusters of every release that AEGIS_NATS_SERVERS names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.verb_jetstream_peer import PEER
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, running

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


@pytest.fixture(scope="module", params=SERVERS, ids=[Path(path).name for path in SERVERS])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster"), program=request.param) as started:
        yield started


def peer(cluster: Cluster, name: str, state: str, check: bool = False, **changes: Any) -> Any:
    given = {"creds": str(cluster.sys_creds), "name": name, "state": state, "wait_timeout": 60.0}
    surroundings = Surroundings(check, datetime.now(timezone.utc), NoSeal())
    return perform(PEER, {**cluster.parameters(**given), **changes}, surroundings)


def test_the_leader_hands_over(cluster: Cluster) -> None:
    leader = peer(cluster, "n1", "follower", check=True)["meta_leader"]
    checked = peer(cluster, leader, "follower", check=True)
    assert checked["changed"] and checked["meta_leader"] == leader, checked
    done = peer(cluster, leader, "follower")
    assert done["reasons"] == checked["reasons"] and "hands over" in done["reasons"][0], done
    assert done["meta_leader"] not in ("", leader) and done["members"] == done["running"] == cluster.names, done
    again = peer(cluster, leader, "follower")
    assert not again["changed"] and again["reasons"] == [], again


@pytest.mark.parametrize("cluster", SERVERS[-1:], indirect=True, ids=lambda path: Path(path).name)
def test_without_a_quorum_it_says_so(cluster: Cluster) -> None:
    cluster.stop("n2", "n3")
    try:
        end = time.monotonic() + 30
        # One that led goes on believing so for a while.
        while not (result := peer(cluster, "n1", "follower", check=True, wait_timeout=3.0, timeout=2.0)).get("failed"):
            assert time.monotonic() < end, result
        assert "meta group has no leader (n1 answered)" in result["msg"], result
        assert "more than half of its servers must run" in result["msg"]
    finally:
        cluster.start("n2", "n3")
