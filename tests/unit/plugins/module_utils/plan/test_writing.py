# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many files at once, each whole, with the mode that was asked for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import writing as module
from ansible_collections.aegis.nats.plugins.module_utils.plan.writing import (
    NewFile,
    sync_all,
    write_folders,
    write_new,
    write_whole,
)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277])
def test_the_mode_is_the_one_asked_for(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_new(tmp_path / "one", b"1", 0o600)
        write_new(tmp_path / "two", b"2", 0o644)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "two").stat().st_mode) == 0o644


def test_a_leftover_is_replaced_and_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"theirs")
    (tmp_path / "one").symlink_to(tmp_path / "victim")
    write_new(tmp_path / "one", b"1", 0o600)
    assert (tmp_path / "victim").read_bytes() == b"theirs"
    assert not (tmp_path / "one").is_symlink()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("synced", [True, False])
def test_many_files_in_many_folders(threads: int, synced: bool, tmp_path: Path) -> None:
    wanted = {f"{tmp_path}/a/{folder}/b": [str(number) for number in range(70)] for folder in range(5)}
    files = {
        folder: [NewFile(name, lambda name=name: name.encode(), 0o600) for name in names]  # type: ignore[misc]
        for folder, names in wanted.items()
    }
    write_folders(files, synced, threads)
    assert {folder: sorted(os.listdir(folder)) for folder in wanted} == {
        folder: sorted(names) for folder, names in wanted.items()
    }
    assert Path(f"{tmp_path}/a/3/b/69").read_bytes() == b"69"
    assert stat.S_IMODE((tmp_path / "a/3").stat().st_mode) == 0o700


@pytest.mark.parametrize("threads", [1, 3])
def test_the_first_error_is_told(threads: int, tmp_path: Path) -> None:
    def refuse() -> bytes:
        raise OSError(errno.EIO, "it burns")

    files = [NewFile(str(number), refuse if number == 80 else lambda: b"", 0o600) for number in range(200)]
    with pytest.raises(OSError, match="it burns"):
        write_folders({str(tmp_path): files}, False, threads)


def test_a_short_write_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def short(descriptor: int, content: bytes) -> int:
        return real(descriptor, content[:3])

    monkeypatch.setattr(module.os, "write", short)
    write_new(tmp_path / "one", b"0123456789", 0o600)
    assert (tmp_path / "one").read_bytes() == b"0123456789"


def test_a_disk_that_fails_to_sync_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync_all(tmp_path)

    def fail(descriptor: int) -> int:
        module.ctypes.set_errno(errno.EIO)
        return -1

    monkeypatch.setattr(module, "_syncfs", lambda: fail)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync_all(tmp_path)
    called: list[Any] = []
    monkeypatch.setattr(module, "_syncfs", lambda: None)
    monkeypatch.setattr(module.os, "sync", lambda: called.append(1))
    sync_all(tmp_path)
    assert called


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "report.json"
    write_whole(place, b"first", 0o600)
    write_whole(place, b"second", 0o640)
    assert place.read_bytes() == b"second" and stat.S_IMODE(place.stat().st_mode) == 0o640

    def full(_descriptor: int, _content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(place, b"third", 0o600)
    assert place.read_bytes() == b"second" and os.listdir(tmp_path) == ["report.json"]


def test_a_leftover_of_one_that_was_not_finished_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"theirs")
    (tmp_path / ".one.new").symlink_to(tmp_path / "victim")
    write_whole(tmp_path / "one", b"1", 0o600)
    assert (tmp_path / "victim").read_bytes() == b"theirs"
    assert sorted(os.listdir(tmp_path)) == ["one", "victim"] and (tmp_path / "one").read_bytes() == b"1"


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"theirs")
    (tmp_path / "one").symlink_to(tmp_path / "victim")
    write_whole(tmp_path / "one", b"1", 0o600)
    assert (tmp_path / "victim").read_bytes() == b"theirs" and not (tmp_path / "one").is_symlink()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "absent/one", b"1", 0o600)
