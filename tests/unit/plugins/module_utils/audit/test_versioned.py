# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What git says of files, asked of a real repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.versioned import Versioned, versioned

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
NAMES = ("tracked.nk", "ignored.nk", "forgotten.nk", "with space ü.nk", "new\nline.nk")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A working tree with a folder of secrets in it."""
    folder = tmp_path / "repository/nats"
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text("x")
    git(tmp_path / "repository", "init", "-q")
    (tmp_path / "repository/.gitignore").write_text("ignored.nk\n")
    git(folder, "add", "tracked.nk")
    return folder


def asked(folder: Path) -> Versioned:
    return versioned(str(folder), [str(folder / name) for name in NAMES if (folder / name).exists()])


@needs_git
def test_what_is_tracked_and_what_would_be(repository: Path) -> None:
    found = asked(repository)
    assert (found.by, found.problem) == ("git", "")
    assert found.tracked == (str(repository / "tracked.nk"),)
    assert found.open == tuple(str(repository / name) for name in NAMES[2:])


@needs_git
def test_a_folder_that_is_ignored_as_a_whole(repository: Path) -> None:
    (repository.parent / ".gitignore").write_text("nats/\n")
    found = asked(repository)
    assert found.open == () and len(found.tracked) == 1


@needs_git
def test_asking_changes_nothing_and_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """A repository may name a program that git is to run."""
    program, mark = tmp_path / "program", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    before = {path: path.stat().st_mtime_ns for path in (repository.parent / ".git").rglob("*")}
    assert asked(repository).tracked
    assert not mark.exists()
    assert {path: path.stat().st_mtime_ns for path in (repository.parent / ".git").rglob("*")} == before


@needs_git
def test_a_repository_that_git_does_not_take(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "tracked.nk").write_text("x")
    found = asked(tmp_path)
    assert found.problem.startswith("git can't be asked: ") and "not a git repository" in found.problem


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert asked(repository).problem == "it lies in a working tree of git, and there is no git here to ask"


@pytest.mark.parametrize(("mark", "name"), [(".hg", "Mercurial"), (".svn", "Subversion")])
def test_what_is_not_asked_is_told(tmp_path: Path, mark: str, name: str) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / mark).mkdir()
    (tmp_path / "a/b/tracked.nk").write_text("x")
    assert asked(tmp_path / "a/b").problem == f"it lies in a working tree of {name}, which is not asked"


def test_outside_of_a_working_tree_and_nothing_to_ask_of(tmp_path: Path) -> None:
    (tmp_path / "tracked.nk").write_text("x")
    assert not any(os.path.lexists(parent / ".git") for parent in tmp_path.parents)
    assert asked(tmp_path) == Versioned()
    (tmp_path / ".git").mkdir()
    assert versioned(str(tmp_path), []) == Versioned("git")
