# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is lost with its disk, and an empty one takes its place; a cluster that is no longer wanted leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, version_of, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.staying import CREDS, served, tls_context
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams, place_alone

REPLACE, DECOMMISSION = (str(ROOT / f"playbooks/{name}.yml") for name in ("replace", "decommission"))
LOST = ("-e", "nats_replace=n2")


@pytest.fixture
def three(tmp_path: Path, binary: str) -> Iterator[Estate]:
    made = Estate(tmp_path / "estate", binary)
    made.settings.update(nats_server_lame_duck_grace_period="1s", nats_server_version=version_of(binary))
    made.settings["nats_trust_accounts"][0]["users"][0].update(publish={"allow": [">"]}, subscribe={"allow": [">"]})
    try:
        good(made.deploy())
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_a_lost_host_is_replaced(three: Estate, tmp_path: Path) -> None:
    creds = tmp_path / "app.creds"
    shutil.copy(three.root / CREDS, creds)
    urls = [f"tls://127.0.0.1:{port}" for port in three.ports["client"]]
    streams = Streams(urls, tls_context(three), str(creds), {"A3": 3, "B3": 3})
    streams.fill()
    alone = place_alone(streams, "n2")
    before = served(three, 1).serial_number
    runs = three.deploy(*LOST, playbook=REPLACE)
    assert runs.code and "its server runs; it has the configuration" in runs.text, runs.output

    with streams.traffic():
        (pid,) = [pid for pid, words in three.processes().items() if "/n2/" in words]
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: pid not in three.processes(), 10)
        shutil.rmtree(three.root / "nodes/n2")
        unnamed = three.deploy(*LOST, playbook=REPLACE)
        assert unnamed.code, unnamed.output
        for name in alone:
            assert f"stream {name} of TeamAlpha: no other server has it, so it is lost with n2" in unnamed.text
        assert not (three.root / "nodes/n2/etc").exists() and not (three.root / "nats/changes").exists()
        wish = json.dumps({"nats_server_lose_streams": [f"TeamAlpha/{name}" for name in alone]})
        three.killed_at("Write down that it is being replaced", *LOST, "-e", wish, playbook=REPLACE)
        three.killed_at("Switch to the staged release", *LOST, "-e", wish, playbook=REPLACE)
        run = good(three.deploy(*LOST, "-e", wish, playbook=REPLACE))
    assert "n2 is back with every replica" in run.text and f"Restore what was lost: TeamAlpha/{alone[0]}" in run.text
    print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
    assert not list((three.root / "nats/changes").iterdir())
    assert all("n2" in holders for holders in streams.check().values())
    ledger = json.loads((three.root / "nats/pki/ca.revoked.json").read_text())["revoked"]
    revoked = {int(serial, 16): entry["name"] for serial, entry in ledger.items()}
    assert sorted(revoked.values()) == ["n2/route", "n2/server"] and revoked[before] == "n2/server"
    assert served(three, 1).serial_number not in revoked
    assert good(three.deploy()).changes == []


@pytest.mark.long
def test_nothing_is_left_of_a_cluster(three: Estate) -> None:
    refused = three.deploy("-e", "nats_decommission=n2", playbook=DECOMMISSION)
    assert refused.code and "n2 is a server of the cluster: have it leave first" in refused.text, refused.output
    nobody = three.deploy(playbook=DECOMMISSION)
    assert nobody.code and "nats_decommission: name one host of the group" in nobody.text, nobody.output
    other = three.deploy(
        "-e", "nats_decommission=nats_servers", "-e", "nats_decommission_data=n2", playbook=DECOMMISSION
    )
    assert other.code and "says the same word" in other.text, other.output
    own = three.root / "nodes/n1/etc/mine.txt"
    own.write_text("mine")
    words, pids = ("-e", "nats_decommission=nats_servers"), three.processes()
    checked = good(three.deploy("--check", *words, playbook=DECOMMISSION))
    assert f"{three.root}/nodes/n2/etc/releases" in checked.text and three.processes() == pids
    three.killed_at("Remove what the server has on the host", *words, playbook=DECOMMISSION)
    good(three.deploy(*words, playbook=DECOMMISSION))
    assert three.processes() == {}
    left = sorted(str(path.relative_to(three.root / "nodes")) for path in (three.root / "nodes").glob("*/*"))
    assert left == ["n1/data", "n1/etc", "n2/data", "n3/data"] and own.read_text() == "mine"
    assert (three.root / "nodes/n1/data/jetstream").is_dir()
    good(three.deploy(*words, "-e", "nats_decommission_data=nats_servers", playbook=DECOMMISSION))
    left = sorted(str(path.relative_to(three.root / "nodes")) for path in (three.root / "nodes").rglob("*"))
    assert left == ["n1", "n1/etc", "n1/etc/mine.txt", "n2", "n3"]
    assert good(three.deploy(*words, playbook=DECOMMISSION)).changes == []
