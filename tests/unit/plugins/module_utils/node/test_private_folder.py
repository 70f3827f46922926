# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import Ownership
from ansible_collections.aegis.nats.plugins.module_utils.node.private_folder import PrivateFolder
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


@pytest.fixture
def folder(tmp_path: Path) -> PrivateFolder:
    made = PrivateFolder(tmp_path / "above" / "app", Ownership())
    made.ensure("nats/context")
    return made


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "app", Ownership())
    assert not folder.exists()
    assert folder.names() == []
    assert folder.read("a") is None
    assert folder.differences("nats/a", b"x") == ["is not there"]
    assert folder.folder_differences() == ["is not there"]
    assert not folder.remove("a")
    with pytest.raises(NatsError, match="its folder is gone"):
        folder.write("a", b"x")


def test_folders_are_private_and_their_parents_are_not(folder: PrivateFolder) -> None:
    for path in ("", "nats", "nats/context"):
        assert stat.S_IMODE((folder.root / path).stat().st_mode) == 0o700
        assert folder.folder_differences(path) == []
    assert stat.S_IMODE(folder.root.parent.stat().st_mode) & 0o500 == 0o500
    folder.root.chmod(0o755)
    assert folder.folder_differences() == ["mode 0755 becomes 0700"]
    folder.ensure()
    assert folder.folder_differences() == []


def test_a_file_is_replaced_whole(folder: PrivateFolder) -> None:
    folder.write("nats/context/a.json", b"one")
    place = folder.root / "nats/context/a.json"
    first = place.stat().st_ino
    assert folder.differences("nats/context/a.json", b"one") == []
    assert folder.differences("nats/context/a.json", b"two") == ["content differs"]
    place.chmod(0o644)
    assert folder.differences("nats/context/a.json", b"one") == ["mode 0644 becomes 0600"]
    with place.open("rb") as reader:
        folder.write("nats/context/a.json", b"two")
        assert reader.read() == b"one", "who has it open goes on with what it was"
    assert place.stat().st_ino != first and folder.read("nats/context/a.json") == b"two"
    assert os.listdir(place.parent) == ["a.json"]


def test_what_is_gone_is_gone(folder: PrivateFolder) -> None:
    folder.write("a", b"x")
    assert not folder.remove_folder()
    assert folder.remove("a") and not folder.remove("a")
    assert folder.remove_folder("nats/context") and folder.remove_folder("nats") and folder.remove_folder()
    assert not folder.exists() and folder.remove_folder()


def test_nothing_that_the_owner_put_there_is_followed(folder: PrivateFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("root's")
    victim.chmod(0o640)
    (folder.root / "link").symlink_to(victim)
    os.link(victim, folder.root / "hard")
    os.mkfifo(folder.root / "pipe")
    (folder.root / "dir").mkdir()
    for name in ("link", "pipe", "dir"):
        assert folder.differences(name, b"x") == ["is not a plain file"]
        assert folder.read(name) is None
    for name in ("link", "hard", "pipe"):
        folder.write(name, b"mine")
        assert (folder.root / name).read_bytes() == b"mine" and not (folder.root / name).is_symlink()
    assert victim.read_text() == "root's" and stat.S_IMODE(victim.stat().st_mode) == 0o640
    with pytest.raises(OSError, match="directory"):
        folder.write("dir", b"mine")
    assert not [name for name in os.listdir(folder.root) if name.startswith(".")]


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_folder_is_no_link_either(folder: PrivateFolder, tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    for place, path in ((folder.root / "nats" / "context", "nats/context/a"), (folder.root, "a")):
        os.rename(place, tmp_path / f"moved-{place.name}")
        if kind == "link":
            place.symlink_to(tmp_path / "elsewhere")
        else:
            place.write_text("x")
        with pytest.raises(NatsError, match=f"{place}: is a file or a link, a folder is needed there"):
            folder.write(path, b"x")
        with pytest.raises(NatsError, match="is a file or a link"):
            folder.ensure("nats/context")
        place.unlink()
        os.rename(tmp_path / f"moved-{place.name}", place)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may give everything away")
def test_others_can_give_nothing_away(tmp_path: Path) -> None:
    with pytest.raises(NatsError, match="can't be given to root: run as root"):
        PrivateFolder(tmp_path / "app", Ownership("root")).ensure()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_gives_everything_to_the_owner(tmp_path: Path) -> None:
    folder = PrivateFolder(tmp_path / "app", Ownership("daemon", "daemon"))
    folder.ensure("nats")
    folder.write("nats/a", b"x")
    for path in ("", "nats", "nats/a"):
        status = (folder.root / path).stat()
        assert status.st_uid == status.st_gid != 0
    other = PrivateFolder(tmp_path / "app", Ownership("nobody"))
    assert other.differences("nats/a", b"x") == ["owner becomes nobody"]
    assert other.folder_differences() == ["owner becomes nobody"]
