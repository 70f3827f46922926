# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.release import Release, find_drift, make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Loaded, Releases
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import Busy


def release(text: str) -> Release:
    files = [WantedFile("nats-server.conf", text.encode()), WantedFile("tls/a/server.key", b"k", 0o600)]
    return make_release(files, "nats-server.conf")


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(str(tmp_path / "etc"), NOBODY_NAMED)


def test_stage_and_switch(releases: Releases) -> None:
    one, two = release("1"), release("2")
    assert (releases.current(), releases.switched_at(), releases.contents(one.name)) == (None, 0.0, None)
    with releases.locked(False):
        releases.stage(one)
        releases.stage(two)
        releases.switch(one.name)
        assert (releases.current(), os.readlink(releases.root / "current")) == (one.name, f"releases/{one.name}")
        releases.switch(two.name)
        assert (releases.root / "current" / "nats-server.conf").read_text() == "2"
        assert releases.switched_at() > 0
        releases.switch(None)
        releases.switch(None)
    assert releases.current() is None
    assert releases.contents(one.name) == one.contents()
    modes = {stat.S_IMODE(place.stat().st_mode) for place in releases.root.rglob("*") if place.is_dir()}
    assert modes == {0o700}


def test_what_a_killed_run_left_is_swept(releases: Releases) -> None:
    with releases.locked(False):
        releases.stage(release("1"))
    for name in ("0123.tmp", ".check-0123"):
        (releases.folder / name).mkdir()
        (releases.folder / name / "server.key").write_text("secret")
    with releases.locked(True):
        assert len(os.listdir(releases.folder)) == 3
    with releases.locked(False):
        assert os.listdir(releases.folder) == [release("1").name]


def test_check_mode_makes_nothing(releases: Releases) -> None:
    with releases.locked(True):
        assert not releases.root.exists()


def test_repair(releases: Releases) -> None:
    wanted = release("1")
    with releases.locked(False):
        releases.stage(wanted)
        folder = releases.path(wanted.name)
        (folder / "nats-server.conf").unlink()
        (folder / "nats-server.conf").mkdir()
        (folder / "tls/a/server.key").chmod(0o666)
        (folder / "foreign").write_text("x")
        releases.repair(wanted, find_drift(folder, wanted))
    assert not find_drift(folder, wanted)


def test_loaded_comes_back_and_is_written_once(releases: Releases) -> None:
    loaded = Loaded("0123", "sha256:1", {"/etc/u.service": "ff"}, ("reload", ("why",)))
    with releases.locked(False):
        assert releases.loaded() is None
        releases.note_loaded(loaded)
        inode = (releases.root / "loaded").stat().st_ino
        releases.note_loaded(loaded)
    assert (releases.loaded(), (releases.root / "loaded").stat().st_ino) == (loaded, inode)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"release": "a", "due": 1}), "\0"])
def test_a_broken_note_is_no_note(releases: Releases, text: str) -> None:
    with releases.locked(False):
        (releases.root / "loaded").write_text(text)
    assert releases.loaded() is None


def test_prune_keeps_the_newest_and_what_is_needed(releases: Releases) -> None:
    wanted = [release(str(number)) for number in range(6)]
    with releases.locked(False):
        for number, one in enumerate(wanted):
            releases.stage(one)
            os.utime(releases.path(one.name), (number, number))
        removed = releases.prune(2, (wanted[0].name, None))
    assert set(removed) == {one.name for one in wanted[1:4]}
    assert set(os.listdir(releases.folder)) == {wanted[0].name, wanted[4].name, wanted[5].name}


def hold(root: str, begun: multiprocessing.synchronize.Event, end: multiprocessing.synchronize.Event) -> None:
    with Releases(root, NOBODY_NAMED).locked(False):
        begun.set()
        end.wait(20)


def test_a_second_run_waits_and_says_so(releases: Releases) -> None:
    context = multiprocessing.get_context("fork")
    begun, end = context.Event(), context.Event()
    other = context.Process(target=hold, args=(str(releases.root), begun, end))
    other.start()
    try:
        assert begun.wait(20)
        with pytest.raises(Busy, match="another run"), releases.locked(False, patience=0.2):
            pass
        end.set()
        with releases.locked(False, patience=20):
            pass
    finally:
        end.set()
        other.join()


def test_a_full_disk_leaves_no_half_release(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    with releases.locked(False):
        releases.stage(release("1"))

        def full(_dummy: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            releases.stage(release("2"))
    assert os.listdir(releases.folder) == [release("1").name]
