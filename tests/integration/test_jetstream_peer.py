# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""jetstream_peer against real clusters of every release that AEGIS_NATS_SERVERS names."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.verb_jetstream_peer import PEER
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.resolver.verb_account_push import VERB as PUSH
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, Tree, new_key, running
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


def programs(paths: list[str]) -> list[Any]:
    """The newest release in every run, the others in the soak."""
    return [
        pytest.param(path, id=Path(path).name, marks=[] if path == SERVERS[-1] else [pytest.mark.long])
        for path in paths
    ]


@pytest.fixture(scope="module", params=programs(SERVERS))
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


#: What the collection takes a server out of; older releases are asked for no more than to hand over.
MOVING = [path for path in SERVERS if not path.endswith(("2.10.26", "2.11.11"))]


@pytest.fixture(params=programs(MOVING))
def four(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Cluster, Streams]]:
    """Four servers with streams of one and of three replicas."""
    cluster = Cluster(tmp_path, request.param, Tree(), size=4)
    try:
        cluster.start()
        keys = new_key(Role.ACCOUNT)
        account = {"name": "A", "public_key": keys.public_key, "jwt": cluster.tree.account_jwt(keys, "TeamAlpha")}
        params = cluster.parameters(
            expect=cluster.names,
            expect_count=None,
            creds=str(cluster.sys_creds),
            operator_keys=[cluster.tree.signing.public_key],
            accounts=[account],
        )
        done = perform(PUSH, params, Surroundings(False, datetime.now(timezone.utc), NoSeal()))
        assert "failed" not in done, done
        creds = tmp_path / "app.creds"
        creds.write_bytes(cluster.tree.user_creds(keys, "app"))
        context = ssl.create_default_context(cafile=str(cluster.authority.path))
        context.load_cert_chain(cluster.certificate, cluster.key)
        replicas = {f"S{number}": 1 if number % 2 else 3 for number in range(8)}
        made = Streams(cluster.urls, context, str(creds), replicas)
        made.fill()
        yield cluster, made
    finally:
        cluster.stop()


def test_a_server_leaves(four: tuple[Cluster, Streams]) -> None:
    cluster, streams = four
    runs = peer(cluster, "n4", "absent")
    assert runs["failed"] and "n4 runs: stop it first" in runs["msg"], runs
    checked = peer(cluster, "n4", "drained", check=True)
    assert checked["changed"] and checked["streams"], checked
    assert all(f"{label} has a replica on n4: it moves" in " ".join(checked["reasons"]) for label in checked["streams"])
    with streams.traffic():
        peer(cluster, "n4", "follower")
        done = peer(cluster, "n4", "drained")
    assert done["reasons"] == checked["reasons"] and done["moved"] == sorted(checked["streams"]), done
    streams.check("n4")
    again = peer(cluster, "n4", "drained")
    assert not again["changed"] and again["streams"] == [], again
    cluster.stop("n4")
    gone = peer(cluster, "n4", "absent")
    assert gone["changed"] and gone["members"] == gone["running"] == ["n1", "n2", "n3"], gone
    assert not peer(cluster, "n4", "absent")["changed"]
    full = peer(cluster, "n3", "drained")
    assert full["failed"] and "has 3 replicas, and only 2 servers would be left (n1, n2)" in full["msg"], full
    assert full["msg"].count("lower its num_replicas") == 4, full
    streams.check("n4")
