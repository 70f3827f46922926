# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read what: files as they are made, judged by mode and owner."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit import places

SEED = "SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY"
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (0o600, ""),
        (0o640, ""),
        (0o644, "everybody on the host may read it"),
        (0o602, "everybody on the host may write it"),
    ],
)
def test_files(tmp_path: Path, mode: int, problem: str) -> None:
    place = tmp_path / "tls.key"
    place.touch()
    place.chmod(mode)
    found = places.look(str(place), "private key", ME)
    assert found is not None
    assert (found.problem, found.mode, found.owner) == (problem, f"{mode:04o}", ME)


def test_a_folder_that_everybody_enters(tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    found = places.look(str(tmp_path), "data", ME)
    assert found is not None and found.problem == "everybody on the host may enter it"


def test_what_all_may_read_and_what_is_not_there(tmp_path: Path) -> None:
    place = tmp_path / "ca.crt"
    place.touch(mode=0o644)
    place.chmod(0o644)
    found = places.look(str(place), "authority", ME, readable_by_all=True)
    assert found is not None and found.problem == ""
    assert places.look(str(tmp_path / "gone"), "log", ME) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_of_somebody_else(tmp_path: Path) -> None:
    place = tmp_path / "tls.key"
    place.touch(mode=0o600)
    os.chown(place, 12345, 12345)
    found = places.look(str(place), "private key", "nats")
    assert found is not None and "belongs to 12345" in found.problem


def test_seeds_that_lie_about(tmp_path: Path) -> None:
    for name, mode, content in (
        ("open.creds", 0o644, SEED),
        ("group.nk", 0o640, SEED),
        ("shut.creds", 0o600, SEED),
        ("open.txt", 0o644, "no seed"),
    ):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)
    (tmp_path / "link").symlink_to(tmp_path / "open.creds")
    found = {Path(place.path).name: place.problem for place in places.lying_about([str(tmp_path)], ME)}
    assert found == {"open.creds": "everybody on the host may read it", "group.nk": "its group may read it"}
    assert places.lying_about([str(tmp_path / "gone")], ME) == []
