# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another version under traffic: killed in the middle, broken, refused. No server gets a program before its turn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, version_of
from ansible_collections.aegis.nats.tests.end_to_end.mirror import Mirror, by_archive, earlier, programs
from ansible_collections.aegis.nats.tests.end_to_end.staying import CREDS, tls_context
from ansible_collections.aegis.nats.tests.end_to_end.test_install import reasons
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams

UPGRADE = str(ROOT / "playbooks/upgrade.yml")
SWITCH = "Switch to the staged release"
BROKEN = '#!/bin/sh\ncase "$1" in --version|-t) exec {real} "$@" ;; esac\necho "no memory on this planet"\nexit 1\n'


def by_file(estate: Estate, program: str) -> None:
    estate.settings.update(
        nats_server_install_method="local",
        nats_server_binary_src=program,
        nats_server_version=version_of(program),
        nats_server_binary_path="{{ quickstart_node_dir }}/bin/nats-server",
    )


def started(root: Path, binary: str, nodes: tuple[str, ...] = ("n1", "n2", "n3")) -> Estate:
    made = Estate(root, binary, nodes)
    made.settings["nats_server_lame_duck_grace_period"] = "1s"
    made.settings["nats_trust_accounts"][0]["users"][0].update(publish={"allow": [">"]}, subscribe={"allow": [">"]})
    return made


def leftovers(estate: Estate) -> list[str]:
    return [path.name for path in estate.root.glob("nodes/*/bin/*") if path.name != "nats-server"]


def streams_of(estate: Estate, folder: Path) -> Streams:
    creds = folder / "app.creds"
    shutil.copy(estate.root / CREDS, creds)
    urls = [f"tls://127.0.0.1:{port}" for port in estate.ports["client"]]
    return Streams(urls, tls_context(estate), str(creds), {"A3": 3, "B3": 3})


@pytest.fixture
def three(tmp_path: Path, binary: str) -> Iterator[Estate]:
    made = started(tmp_path / "estate", binary)
    yield made
    made.close()


@pytest.mark.long
def test_upgraded_under_a_publisher_and_killed_in_the_middle(
    three: Estate,
    mirror: Mirror,
    tmp_path: Path,
) -> None:
    first, last = mirror.add(earlier()), mirror.add(three.binary)
    by_archive(three, mirror.url, first)
    good(three.deploy())
    streams = streams_of(three, tmp_path)
    streams.fill()
    wish = ("-e", f"nats_upgrade_to={last}")

    before, pids = three.snapshot(), three.processes()
    checked = good(three.deploy("--check", *wish, playbook=UPGRADE))
    assert f"n2 runs {first}, gets {last}" in checked.text
    assert (three.snapshot(), three.processes()) == (before, pids)

    with streams.traffic():
        three.killed_at(SWITCH, *wish, playbook=UPGRADE)
        assert sorted(version_of(program) for program in programs(three)) == [first, first, last]
        assert len(set(pids) & set(three.processes())) == 2
        run = good(three.deploy(*wish, playbook=UPGRADE))
    wait = streams.longest_wait
    print(f"longest wait of a publisher: {wait:.2f} s, {run.seconds:.0f} s for the last run")
    assert wait < 5
    assert len({result["host"] for result in run.results if result["task"] == SWITCH and result["changed"]}) == 2
    assert run.text.count(f"runs {last}, before {first}") == 2 and f'Write nats_server_version: "{last}"' in run.text
    assert [version_of(program) for program in programs(three)] == [last] * 3
    assert not leftovers(three)
    assert all(len(holders) == 3 for holders in streams.check().values())

    back = three.deploy()
    assert back.code and f"n1: the server runs {last}, and {first} is older" in back.text, back.output
    three.settings["nats_server_version"] = last
    again = good(three.deploy(playbook=UPGRADE))
    assert again.changes == [] and f"n3 runs {last} already" in again.text


@pytest.mark.long
def test_a_program_that_does_not_start_stops_with_the_first_host(
    three: Estate,
    mirror: Mirror,
    tmp_path: Path,
) -> None:
    by_archive(three, mirror.url, mirror.add(earlier()))
    good(three.deploy())
    broken = tmp_path / "nats-server"
    broken.write_text(BROKEN.format(real=three.binary))
    broken.chmod(0o755)
    old = Path(earlier()).read_bytes()
    pids = three.processes()
    by_archive(three, mirror.url, mirror.add(str(broken)))
    streams = streams_of(three, tmp_path)
    streams.fill()
    with streams.traffic():
        run = three.deploy(playbook=UPGRADE)
    assert run.code and "no memory on this planet" in run.text, run.output
    assert f"with nats-server {version_of(earlier())}, which runs" in run.text
    assert len(three.processes()) == 3 and len(set(pids) & set(three.processes())) == 2
    assert [Path(program).read_bytes() == old for program in programs(three)] == [True] * 3
    streams.check()
    by_file(three, three.binary)
    told = reasons(good(three.deploy(playbook=UPGRADE)), SWITCH)
    assert set(told) == {"n1", "n2", "n3"} and not leftovers(three)
    assert good(three.deploy()).changes == []


@pytest.mark.long
def test_an_older_version_only_by_its_name(tmp_path: Path, binary: str) -> None:
    alone = started(tmp_path / "estate", binary, ("n1",))
    alone.settings["nats_server_cluster"] = False
    first, last = version_of(earlier()), version_of(binary)
    try:
        by_file(alone, binary)
        good(alone.deploy())
        before, pids = alone.snapshot(), alone.processes()
        by_file(alone, earlier())
        for playbook in (UPGRADE, None):
            run = alone.deploy(playbook=playbook)
            assert run.code and f"n1: the server runs {last}, and {first} is older" in run.text, run.output
            assert f'write nats_server_allow_steps: ["{last}:{first}"]' in run.text
            assert (alone.snapshot(), alone.processes()) == (before, pids)
        other = alone.deploy("-e", json.dumps({"nats_server_allow_steps": ["2.15.0:2.14.4"]}))
        assert other.code and "is older" in other.text, other.output
        wrong = alone.deploy("-e", json.dumps({"nats_server_allow_steps": ["2.15"]}))
        assert wrong.code and "nats_server_allow_steps[0]: '2.15' is not a step" in wrong.text, wrong.output
        wish = ("-e", json.dumps({"nats_server_allow_steps": [f"{last}:{first}"]}))
        asked = alone.deploy(*wish, "-e", f"nats_upgrade_to={last}", playbook=UPGRADE)
        assert asked.code and f"nats_upgrade_to: is {last}, but nats_server_install_method is local" in asked.text
        run = good(alone.deploy(*wish, playbook=UPGRADE))
        assert f"n1 runs {first}, before {last}" in run.text
        assert good(alone.deploy(playbook=UPGRADE)).changes == []
    finally:
        alone.close()
