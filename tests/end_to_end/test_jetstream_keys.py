# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream's keys on a cluster that works all the time: rotated, killed in the middle, ended by the next run; encryption
switched on for data in plaintext, and proved on the disks."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, version_of, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.test_remove_node import good, monitor, working
from ansible_collections.aegis.nats.tests.integration.live_streams import place_alone

ROTATE = str(ROOT / "playbooks/rotate_jetstream_key.yml")
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
    with streams.traffic():
        three.killed_at(SWITCH, playbook=ROTATE)
        three.killed_at(SWITCH, playbook=ROTATE, count=1)
        run = good(three.deploy("-vvv", playbook=ROTATE))
    print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
    streams.check()
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
