# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""cluster_info and cluster_wait against a real cluster of three. AEGIS_NATS_SERVERS names the programs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_cluster import CLUSTER_INFO, CLUSTER_WAIT
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.integration.live_streams import until
from ansible_collections.aegis.nats.tests.integration.node_host import PLANTED, SERVERS, Host, leaked

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
NAMES = ["n1", "n2", "n3"]


@pytest.fixture(scope="module", params=[SERVERS[0], SERVERS[-1]] if SERVERS else [])
def hosts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Host]]:
    root = tmp_path_factory.mktemp("cluster")
    made = {name: Host(root / name, request.param, name) for name in NAMES}
    routes = ", ".join(f'"nats://r:planted-route-Zq7@127.0.0.1:{host.cluster}"' for host in made.values())
    for host in made.values():
        host.root.mkdir()
        cluster = f"""cluster {{ name: c, listen: "127.0.0.1:{host.cluster}"
          authorization {{ user: r, password: "planted-route-Zq7" }}
          routes: [{routes}] }}"""
        result = host.deploy(host.config(f"{cluster}\n{host.jetstream()}"))
        assert not result.get("failed"), result
    yield made
    for host in made.values():
        host.close()


def wait(host: Host, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    seen = Surroundings(check_mode=check_mode, now=datetime.now(timezone.utc), seal=NoSeal())
    defaults = {"peers": NAMES, "jetstream": True, "timeout": 30.0, "interval": 0.2, "monitor_ca": None}
    sliced = {"report_after": None, "waited": 0.0, "jetstream_servers": None}
    return perform(CLUSTER_WAIT, {**defaults, **sliced, "monitor": host.monitor.url, **params}, seen)


async def publish(host: Host, stream: str, count: int) -> None:
    """Messages into a stream of three replicas, made when it is not there."""
    url = f"nats://127.0.0.1:{host.port}"
    client = await nats.connect(url, user="app", password=PLANTED["password"], connect_timeout=5)
    try:
        jetstream = client.jetstream(timeout=10)
        await jetstream.add_stream(name=stream, subjects=[f"{stream}.>"], num_replicas=3)
        for number in range(count):
            await until(lambda: jetstream.publish(f"{stream}.{number}", b"x" * 1000))  # noqa: B023
    finally:
        await client.close()


def info(host: Host) -> dict[str, Any]:
    seen = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal())
    return perform(CLUSTER_INFO, {"monitor": host.monitor.url, "monitor_ca": None}, seen)


def test_a_whole_cluster_is_seen_by_each(hosts: dict[str, Host]) -> None:
    for name, host in hosts.items():
        waited = wait(host)
        assert not waited.get("failed"), waited
        assert waited["changed"] is False
        assert [route["remote_name"] for route in waited["routes"]] == [other for other in NAMES if other != name]
        assert waited["jetstream"]["cluster_size"] == 3
        assert wait(host, peers=3)["missing"] == []
    leaders = {info(host)["jetstream"]["meta_leader"] for host in hosts.values()}
    assert len(leaders) == 1
    assert leaders <= set(NAMES)
    staged = [host.stage((host.current / "nats-server.conf").read_text()) for host in hosts.values()]
    assert [result["changed"] for result in staged] == [False] * 3
    assert sorted(result["meta_leader"] for result in staged) == [False, False, True]


def test_what_is_missing_is_named(hosts: dict[str, Host]) -> None:
    waited = wait(hosts["n1"], peers=[*NAMES, "n4"], timeout=0.5)
    assert waited["failed"]
    assert "n1 has no route to n4" in waited["msg"]
    assert not leaked(waited)
    assert "n1 has routes to 2 of 4 peers (n2, n3)" in wait(hosts["n1"], peers=5, timeout=0.2)["msg"]
    looked = wait(hosts["n1"], peers=[*NAMES, "n4"], check_mode=True)
    assert looked["missing"]
    assert not looked.get("failed")


def test_a_server_that_is_down_is_missed_and_its_return_seen(hosts: dict[str, Host]) -> None:
    leader = info(hosts["n1"])["jetstream"]["meta_leader"]
    asyncio.run(publish(hosts[leader], "ORDERS", 10))
    down = next(name for name in NAMES if name != leader)
    hosts[down].service("stopped")
    waited = wait(hosts[leader], timeout=1.0)
    assert f"{leader} has no route to {down}" in waited["msg"]
    assert "does not answer" in wait(hosts[down], timeout=0.2)["msg"]
    asyncio.run(publish(hosts[leader], "ORDERS", 200))
    said = " ".join(word for name in NAMES for word in wait(hosts[name], check_mode=True)["missing"])
    assert f"stream ORDERS of $G: replica {down} is" in said
    assert sum(len(info(hosts[name])["jetstream"]["streams_behind"]) for name in NAMES if name != down) == 1
    hosts[down].service("started")
    for host in hosts.values():
        waited = wait(host)
        assert not waited.get("failed"), waited
        assert waited["jetstream"]["streams"] == 1
        assert waited["jetstream"]["streams_behind"] == []
