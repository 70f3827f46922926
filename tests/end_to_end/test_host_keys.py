# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys that live on their hosts: moved there and renewed under clients, one host alone; never seen elsewhere.

The tests of this file run in their order: a cluster that the controller's keys served is moved, and grows older.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.host_keys import (
    ISSUE,
    MAKE,
    deployed,
    in_use,
    issued,
    keys,
    seen_of_keys,
)
from ansible_collections.aegis.nats.tests.end_to_end.secrets import CommandLines
from ansible_collections.aegis.nats.tests.end_to_end.staying import Staying, routes
from ansible_collections.aegis.nats.tests.end_to_end.test_check_mode import SWITCH, check_then_run

ON_HOSTS = {"aegis.nats.node_info", "aegis.nats.node_keys", "aegis.nats.node_config", "aegis.nats.cluster_wait"}


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    """A cluster that runs with keys that the controller made, as the quickstart's does."""
    made = Estate(tmp_path_factory.mktemp("host-keys") / "estate", binary)
    try:
        deployed(made)
        assert (made.root / "nats/pki/issued/n1/server.key").exists()
        made.settings["nats_pki_keys"] = "host"
        yield made
    finally:
        made.close()


def test_moving_a_running_cluster(moving: Estate) -> None:
    """Check mode agrees, nothing restarts, no client and no route is dropped, the controller forgets its copies."""
    servers, before = set(moving.processes()), routes(moving)
    old = list((moving.root / "nats/pki/issued").glob("n*/*.key"))
    with Staying(moving) as clients:
        changes = check_then_run(moving)
        assert wait_until(lambda: clients.round_trips > 100, 20)
    assert (clients.disconnects, clients.errors) == (0, [])
    assert len(servers) == 3 and set(moving.processes()) == servers
    assert routes(moving) == before
    assert changes["n1", MAKE] == [["key server: none is on this host", "key route: none is on this host"]]
    assert "n2/route: its request carries another key" in changes["n1", ISSUE][0]
    assert any("key_file" in reason and "a reload takes it" in reason for reason in changes["n3", SWITCH][0])
    assert len(old) == 6 and not [place for place in old if place.exists()]
    assert [f"server-{digest}" for digest in in_use(moving)] == [key.parent.name for key in keys(moving, name="server")]
    assert not list(moving.root.glob("nodes/*/etc/current/tls/*.key"))
    assert {key.stat().st_mode & 0o777 for key in keys(moving)} == {0o600}


def test_an_unchanged_host_costs_two_module_runs(moving: Estate) -> None:
    servers, before = set(moving.processes()), moving.snapshot()
    run = deployed(moving)
    assert run.changes == []
    ran = Counter(result["host"] for result in run.results if result["action"] in ON_HOSTS)
    assert ran == {"n1": 2, "n2": 2, "n3": 2}
    assert moving.snapshot() == before and set(moving.processes()) == servers


def test_one_host_alone(moving: Estate) -> None:
    """All certificates are due, and only those of the host of this run are issued, with new keys."""
    moving.settings.update(nats_pki_leaf_days=90, nats_pki_renew_before="60d", nats_pki_organization="MyCompany")
    before, was = issued(moving), in_use(moving)
    run = deployed(moving, "--limit", "n2")
    assert ("n2", MAKE) in run.changes
    now = issued(moving)
    assert {name for name in before if now[name] != before[name]} == {"n2/server", "n2/route"}
    assert [one == other for one, other in zip(was, in_use(moving))] == [True, False, True]
    assert len(keys(moving, "n2")) == 4, "the key of the release before is kept with it"


def test_the_rest_follows_with_new_keys_and_no_client_notices(moving: Estate) -> None:
    servers, before, was = set(moving.processes()), routes(moving), in_use(moving)
    with Staying(moving) as clients, CommandLines() as lines:
        runs = [deployed(moving, "-vvvv", "--diff")]
    assert (clients.disconnects, clients.errors) == (0, [])
    assert (set(moving.processes()), routes(moving)) == (servers, before)
    assert [one == other for one, other in zip(was, in_use(moving))] == [False, True, False]
    assert seen_of_keys(moving, runs, lines) == []
    assert deployed(moving).changes == []
