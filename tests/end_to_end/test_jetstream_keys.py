# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream's keys on a cluster that works all the time: rotated, killed in the middle, ended by the next run.

And encryption that is switched on for data in plaintext, proved on the disks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, version_of, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.test_remove_node import good, working
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams, place_alone, until
from ansible_collections.aegis.nats.tests.soak.killing import kill

ROTATE = str(ROOT / "playbooks/rotate_jetstream_key.yml")
ENABLE = str(ROOT / "playbooks/enable_jetstream_encryption.yml")
SUBJECT, BODY, GIVEN = "subject-in-the-clear-Zq3", "body-in-the-clear-Zq4", "a key out of the inventory Zq5"
SWITCH = "Switch to the release in use with its key"
THREE = {"A3": 3, "B3": 3, "C3": 3}


def keys(estate: Estate) -> dict[str, str]:
    """By host, the key that is in its place on the controller."""
    folder = estate.root / "nats/secrets/jetstream"
    return {name: (folder / f"{name}.secret").read_text().strip() for name in estate.nodes}


def in_use(estate: Estate, name: str) -> str:
    """The environment that a server is started with."""
    return (estate.root / f"nodes/{name}/etc/current/nats-server.env").read_text()


def files_with(folder: Path, *words: str) -> list[str]:
    """Files below a folder that hold one of the words as it is."""
    wanted = [word.encode() for word in words]
    return [
        str(place)
        for place in folder.rglob("*")
        if place.is_file() and any(word in place.read_bytes() for word in wanted)
    ]


def lame_ducks(estate: Estate) -> int:
    """How often a server was told to go."""
    logs = [estate.root / f"nodes/{name}/log/nats-server.log" for name in estate.nodes]
    return sum(log.read_text().count("Entering lame duck mode") for log in logs)


def killed_while_a_server_stops(estate: Estate) -> None:
    """The run and the work on the host end; the server goes all the same, and nobody starts it."""
    before = lame_ducks(estate)
    run = estate.start(playbook=ROTATE)
    try:
        assert wait_until(lambda: lame_ducks(estate) > before, 240)
    finally:
        kill(run, whole_tree=True)
    assert wait_until(lambda: len(estate.processes()) == len(estate.nodes) - 1, 30)


@pytest.fixture
def three(tmp_path: Path, binary: str) -> Iterator[Estate]:
    made = Estate(tmp_path / "estate", binary)
    made.settings.update(nats_server_lame_duck_grace_period="1s", nats_server_version=version_of(binary))
    made.settings["nats_trust_accounts"][0]["users"][0].update(publish={"allow": [">"]}, subscribe={"allow": [">"]})
    yield made
    made.close()


@pytest.mark.long
def test_keys_are_rotated(three: Estate, tmp_path: Path) -> None:
    good(three.deploy())
    streams = working(three, tmp_path / "application", THREE)
    before = keys(three)
    pids = three.processes()
    checked = good(three.deploy("--check", playbook=ROTATE))
    assert checked.text.count("is set aside, made anew from the other servers") == 3, checked.output
    assert three.processes() == pids and keys(three) == before and not (three.root / "nats/secrets/next").exists()
    sent = sum(map(len, streams.acknowledged.values()))
    with streams.traffic():
        # One has its new key and nobody noted it; one was stopped and not started again.
        three.killed_at(SWITCH, playbook=ROTATE)
        killed_while_a_server_stops(three)
        run = good(three.deploy("-vvv", playbook=ROTATE))
    print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
    streams.check()
    assert sum(map(len, streams.acknowledged.values())) > sent + 100
    after = keys(three)
    assert not set(after.values()) & set(before.values())
    assert not (three.root / "nats/secrets/next").exists()
    for name in three.nodes:
        assert after[name] in in_use(three, name)
        assert not list((three.root / f"nodes/{name}/data").rglob(".aside-*"))
        assert not files_with(three.root / f"nodes/{name}", before[name])
    assert not [key for key in (*before.values(), *after.values()) if key in run.output]
    again = good(three.deploy(playbook=ROTATE))
    assert again.changes == [] and "Once more: -e nats_rotate_again=true" in again.text, again.output
    assert good(three.deploy()).changes == []


def marked(streams: Streams) -> None:
    """A stream of three replicas with a marker in subjects and bodies."""

    async def work(js: Any) -> None:
        await until(lambda: js.add_stream(name="MARK", subjects=["mark.>"], num_replicas=3))
        for number in range(5):
            await until(lambda: js.publish(f"mark.{SUBJECT}", f"{BODY} {number}".encode(), timeout=2))  # noqa: B023

    streams.run(work)


def readable(estate: Estate) -> list[str]:
    """Files of JetStream that hold a marker, but for what servers never encrypt: snapshots of Raft groups."""
    return [
        place
        for name in estate.nodes
        for place in files_with(estate.root / f"nodes/{name}/data", SUBJECT, BODY)
        if "/snapshots/" not in place
    ]


@pytest.mark.long
def test_encryption_is_switched_on(three: Estate, tmp_path: Path) -> None:
    three.settings["nats_server_jetstream_encryption"] = False
    good(three.deploy())
    streams = working(three, tmp_path / "application", THREE)
    marked(streams)
    alone = place_alone(streams, "n2")
    assert readable(three)
    refused = three.deploy(playbook=ENABLE)
    assert refused.code and "write nats_server_jetstream_encryption: true" in refused.text, refused.output
    refused = three.deploy(playbook=ROTATE)
    assert refused.code and "JetStream is not encrypted, so there is no key" in refused.text, refused.output
    del three.settings["nats_server_jetstream_encryption"]
    pids = three.processes()
    good(three.deploy("--check", playbook=ENABLE))
    assert three.processes() == pids
    with streams.traffic():
        three.killed_at("Switch to the staged release", playbook=ENABLE)
        run = good(three.deploy(playbook=ENABLE))
    print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
    assert f"n2: while it restarts, nobody can reach the streams that it has alone: {', '.join(alone)}" in run.text
    streams.check()
    assert not readable(three)
    assert good(three.deploy(playbook=ENABLE)).changes == []

    pids = three.processes()
    three.settings["nats_server_jetstream_encryption"] = False
    refused = three.deploy()
    assert refused.code and "JetStream's encryption would end" in refused.text, refused.output
    three.settings["nats_server_jetstream_encryption"] = True
    three.settings["nats_server_jetstream_key"] = f"{GIVEN} of {{{{ inventory_hostname }}}}"
    refused = three.deploy()
    assert refused.code and "run aegis.nats.rotate_jetstream_key" in refused.text.replace("Run", "run"), refused.output
    assert GIVEN not in refused.output and three.processes() == pids
    refused = three.deploy(playbook=ROTATE)
    assert refused.code and f"stream {alone[0]} of TeamAlpha: has its only replica on n2" in refused.text, (
        refused.output
    )
    assert three.processes() == pids
    # Nothing that the collection keeps is rotated where the inventory has the keys, and what was named may be lost.
    # What place_alone made elsewhere until n2 had two may be lost too.
    lose = json.dumps({"nats_server_lose_streams": [f"TeamAlpha/ALONE{number}" for number in range(20)]})
    good(three.deploy("-e", lose, "-e", "nats_rotate_hosts=n2", playbook=ROTATE))
    assert f"{GIVEN} of n2" in in_use(three, "n2") and GIVEN not in in_use(three, "n1")
    assert not (three.root / "nats/secrets/next").exists()
    good(three.deploy("-e", lose, playbook=ROTATE))
    streams.check()
    three.settings["nats_server_jetstream_cipher"] = "aes"
    good(three.deploy())
    streams.check()
    assert not readable(three)
