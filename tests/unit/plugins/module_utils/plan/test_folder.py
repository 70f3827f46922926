# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder changes whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import folder as module
from ansible_collections.aegis.nats.plugins.module_utils.plan.changes import FileChange
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import Busy, SealError, StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from hypothesis import given, settings
from hypothesis import strategies as st

CHANGES = [FileChange("a/b/one", b"1"), FileChange("two", b"2", mode=0o644), FileChange("old", None)]


class Killed(BaseException):
    """What a kill leaves behind: no handler runs, for none catches this."""


class Marked:
    """A seal that marks."""

    active = True

    def close(self, content: bytes) -> bytes:
        return b"$ANSIBLE_VAULT;" + content

    def open(self, content: bytes, path: str) -> bytes:
        return content[15:]


def at(path: Path, seal: Any = None) -> Folder:
    return Folder(str(path), seal or NoSeal())


def write(folder: Folder, changes: list[FileChange]) -> None:
    with folder.locked():
        folder.commit(changes)


def test_changes_arrive_with_their_modes(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    write(at(tmp_path), CHANGES)
    assert at(tmp_path).names() == ["a/b/one", "two"]
    assert at(tmp_path).names("one") == ["a/b/one"]
    assert (at(tmp_path).read("a/b/one"), at(tmp_path).read("old")) == (b"1", None)
    assert stat.S_IMODE((tmp_path / "two").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "a/b/one").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lock", "a", "two"]


def test_folders_that_end_empty_go_too(tmp_path: Path) -> None:
    write(at(tmp_path), [FileChange("a/b/c", b""), FileChange("a/d", b"")])
    write(at(tmp_path), [FileChange("a/b/c", None)])
    assert not (tmp_path / "a/b").exists()
    write(at(tmp_path), [FileChange("a/d", None)])
    assert not (tmp_path / "a").exists()
    assert tmp_path.exists()


def test_removing_what_is_not_there_is_fine(tmp_path: Path) -> None:
    write(at(tmp_path), [FileChange("x/y", None)])
    assert at(tmp_path).names() == []


@pytest.mark.parametrize("many", [0, 32])
@pytest.mark.parametrize("step", ["replace", "fsync", "sync_all", "unlink", "open", "write", "mkdir", "rmdir"])
def test_a_kill_leaves_all_or_nothing(many: int, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", many)
    place = module if step == "sync_all" else os
    real, before, after = getattr(place, step), {"old": b"old"}, {"a/b/one": b"1", "two": b"2"}
    for nth in range(100):
        root = tmp_path / str(nth)
        root.mkdir()
        (root / "old").write_text("old")
        left = [nth]

        def counted(*args: Any, _left: list[int] = left, **more: Any) -> Any:  # pylint: disable=dangerous-default-value
            if _left[0] == 0:
                raise Killed
            _left[0] -= 1
            return real(*args, **more)

        with monkeypatch.context() as patched:
            patched.setattr(place, step, counted)
            try:
                write(at(root), CHANGES)
            except Killed:
                pass
            else:
                assert at(root).names() == sorted(after)
                return
        folder = at(root)
        seen = {name: folder.read(name) for name in folder.names()}
        assert seen in (before, after)
        with folder.locked():
            pass
        assert not list(root.glob(".staging*")) + list(root.glob(".journal*")), "something was left behind"
        assert {name: at(root).read(name) for name in at(root).names()} == seen
        assert at(root).interrupted == 0
        if seen == before:
            write(at(root), CHANGES)
        assert {name: at(root).read(name) for name in at(root).names()} == after
    pytest.fail("never ran to its end")


def test_check_mode_sees_what_the_next_run_finishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = at(tmp_path)
    with monkeypatch.context() as patched, folder.locked(), pytest.raises(Killed):
        patched.setattr(Folder, "_carry_out", lambda self, entries: (_dummy for _dummy in ()).throw(Killed))
        folder.commit(CHANGES)
    after = at(tmp_path)
    assert after.interrupted == 3
    with after.locked(check_mode=True):
        assert (after.read("two"), after.names()) == (b"2", ["a/b/one", "two"])
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_full_disk_changes_nothing(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=f"nothing was changed: {os.strerror(code)}"):
        write(at(tmp_path), CHANGES)
    monkeypatch.undo()
    assert at(tmp_path).names() == ["old"]
    assert not (tmp_path / ".staging").exists()


def test_a_new_folder_takes_one_rename_however_many_files_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[str] = []
    real = os.replace

    def noted(source: Any, target: Any) -> None:
        moved.append(os.path.relpath(target, tmp_path))
        real(source, target)

    write(at(tmp_path), [FileChange("a/b/one", b"1")])
    monkeypatch.setattr(module.os, "replace", noted)
    changes = [FileChange(f"a/c/{number % 7}/{number}", b"%d" % number) for number in range(300)]
    write(at(tmp_path), [*changes, FileChange("a/b/two", b"2"), FileChange("d/e", b"3")])
    assert sorted(moved) == [".journal", "a/b/two", "a/c", "d"]
    assert at(tmp_path).read("a/c/5/299") == b"299"
    assert len(at(tmp_path).names()) == 303


def test_a_folder_that_came_to_be_meanwhile_takes_what_is_staged_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs, such as nsc, know nothing of the lock."""
    folder = at(tmp_path)
    with monkeypatch.context() as patched, folder.locked(), pytest.raises(Killed):
        patched.setattr(Folder, "_carry_out", lambda self, entries: (_dummy for _dummy in ()).throw(Killed))
        folder.commit([FileChange("a/b/one", b"1"), FileChange("a/c/two", b"2")])
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/theirs").write_bytes(b"theirs")
    with at(tmp_path).locked():
        pass
    assert {name: at(tmp_path).read(name) for name in at(tmp_path).names()} == {
        "a/b/one": b"1",
        "a/b/theirs": b"theirs",
        "a/c/two": b"2",
    }


def test_what_can_t_be_sealed_leaves_nothing_behind(tmp_path: Path) -> None:
    class Refusing(Marked):
        def close(self, content: bytes) -> bytes:
            raise SealError("no")

    with pytest.raises(SealError):
        write(at(tmp_path, Refusing()), [FileChange("a/p", b"plain"), FileChange("s", b"seed", secret=True)])
    assert [each.name for each in tmp_path.iterdir()] == [".lock"]


def test_what_fails_after_the_commit_point_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def full(source: Any, target: Any) -> None:
        if str(target).endswith("two"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target)

    with monkeypatch.context() as patched, pytest.raises(StoreError, match="the next run puts the rest in its place"):
        patched.setattr(module.os, "replace", full)
        write(at(tmp_path), CHANGES)
    assert at(tmp_path).read("two") == b"2"
    with at(tmp_path).locked():
        pass
    assert (tmp_path / "two").read_bytes() == b"2"
    assert at(tmp_path).interrupted == 0


def test_a_second_run_waits_and_says_so(tmp_path: Path) -> None:
    with (
        at(tmp_path).locked(),
        pytest.raises(Busy, match="another run holds the lock"),
        at(tmp_path).locked(patience=0.1),
    ):
        pytest.fail("held twice")
    with at(tmp_path).locked(patience=0.1):
        pass


def test_check_mode_locks_and_makes_nothing(tmp_path: Path) -> None:
    with at(tmp_path / "new").locked(check_mode=True):
        assert at(tmp_path / "new").names() == []
    assert not (tmp_path / "new").exists()


def test_the_lock_is_that_of_the_system(tmp_path: Path) -> None:
    """A killed run leaves no lock behind: the kernel holds it, not the file."""
    (tmp_path / ".lock").write_text("")
    with at(tmp_path).locked(patience=0.1):
        descriptor = os.open(tmp_path / ".lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)


def test_secrets_are_sealed_and_the_rest_is_not(tmp_path: Path) -> None:
    write(at(tmp_path, Marked()), [FileChange("s", b"seed", secret=True), FileChange("p", b"plain")])
    assert (tmp_path / "s").read_bytes() == b"$ANSIBLE_VAULT;seed"
    assert (tmp_path / "p").read_bytes() == b"plain"
    assert at(tmp_path, Marked()).read("s") == b"seed"
    assert at(tmp_path).read_raw("s") == b"$ANSIBLE_VAULT;seed"
    with pytest.raises(SealError):
        at(tmp_path).read("s")


def test_what_can_t_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="can't be read"):
        at(tmp_path).read("folder")
    (tmp_path / "file").write_text("")
    assert at(tmp_path).read("file/below") is None
    with pytest.raises(StoreError, match="can't be listed"):
        at(tmp_path / "file").names()


def test_a_folder_that_can_t_be_listed_does_not_look_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(at(tmp_path), [FileChange("keys/x", b"")])
    real = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("keys"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(module.os, "scandir", refuse)
    with pytest.raises(StoreError, match="keys: can't be listed: Permission denied"):
        at(tmp_path).names()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b/c", "b/d", "e/f/g"]), st.none() | st.binary(max_size=8)), max_size=6)
)
def test_a_folder_is_what_was_last_said(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]) -> None:
    root, wanted = tmp_path_factory.mktemp("store"), dict[str, bytes]()
    for path, content in steps:
        write(at(root), [FileChange(path, content)])
        wanted.pop(path, None)
        if content is not None:
            wanted[path] = content
    assert {name: at(root).read(name) for name in at(root).names()} == wanted
