# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives appear whole or not at all, and what is in them is what the manifest says."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.archive import new_archive, opened
from ansible_collections.aegis.nats.plugins.module_utils.backup.chunks import CHUNK, Damaged
from ansible_collections.aegis.nats.plugins.module_utils.backup.keys import Lock, new_key
from ansible_collections.aegis.nats.plugins.module_utils.backup.manifest import Manifest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import Busy, StoreError
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import SECRET, stream, write_archive


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_entries_come_back_from_any_place(tmp_path: Path) -> None:
    big, small = os.urandom(3 * CHUNK + 7), b"small"
    path = tmp_path / "new folder" / "a"
    manifest = write_archive(path, {"BIG": big, "SMALL": small, "EMPTY": b""}, {"keys/a.nk": b"seed"})
    with opened(str(path), SECRET) as archive:
        assert archive.manifest == manifest and archive.encrypted
        for name, content in (("SMALL", small), ("EMPTY", b""), ("BIG", big)):
            assert b"".join(archive.content("stream", "TeamAlpha", name)) == content
        assert b"".join(archive.content("file", "trust", "keys/a.nk")) == b"seed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["a"]


def test_what_was_given_up_counts_for_nothing(tmp_path: Path) -> None:
    key, said = new_key(SECRET, True, os.urandom)
    with new_archive(tmp_path / "a", Lock(key), said) as writer:
        writer.begin("stream", "TeamAlpha", "ORDERS")
        writer.write(b"half of")
        writer.give_up("its leader moved")
        writer.begin("stream", "TeamAlpha", "ORDERS")
        writer.write(b"all of it")
        size, digest = writer.end()
        writer.finish(Manifest("f00d", "", "c1", streams=(stream(size=size, sha256=digest),)))
    with opened(str(tmp_path / "a"), SECRET) as archive:
        assert b"".join(archive.content("stream", "TeamAlpha", "ORDERS")) == b"all of it"


@pytest.mark.parametrize(
    "entry", [stream(size=3, sha256="00"), stream("OTHER", size=3, sha256="00")], ids=["digest", "name"]
)
def test_a_manifest_that_tells_something_else_is_refused(tmp_path: Path, entry: object) -> None:
    key, said = new_key(SECRET, True, os.urandom)
    with new_archive(tmp_path / "a", Lock(key), said) as writer:
        writer.begin("stream", "TeamAlpha", "ORDERS")
        writer.write(b"abc")
        writer.end()
        writer.finish(Manifest("f00d", "", "c1", streams=(entry,)))  # type: ignore[arg-type]
    with pytest.raises(Damaged, match="is not what the manifest says"), opened(str(tmp_path / "a"), SECRET):
        pass


def test_one_that_failed_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"the one before")
    key, said = new_key(SECRET, True, os.urandom)
    with pytest.raises(KeyboardInterrupt), new_archive(tmp_path / "a", Lock(key), said) as writer:
        writer.begin("stream", "TeamAlpha", "ORDERS")
        writer.write(bytes(3 * CHUNK))
        assert names(tmp_path) == ["a", "a.partial"]
        assert stat.S_IMODE((tmp_path / "a.partial").stat().st_mode) == 0o600
        raise KeyboardInterrupt
    assert names(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"the one before"


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    key, said = new_key(SECRET, True, os.urandom)
    with (
        pytest.raises(StoreError, match=r"a\.partial: No space left on device: nothing is kept of this archive"),
        new_archive(tmp_path / "a", Lock(key), said),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write_archive(tmp_path / "old", {"S": bytes(3 * CHUNK)})
    (tmp_path / "killed.partial").write_bytes((tmp_path / "old").read_bytes()[:CHUNK])
    (tmp_path / "film.partial").write_bytes(b"somebody else's")
    write_archive(tmp_path / "new", {"S": b""})
    assert names(tmp_path) == ["film.partial", "new", "old"]


def test_two_runs_do_not_write_one_archive(tmp_path: Path) -> None:
    key, said = new_key(SECRET, True, os.urandom)
    with new_archive(tmp_path / "a", Lock(key), said) as writer:
        with pytest.raises(Busy, match="another run writes this archive"), new_archive(tmp_path / "a", Lock(key), said):
            pass
        writer.finish(Manifest("f00d", "", "c1"))
    assert names(tmp_path) == ["a"]
