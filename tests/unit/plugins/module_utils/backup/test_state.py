# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders are put back as they were, and nothing in them is lost unasked."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.manifest import FileEntry
from ansible_collections.aegis.nats.plugins.module_utils.backup.state import check_sealed, held_files, plan_folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal

CONTENT = {"keys/a.nk": b"seed", "stores/o.jwt": b"token"}
ENTRIES = [FileEntry("trust", name, 0o600, len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in CONTENT.items()]


def content(entry: FileEntry) -> bytes:
    return CONTENT[entry.path]


def folder(root: Path, **files: bytes) -> Folder:
    for name, raw in files.items():
        (root / name).write_bytes(raw)
    return Folder(str(root), NoSeal())


def test_every_file_is_read_with_its_mode(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/a.nk").write_bytes(b"seed")
    (tmp_path / "keys/a.nk").chmod(0o640)
    (tmp_path / ".lock").touch()
    found = list(held_files(Folder(str(tmp_path), NoSeal())))
    assert [(each.path, each.mode, each.content) for each in found] == [("keys/a.nk", 0o640, b"seed")]


def test_what_is_missing_is_put_back(tmp_path: Path) -> None:
    place = folder(tmp_path / "new")
    putting, problems = plan_folder("trust", place, ENTRIES, content, False)
    assert not list(problems) and putting.reasons == ("trust: keys/a.nk, stores/o.jwt put back",)
    with place.locked():
        place.commit(putting.changes)
    assert (tmp_path / "new/keys/a.nk").read_bytes() == b"seed"
    assert stat.S_IMODE((tmp_path / "new/keys/a.nk").stat().st_mode) == 0o600
    again, _problems = plan_folder("trust", Folder(str(tmp_path / "new"), NoSeal()), ENTRIES, content, False)
    assert not again.changes and not again.reasons


def test_what_differs_is_told_and_stays(tmp_path: Path) -> None:
    place = folder(tmp_path, mine=b"mine")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/a.nk").write_bytes(b"another seed")
    _putting, problems = plan_folder("trust", place, ENTRIES, content, False)
    told = [str(each) for each in problems]
    assert len(told) == 2 and "keys/a.nk is not what was taken" in told[0] and "mine was not taken" in told[1]


def test_overwritten_it_is_exactly_what_was_taken(tmp_path: Path) -> None:
    place = folder(tmp_path, mine=b"mine")
    putting, problems = plan_folder("trust", place, ENTRIES, content, True)
    assert not list(problems)
    with place.locked():
        place.commit(putting.changes)
    assert Folder(str(tmp_path), NoSeal()).names() == sorted(CONTENT)


@pytest.mark.parametrize("raw, count", [(b"$ANSIBLE_VAULT;1.1;AES256\n00", 1), (b"open", 0)])
def test_sealed_files_need_the_vault_secret(tmp_path: Path, raw: bytes, count: int) -> None:
    entries = [FileEntry("trust", "a.nk", 0o600, len(raw), hashlib.sha256(raw).hexdigest())]
    place = folder(tmp_path)
    putting, problems = plan_folder("trust", place, entries, lambda entry: raw, False)
    check_sealed("trust", place, putting, problems)
    assert [("no vault secret" in str(each)) for each in problems] == [True] * count


def test_long_lists_are_shortened(tmp_path: Path) -> None:
    many = [FileEntry("pki", f"{number}", 0o600, 0, "") for number in range(9)]
    putting, _problems = plan_folder("pki", folder(tmp_path), many, lambda entry: b"", False)
    assert putting.reasons == ("pki: 0, 1, 2 and 6 more files put back",)
    assert isinstance(_problems, Problems)
