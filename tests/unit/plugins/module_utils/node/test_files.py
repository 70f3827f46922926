# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import files
from ansible_collections.aegis.nats.plugins.module_utils.node.files import Ownership, WantedDirectory, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


def mode(place: Path) -> int:
    return stat.S_IMODE(place.stat().st_mode)


def test_a_file_is_written_whole_with_its_mode(tmp_path: Path) -> None:
    place = tmp_path / "f"
    wanted = WantedFile("f", b"new", 0o640)
    assert files.file_differences(place, wanted) == ["is not there"]
    before = os.umask(0o077)
    files.write_file(place, wanted)
    os.umask(before)
    assert (place.read_bytes(), mode(place)) == (b"new", 0o640)
    assert files.file_differences(place, wanted) == []
    assert os.listdir(tmp_path) == ["f"]


def test_differences_are_told_without_content(tmp_path: Path) -> None:
    place = tmp_path / "f"
    place.write_text("old secret")
    place.chmod(0o644)
    found = files.file_differences(place, WantedFile("f", b"x", 0o600, Ownership("no-such-user", "no-such-group")))
    assert found == [
        "content differs",
        "mode 0644 becomes 0600",
        "owner becomes no-such-user",
        "group becomes no-such-group",
    ]


def test_a_link_or_a_folder_is_not_the_file(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("x")
    (tmp_path / "link").symlink_to("target")
    assert files.file_differences(tmp_path / "link", WantedFile("link", b"x")) == ["is not a plain file"]
    assert files.file_differences(tmp_path, WantedFile("d", b"x")) == ["is not a plain file"]


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "f"
    place.write_text("old")

    def full(_dummy: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_file(place, WantedFile("f", b"new"))
    assert place.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_an_unknown_owner_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(NatsError, match="no user no-such-user"):
        files.write_file(tmp_path / "f", WantedFile("f", b"x", ownership=Ownership("no-such-user")))
    with pytest.raises(NatsError, match="no group no-such-group"):
        Ownership(None, "no-such-group").ids()
    assert os.listdir(tmp_path) == []


def test_folders_are_made_and_corrected(tmp_path: Path) -> None:
    wanted = WantedDirectory(str(tmp_path / "a" / "b"), 0o700)
    changed, reasons = files.plan_directories([wanted])
    assert (changed, reasons) == ([wanted], [f"folder {wanted.path}: is not there"])
    files.ensure_directory(wanted)
    assert files.plan_directories([wanted]) == ([], [])
    (tmp_path / "a" / "b").chmod(0o777)
    assert files.plan_directories([wanted])[1] == [f"folder {wanted.path}: mode 0777 becomes 0700"]
    files.ensure_directory(wanted)
    assert mode(tmp_path / "a" / "b") == 0o700
    assert mode(tmp_path / "a") == 0o755


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(NatsError, match="a folder is needed there"):
        files.plan_directories([WantedDirectory(str(tmp_path / "f"))])


@pytest.mark.parametrize("text", ["640", "0640", "1755"])
def test_modes(text: str) -> None:
    assert files.octal(text, "f") == int(text, 8)


@pytest.mark.parametrize("text", [640, "u=rw", "0999", "77777", "", None])
def test_what_is_no_mode(text: object) -> None:
    with pytest.raises(NatsError, match=r"f: mode .* write it quoted"):
        files.octal(text, "f")


def test_a_file_of_a_task() -> None:
    entry = {"path": "a", "content": "é", "mode": "0600", "owner": None, "group": "g", "secret": True}
    wanted = files.wanted_file(entry, Ownership("o", "p"))
    assert wanted == WantedFile("a", "é".encode(), 0o600, Ownership("o", "g"), True)
    assert "é" not in repr(wanted)
    with pytest.raises(NatsError, match="neither content nor src"):
        files.wanted_file({"path": "a", "content": None, "mode": "0600"})


def test_remove_tree(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    files.remove_tree(tmp_path / "d")
    files.remove_tree(tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_who_can_t_give_a_file_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_dummy: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    with pytest.raises(NatsError, match="f: can't be given to root: run as root"):
        files.write_file(tmp_path / "f", WantedFile("f", b"x", ownership=Ownership("root")))
    assert os.listdir(tmp_path) == []
