# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which key data on disk open with, and what becomes of them. Kills in between: the integration tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.release import Release, make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.store import (
    ASIDE,
    BACK,
    KEEP,
    KeyChanges,
    Store,
    StorePlan,
    StoreSeen,
    StoreWish,
    is_encrypted,
    judge,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Loaded, Releases
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

OLD, NEW = "the old key", "the new key"


def seen(there: bool = True, written: Optional[str] = OLD, encrypted: bool = True, **aside: str) -> StoreSeen:
    return StoreSeen(there, encrypted, written, aside)


@pytest.mark.parametrize(
    ("what", "wanted", "running", "refused_or", "fresh"),
    [
        (seen(), OLD, True, StorePlan(), StorePlan()),
        (seen(), NEW, True, None, StorePlan(ASIDE, drops=True)),
        (seen(), NEW, False, None, StorePlan(ASIDE, drops=True)),
        (seen(), None, True, None, StorePlan(ASIDE, drops=True)),
        # Plaintext becomes encrypted; what was written by nobody knows whom is left to the server.
        (seen(encrypted=False), NEW, True, StorePlan(), StorePlan()),
        (seen(written=None), NEW, True, StorePlan(), StorePlan()),
        (seen(False), NEW, False, StorePlan(), StorePlan()),
        # Set aside, and killed before the new release was switched in, and after.
        (seen(False, OLD, a=OLD), OLD, False, StorePlan(BACK, "a"), StorePlan(BACK, "a")),
        (seen(False, OLD, a=OLD), NEW, False, None, StorePlan(drops=True)),
        (seen(False, NEW, a=OLD), NEW, False, StorePlan(drops=True), StorePlan(drops=True)),
        (seen(False, NEW, a=OLD), OLD, False, StorePlan(BACK, "a"), StorePlan(BACK, "a")),
        # Started with the new key: what is aside goes, or the way back is refused, with nothing yet written too.
        (seen(True, NEW, a=OLD), NEW, True, StorePlan(drops=True), StorePlan(drops=True)),
        (seen(True, NEW, a=OLD), OLD, True, None, StorePlan(ASIDE, drops=True)),
        (seen(True, NEW, False, a=OLD), OLD, True, None, StorePlan(ASIDE, drops=True)),
        # A server that runs and has no data keeps JetStream off.
        (seen(False, OLD, a=OLD), OLD, True, StorePlan(), StorePlan()),
    ],
)
def test_what_becomes_of_the_data(
    what: StoreSeen, wanted: Optional[str], running: bool, refused_or: Optional[StorePlan], fresh: StorePlan
) -> None:
    assert judge(what, wanted, False, running) == refused_or
    assert judge(what, wanted, True, running) == fresh


def test_what_is_half_deleted_goes() -> None:
    assert judge(StoreSeen(True, True, OLD, {}, True), OLD, False, True) == StorePlan(drops=True)


class Stopping:
    """A service that only notes that it was stopped."""

    def __init__(self) -> None:
        self.stopped = 0

    def stop(self, lame_duck: bool, timeout: float) -> None:
        self.stopped += 1


def release(key: str) -> Release:
    files = [WantedFile("nats-server.conf", b"port: 4222\n"), WantedFile("nats-server.env", f'KEY="{key}"\n'.encode())]
    return make_release(files if key else files[:1], "nats-server.conf")


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    made = Releases(str(tmp_path / "etc"), NOBODY_NAMED)
    with made.locked(False):
        for key in (OLD, NEW, ""):
            made.stage(release(key))
        made.switch(release(OLD).name)
        made.note_loaded(Loaded(release(OLD).name))
    return made


def store(releases: Releases, fresh: bool = True) -> Store:
    """With data that were written with the old key."""
    path = releases.root.parent / "data"
    place = path / "jetstream" / "ACCOUNT" / "streams" / "S"
    place.mkdir(parents=True, exist_ok=True)
    (place / "meta.key").write_bytes(b"old")
    return Store(StoreWish(str(path), "KEY", fresh), releases, "nats-server.env")


def test_set_aside_and_gone(releases: Releases) -> None:
    made, service = store(releases), Stopping()
    plan = made.plan(release(NEW).contents(), True, False)
    assert plan == StorePlan(ASIDE, drops=True)
    assert made.decision(plan).action == "restart" and "made anew" in made.decision(plan).reasons[0]
    made.begin(plan, service, True, 1.0)  # type: ignore[arg-type]
    assert service.stopped == 1 and not made.folder.exists()
    assert os.listdir(made.wish.path) == [f".aside-{release(OLD).name}"]
    # Killed here, the server starts with the old release, and has its data back with it.
    assert made.plan(release(OLD).contents(), False, False) == StorePlan(BACK, release(OLD).name)
    releases.switch(release(NEW).name)
    assert made.plan(release(NEW).contents(), False, False) == StorePlan(KEEP, drops=True)
    # Started with it, it has written anew, though nobody noted yet that it runs.
    assert store(releases).plan(release(NEW).contents(), True, False) == StorePlan(KEEP, drops=True)
    made.finish()
    assert os.listdir(made.wish.path) == ["jetstream"]
    assert made.plan(release(NEW).contents(), True, True) == StorePlan()
    assert made.outdated() == [release(OLD).name]


def test_the_way_back(releases: Releases) -> None:
    made, service = store(releases), Stopping()
    made.begin(made.plan(release(NEW).contents(), True, False), service, True, 1.0)  # type: ignore[arg-type]
    releases.switch(release(NEW).name)
    made.folder.mkdir()
    made.clear(release(OLD).name, service)  # type: ignore[arg-type]
    releases.switch(release(OLD).name)
    made.put_back(release(OLD).name)
    assert service.stopped == 2 and os.listdir(made.wish.path) == ["jetstream"] and is_encrypted(made.folder)
    # With nothing aside, nothing is stopped and nothing deleted.
    made.clear(release(OLD).name, service)  # type: ignore[arg-type]
    made.put_back(release(OLD).name)
    assert service.stopped == 2 and is_encrypted(made.folder)


def test_a_second_copy_of_the_same_release_takes_the_place_of_the_first(releases: Releases) -> None:
    """Killed after it was set aside, started by hand with the old key, and run again."""
    made, service = store(releases), Stopping()
    made.begin(made.plan(release(NEW).contents(), True, False), service, True, 1.0)  # type: ignore[arg-type]
    (store(releases).folder / "second").touch()
    plan = made.plan(release(NEW).contents(), True, True)
    assert plan.action == ASIDE
    made.begin(plan, service, True, 1.0)  # type: ignore[arg-type]
    (place,) = Path(made.wish.path).iterdir()
    assert place.name.startswith(".aside-") and (place / "second").exists()


def test_it_is_refused(releases: Releases) -> None:
    made = store(releases, fresh=False)
    with pytest.raises(KeyChanges, match=r"rotate_jetstream_key") as caught:
        made.plan(release(NEW).contents(), True, False)
    assert OLD not in str(caught.value) and NEW not in str(caught.value)
    with pytest.raises(KeyChanges, match="encryption would end"):
        made.plan(release("").contents(), True, False)
    assert not made.opens(release("").name) and made.opens(release(OLD).name) and made.opens(None)
    made.folder.rename(made.folder.with_name("elsewhere"))
    made.folder.symlink_to(made.folder.with_name("elsewhere"))
    with pytest.raises(NatsError, match="is a link or a mount"):
        store(releases).plan(release(NEW).contents(), True, False)
