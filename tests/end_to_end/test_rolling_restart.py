# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers restart as they are: what a check says, what a killed run leaves to the next, what is refused."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, deployed_estate, good

RESTART = str(ROOT / "playbooks/rolling_restart.yml")
SWITCHED = "Switch to the staged release"


def pids(estate: Estate) -> dict[str, int]:
    """By node, the process of its server."""
    return {node: pid for pid, words in estate.processes().items() for node in estate.nodes if f"/{node}/" in words}


def test_servers_restart_as_they_are_and_a_killed_run_is_ended_by_the_next(tmp_path: Path, binary: str) -> None:
    with deployed_estate(tmp_path / "estate", binary) as estate:
        estate.settings["nats_server_lame_duck_grace_period"] = "1s"  # not deployed, so not what a restart is about
        first, record = pids(estate), estate.root / "nats/changes/rolling_restart"
        checked = estate.deploy("--check", playbook=RESTART)
        good(checked)
        told = [host for host, task in checked.changes if task == SWITCHED]
        assert sorted(told) == ["n1", "n2", "n3"] and not record.exists() and pids(estate) == first
        before = estate.snapshot("nodes")
        estate.killed_at(SWITCHED, playbook=RESTART)
        killed = pids(estate)
        assert sum(killed[node] != first[node] for node in estate.nodes) == 1 and record.exists()
        ended = estate.deploy(playbook=RESTART)
        good(ended)
        after = pids(estate)
        assert sorted(host for host, task in ended.changes if task == SWITCHED) == sorted(
            node for node in estate.nodes if killed[node] == first[node]
        )
        assert not set(after.values()) & set(first.values())
        assert all(after[node] == killed[node] for node in estate.nodes if killed[node] != first[node])
        assert not record.exists() and estate.snapshot("nodes") == before
        refused = estate.deploy("-e", "nats_server_restart_share=2", "--tags", "preflight")
        assert "while 2 of 3 servers restart the others are no majority" in refused.text, refused.output
