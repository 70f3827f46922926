# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups and restores of a cluster that works meanwhile: killed, refused, with servers away."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, good, version_of, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.holdings import CREDS, Holder, ask, fill, make, widen
from ansible_collections.aegis.nats.tests.end_to_end.staying import tls_context
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams

BACKUP, RESTORE, REPLACE = (str(ROOT / f"playbooks/{name}.yml") for name in ("backup", "restore", "replace"))
OPENS = ("-e", "nats_backup_passphrase=a-passphrase-of-a-test")


def below(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (int(word) for word in (task / "children").read_text().split()):
            found += [child, *below(child)]
    return found


def killed_at(estate: Estate, words: str, *options: str, playbook: str) -> None:
    """The run and its children end with the first line of progress that has these words."""
    run = estate.start(*options, playbook=playbook)
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line)
        if words in line:
            # Workers of a run have sessions of their own.
            for pid in (run.pid, *below(run.pid)):
                os.kill(pid, signal.SIGKILL)
            break
    run.stdout.close()
    assert run.wait() == -signal.SIGKILL, "".join(said)


def delete(holder: Holder) -> None:
    """All streams of an account."""

    async def work(connection: Any) -> None:
        for name in (await ask(connection, "STREAM.NAMES"))["streams"] or []:
            await ask(connection, f"STREAM.DELETE.{name}")

    holder.run(work)


def publish(holder: Holder, subject: str) -> None:
    async def work(connection: Any) -> None:
        await connection.jetstream().publish(subject, b"later", timeout=20)

    holder.run(work)


def alone(holder: Holder) -> str:
    """Make the stream ALONE with one replica; the name of its server."""

    async def work(connection: Any) -> str:
        await make(connection, "ALONE", subjects=["orders.ALONE"], num_replicas=1)
        return str((await ask(connection, "STREAM.INFO.ALONE"))["cluster"]["leader"])

    return holder.run(work)


def reasons(run: Run) -> list[str]:
    (found,) = (each["reasons"] for each in run.results if each["action"] == "aegis.nats.restore" and each["reasons"])
    return list(found)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    made = Estate(tmp_path_factory.mktemp("faults") / "estate", binary)
    made.settings.update(nats_server_lame_duck_grace_period="1s", nats_server_version=version_of(binary))
    widen(made)
    try:
        good(made.deploy())
        yield made
    finally:
        made.close()


@pytest.mark.long
def test_killed_runs_are_ended_by_the_next(three: Estate, tmp_path: Path) -> None:
    fill(three)
    team, folder = Holder(three), tmp_path / "archives"
    before = team.record()
    words = (*OPENS, "-e", f"nats_backup_archive={folder / 'a'}")
    killed_at(three, "TeamAlpha/GAPS", *words, playbook=BACKUP)
    assert [place.name for place in folder.iterdir()] == ["a.partial"]
    good(three.deploy(*words, playbook=BACKUP))
    assert [place.name for place in folder.iterdir()] == ["a"]
    twice = three.deploy(*words, playbook=BACKUP)
    assert twice.code and "is there already" in twice.text, twice.output

    delete(team)
    words = (*OPENS, "-e", f"nats_restore_archive={folder / 'a'}", "-e", "nats_restore=streams")
    wrong = three.deploy(*words, "-e", "nats_backup_passphrase=another-passphrase", playbook=RESTORE)
    assert wrong.code and "it is encrypted with another key" in wrong.text, wrong.output
    few = three.deploy(*words, "-e", "nats_restore_replicas=1", playbook=RESTORE)
    assert few.code and "its consumer all asks for 3 replicas of its own" in few.text, few.output
    assert team.record() == {}
    for line in ("(2 of", "(1 of"):
        killed_at(three, line, *words, playbook=RESTORE)
    ended = good(three.deploy(*words, playbook=RESTORE))
    assert ended.changes
    after = team.record()
    for name in before:
        assert after[name] == before[name], name

    # What gathers goes on: its origins are new streams, and nothing is there twice.
    publish(team, "in.GAPS.1")
    assert wait_until(lambda: team.record("GATHER")["GATHER"]["state"]["last_seq"] > 30, 120)
    assert team.record("GATHER")["GATHER"]["state"]["last_seq"] == 31


@pytest.mark.long
def test_what_came_later_is_never_lost_unasked(three: Estate, tmp_path: Path) -> None:
    urls = [f"tls://127.0.0.1:{port}" for port in three.ports["client"]]
    streams = Streams(urls, tls_context(three), str(three.root / CREDS["TeamAlpha"]), {"A3": 3, "B1": 1})
    streams.fill()
    archive = tmp_path / "a"
    with streams.traffic():
        least = {name: len(numbers) for name, numbers in streams.acknowledged.items()}
        good(three.deploy(*OPENS, "-e", f"nats_backup_archive={archive}", playbook=BACKUP))
    words = (*OPENS, "-e", f"nats_restore_archive={archive}", "-e")
    assert all(len(numbers) > least[name] for name, numbers in streams.acknowledged.items())
    named = three.deploy(*words, "nats_restore_streams=TeamAlpha/A3,TeamAlpha/B1", playbook=RESTORE)
    assert named.code and "was in use since" in named.text and "say overwrite" in named.text, named.output
    left = good(three.deploy(*words, "nats_restore=streams", playbook=RESTORE))
    assert "2 were in use since and are left as they are" in left.text, left.output
    streams.check()

    words = (*words, "nats_restore_streams=TeamAlpha/A3,TeamAlpha/B1")
    checked = good(three.deploy("--check", *words, "-e", "nats_restore_overwrite=true", playbook=RESTORE))
    streams.check()
    done = good(three.deploy(*words, "-e", "nats_restore_overwrite=true", playbook=RESTORE))
    assert reasons(done) == reasons(checked) != []
    for name, numbers in streams.acknowledged.items():
        there = Holder(three).record(name)[name]["state"]["messages"]
        assert least[name] <= there < len(numbers)
        del numbers[there:]
    streams.check()


@pytest.mark.long
def test_what_was_lost_with_its_only_server_comes_back(three: Estate, tmp_path: Path) -> None:
    team = Holder(three)
    delete(team)
    urls = [f"tls://127.0.0.1:{port}" for port in three.ports["client"]]
    streams = Streams(urls, tls_context(three), str(three.root / CREDS["TeamAlpha"]), {"A3": 3})
    streams.fill()
    host = alone(team)
    publish(team, "orders.ALONE")
    before = team.record("ALONE")
    title, whole = "TeamAlpha/ALONE", ("-e", f"nats_backup_archive={tmp_path / 'whole'}")
    good(three.deploy(*OPENS, *whole, playbook=BACKUP))

    (pid,) = [pid for pid, words in three.processes().items() if f"/{host}/" in words]
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: pid not in three.processes(), 10)
    shutil.rmtree(three.root / "nodes" / host)
    part = (*OPENS, "-e", f"nats_backup_archive={tmp_path / 'part'}")
    silent = three.deploy(*part, playbook=BACKUP)
    told = dict(silent.problems)
    assert "name it in leave_out" in told[f"streams.{title}"], silent.output
    titles = [path.partition(".")[2] for path in told]
    good(three.deploy(*part, "-e", f"nats_backup_leave_out={','.join(titles)}", playbook=BACKUP))

    wish = json.dumps({"nats_server_lose_streams": titles})
    good(three.deploy("-e", f"nats_replace={host}", "-e", wish, playbook=REPLACE))
    words = (*OPENS, "-e", f"nats_restore_archive={tmp_path / 'whole'}", "-e", f"nats_restore_streams={title}")
    back = good(three.deploy(*words, playbook=RESTORE))
    assert "is there and was never written to" in str(back.results), back.output
    assert team.record("ALONE") == before
    streams.check()

    three.close()
    away = three.deploy(*OPENS, playbook=BACKUP)
    assert away.code and "no server could be reached" in away.text, away.output
    state = good(three.deploy(*OPENS, "-e", "nats_backup_jetstream=false", playbook=BACKUP))
    assert "0 streams with 0 messages" in state.text
