# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server leaves a cluster of four that works all the time: checked, killed in the middle, ended by the next run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, version_of, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.staying import CREDS, tls_context
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams, place_alone

REMOVE = str(ROOT / "playbooks/remove_node.yml")
DECOMMISSION = str(ROOT / "playbooks/decommission.yml")
LEAVES = ("-e", "nats_remove=n4")
REPLICAS = {"A1": 1, "B3": 3, "C1": 1, "D3": 3, "E1": 1, "F1": 1}


def monitor(estate: Estate, number: int, what: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{estate.ports['monitoring'][number]}/{what}", timeout=5) as answer:
        return json.load(answer)


def working(estate: Estate, folder: Path, replicas: Optional[dict[str, int]] = None) -> Streams:
    """Streams of one and of three replicas in an account of the estate."""
    folder.mkdir(exist_ok=True)
    creds = shutil.copy(estate.root / CREDS, folder)
    urls = [f"tls://127.0.0.1:{port}" for port in estate.ports["client"]]
    made = Streams(urls, tls_context(estate), str(creds), replicas or REPLICAS)
    made.fill()
    return made


def killed_while_it_moves(estate: Estate) -> None:
    """The run ends with the first stream that it has asked to move."""
    run = estate.start(*LEAVES, playbook=REMOVE)
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line)
        if "moves off" in line:
            os.killpg(run.pid, signal.SIGKILL)
            break
    run.stdout.close()
    assert run.wait() == -signal.SIGKILL, "".join(said)


@pytest.fixture
def four(tmp_path: Path, binary: str) -> Iterator[Estate]:
    made = Estate(tmp_path / "estate", binary, ("n1", "n2", "n3", "n4"))
    made.settings.update(nats_server_lame_duck_grace_period="1s", nats_server_version=version_of(binary))
    made.settings["nats_trust_accounts"][0]["users"][0].update(publish={"allow": [">"]}, subscribe={"allow": [">"]})
    try:
        good(made.deploy())
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_a_server_leaves_for_good(four: Estate, tmp_path: Path) -> None:
    streams = working(four, tmp_path / "application")
    wrong = four.deploy("-e", "nats_remove=n9", playbook=REMOVE)
    assert wrong.code and "nats_remove: name one host of the group nats_servers" in wrong.text, wrong.output
    pids = four.processes()
    checked = good(four.deploy("--check", "--diff", *LEAVES, playbook=REMOVE))
    assert ' of TeamAlpha"' in checked.text, checked.output
    assert four.processes() == pids and not (four.root / "nats/changes").exists()
    with streams.traffic():
        killed_while_it_moves(four)
        four.killed_at("Write down that it leaves", *LEAVES, playbook=REMOVE)
        four.killed_at("Switch to the staged release", *LEAVES, playbook=REMOVE)
        run = good(four.deploy(*LEAVES, playbook=REMOVE))
    assert "Take it out of the group nats_servers" in run.text
    print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
    streams.check("n4")
    assert not [each for each in four.processes().values() if "/n4/" in each]
    for number in range(3):
        told = monitor(four, number, "routez?subs=0")["routes"]
        assert {each["remote_name"] for each in told} == {"n1", "n2", "n3"} - {f"n{number + 1}"}
        assert (
            str(four.ports["cluster"][3])
            not in (four.root / f"nodes/n{number + 1}/etc/current/routes.conf").read_text()
        )
        assert monitor(four, number, "jsz")["meta_cluster"]["cluster_size"] == 3
    again = good(four.deploy(*LEAVES, playbook=REMOVE))
    assert again.changes == [], again.changes
    refused = four.deploy()
    assert refused.code and "n4 left this cluster (remove_node) and would come back" in refused.text, refused.output
    good(four.deploy("-e", "nats_decommission=n4", "-e", "nats_decommission_data=n4", playbook=DECOMMISSION))
    assert not list((four.root / "nodes/n4").iterdir())
    del four.hosts["n4"]
    assert good(four.deploy()).changes == []
    streams.check("n4")


@pytest.mark.long
def test_a_lost_server_does_not_come_back(four: Estate, tmp_path: Path) -> None:
    streams = working(four, tmp_path / "application", {"A3": 3, "B3": 3, "C3": 3})
    alone = place_alone(streams, "n4")
    lost = (*LEAVES, "-e", "nats_remove_lost=true")
    (pid,) = [pid for pid, words in four.processes().items() if "/n4/" in words]
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: pid not in four.processes(), 10)
    shutil.rmtree(four.root / "nodes/n4")
    with streams.traffic():
        refused = four.deploy(*lost, playbook=REMOVE)
        assert refused.code and f"stream {alone[0]} of TeamAlpha: no other server has it" in refused.text, (
            refused.output
        )
        wish = json.dumps({"nats_server_lose_streams": [f"TeamAlpha/{name}" for name in alone]})
        good(four.deploy(*lost, "-e", wish, playbook=REMOVE))
    streams.check("n4")
    assert not (four.root / "nodes/n4").exists()
    del four.hosts["n4"]
    assert good(four.deploy()).changes == []
