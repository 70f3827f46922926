# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode tells the truth: what it says will change, and why, is what the run that follows changes, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good, put

ALPHA = "nats_trust_accounts[0]"
SWITCH = "Switch to the staged release"
NODES = ("n1", "n2", "n3", "n4")


def told(run: Run) -> dict[tuple[str, str], list[list[str]]]:
    """By host and task, the reasons of every change. Releases and keys are named for what is in them, random or not."""
    good(run)
    found: dict[tuple[str, str], list[list[str]]] = {}
    for result in run.results:
        if result["changed"]:
            words = [re.sub(r"\b(?:[0-9a-f]{12,64}|to-be-made)\b", "RELEASE", reason) for reason in result["reasons"]]
            found.setdefault((result["host"], result["task"]), []).append(words)
    return found


def announced(run: Run) -> list[str]:
    """What was said of restarts before they began."""
    return re.findall(r"^n\d \(\d of \d\) restarts: .*$", run.output, re.MULTILINE)


def check_then_run(estate: Estate) -> dict[tuple[str, str], list[list[str]]]:
    """What both said of changes."""
    return told(checked_run(estate))


def checked_run(estate: Estate) -> Run:
    """The run; the check before it wrote nothing and left the servers alone.

    What a run leaves undone, the next check and run of the same cluster would tell beside their own.
    """
    before, running = estate.snapshot(), estate.processes()
    check = estate.deploy("--check", "--diff")
    assert estate.snapshot() == before
    assert estate.processes() == running
    run = estate.deploy()
    assert told(check) == told(run)
    assert told(run), "nothing changed, so nothing was compared"
    assert announced(check) == []
    return run


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[tuple[Estate, Any]]:
    """A cluster deployed from nothing, and what check and run said about that; a fourth host waits for its turn."""
    made = Estate(tmp_path_factory.mktemp("check") / "estate", binary, NODES)
    try:
        made.hosts.pop("n4")
        made.settings.update(
            nats_server_lame_duck_grace_period="1s",
            nats_pki_leaf_days=2,
            nats_pki_keys="host",
        )
        yield made, check_then_run(made)
    finally:
        made.close()


@pytest.fixture
def cluster(grown: tuple[Estate, Any]) -> Estate:
    return grown[0]


def test_a_fresh_estate(grown: tuple[Estate, Any]) -> None:
    changes = grown[1]
    assert {host for host, task in changes if task == SWITCH} == {"n1", "n2", "n3"}
    pushed = changes["n1", "Push the accounts and have every server confirm"]
    assert pushed == [
        [f"{name}: {node} does not have it" for name in ("TeamAlpha", "ExternalPartner") for node in NODES[:3]]
    ]


def test_users_that_are_changed_or_new_are_not_pushed(cluster: Estate) -> None:
    put(cluster.settings, f"{ALPHA}.users[1].publish.allow[+]", "inventory-new.>")
    put(cluster.settings, f"{ALPHA}.users[+]", {"name": "newcomer"})
    changes = check_then_run(cluster)
    assert set(changes) == {("n1", "Keep the operator, accounts and users")}
    assert "inventory-new.>" in str(changes) and "newcomer" in str(changes)


def test_an_account_that_is_changed_is_pushed(cluster: Estate) -> None:
    put(cluster.settings, f"{ALPHA}.limits.connections", 499)
    changes = check_then_run(cluster)
    assert set(changes) == {
        ("n1", "Keep the operator, accounts and users"),
        ("n1", "Push the accounts and have every server confirm"),
    }


def test_what_a_reload_takes(cluster: Estate) -> None:
    """Certificates that are due, and an option."""
    before = set(cluster.processes())
    cluster.settings.update(nats_pki_leaf_days=90, nats_pki_renew_before="2d", nats_server_max_payload="2MiB")
    run = checked_run(cluster)
    changes = told(run)
    assert announced(run) == []
    assert {host for host, task in changes if task == SWITCH} == {"n1", "n2", "n3"}
    for words in ("max_payload 1MiB -> 2MiB: a reload takes it", "key_file"):
        assert all(words in str(changes[host, SWITCH]) for host in NODES[:3]), (words, changes)
    assert set(cluster.processes()) == before


def test_what_needs_a_restart(cluster: Estate) -> None:
    before = set(cluster.processes())
    cluster.settings["nats_server_jetstream_sync_interval"] = "1m"
    run = checked_run(cluster)
    changes = told(run)
    assert {host for host, task in changes if task == SWITCH} == {"n1", "n2", "n3"}
    assert "needs a restart" in str(changes["n3", SWITCH])
    assert not before & set(cluster.processes())
    why = "restarts: jetstream.sync_interval 2m -> 1m needs a restart"
    assert [re.sub(r"^n\d", "", line) for line in announced(run)] == [f" ({turn} of 3) {why}" for turn in (1, 2, 3)]
    assert {line[:2] for line in announced(run)} == {"n1", "n2", "n3"}


def test_a_new_host(cluster: Estate) -> None:
    """Last: the cluster has four hosts from then on, and after all that a check has nothing to say."""
    cluster.hosts["n4"] = {"quickstart_number": 3}
    changes = check_then_run(cluster)
    assert {host for host, task in changes if task == SWITCH} == set(NODES)
    pushed = changes["n1", "Push the accounts and have every server confirm"]
    assert pushed == [[f"{name}: n4 does not have it" for name in ("TeamAlpha", "ExternalPartner")]]
    assert told(cluster.deploy("--check")) == {}
