# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs the hosts: each is asked twice where nothing is to be done, and waited for where one was touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import NODES, Estate, Run, deployed_estate, good

INFO, CONFIG, WAIT = (f"aegis.nats.{name}" for name in ("node_info", "node_config", "cluster_wait"))


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    with deployed_estate(tmp_path_factory.mktemp("unchanged") / "estate", binary) as made:
        yield made


def modules(run: Run) -> Counter[tuple[str, str]]:
    """How often each module ran on each host."""
    good(run)
    ran = [result for result in run.results if result["action"].startswith(("aegis.nats.node_", "aegis.nats.cluster_"))]
    return Counter((result["host"], result["action"]) for result in ran)


def test_an_unchanged_host_is_asked_twice(estate: Estate) -> None:
    before = set(estate.processes())
    run = estate.deploy()
    assert run.changes == []
    assert modules(run) == {(host, action): 1 for host in NODES for action in (INFO, CONFIG)}
    assert set(estate.processes()) == before


def test_where_one_server_is_touched_all_are_waited_for(estate: Estate) -> None:
    estate.hosts["n2"]["nats_server_max_payload"] = "2MiB"
    run = estate.deploy()
    assert {host for host, _task in run.changes} == {"n2"}
    wanted = {(host, action): 1 for host in NODES for action in (INFO, CONFIG, WAIT)}
    assert modules(run) == {**wanted, ("n2", CONFIG): 2}
    assert estate.deploy().changes == []


def test_jetstream_on_some_of_the_servers(tmp_path: Path, binary: str) -> None:
    made = Estate(tmp_path / "estate", binary, ["n1", "n2", "n3", "n4"])
    made.hosts["n4"]["nats_server_jetstream"] = False
    try:
        good(made.deploy())
        again = good(made.deploy())
        assert modules(again) == {(host, action): 1 for host in made.nodes for action in (INFO, CONFIG)}
        made.settings["nats_server_max_payload"] = "2MiB"
        changed = good(made.deploy())
        assert {host for host, _task in changed.changes} == set(made.nodes)
        del made.hosts["n4"]["nats_server_jetstream"]
        joined = good(made.deploy())
        assert {host for host, _task in joined.changes} == {"n4"}
        good(made.deploy())
    finally:
        made.close()


@pytest.mark.long
def test_jetstream_switched_on_where_no_server_has_it(tmp_path: Path, binary: str) -> None:
    """Two in a row have no leader between them before the second one restarts."""
    made = Estate(tmp_path / "estate", binary, NODES)
    made.settings["nats_server_jetstream"] = False
    try:
        good(made.deploy())
        assert good(made.deploy()).changes == []
        before = set(made.processes())
        del made.settings["nats_server_jetstream"]
        good(made.deploy())
        assert not before & set(made.processes())
        assert good(made.deploy()).changes == []
    finally:
        made.close()


def test_the_role_alone_costs_the_same(estate: Estate) -> None:
    place = estate.root / "alone.yml"
    place.write_text(
        "- hosts: nats_servers\n  gather_facts: false\n"
        "  roles: [aegis.nats.nats_trust, aegis.nats.nats_pki, aegis.nats.nats_server]\n",
        encoding="utf-8",
    )
    run = estate.deploy(playbook=str(place))
    assert run.changes == []
    assert modules(run) == {(host, action): 1 for host in NODES for action in (INFO, CONFIG)}
