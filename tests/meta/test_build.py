# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection builds and installs, with all that it needs and nothing that a run left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from ansible_collections.aegis.nats.tests.meta.repository import ROOT, below

BIN = Path(sys.executable).parent
# What may lie at the top of the built collection.
WANTED = {
    "CHANGELOG.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md", "ansible.cfg", "changelogs", "docs",
    "examples", "meta", "molecule", "playbooks", "plugins", "pyproject.toml", "quickstart", "requirements", "roles",
    "scripts", "test", "tests",
}  # fmt: skip


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    """A command of this Python's Ansible, its output; its standard error where it fails.

    Outside the checkout (``cwd``) Ansible does not find the collection through the checkout's ansible.cfg.
    """
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=cwd,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built collection."""
    folder = tmp_path_factory.mktemp("build")
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    return next(folder.glob("aegis-nats-*.tar.gz"))


@pytest.fixture(scope="module")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections that holds the built one, and only it."""
    folder = tmp_path_factory.mktemp("collections")
    install = ("ansible-galaxy", "collection", "install", "--offline", "--collections-path", str(folder), str(archive))
    run(*install, cwd=folder, ANSIBLE_COLLECTIONS_PATH=str(folder))
    return folder


def test_it_holds_no_junk(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        names = [Path(name) for name in opened.getnames()]
    assert {name.parts[0] for name in names} <= WANTED
    assert not [str(name) for name in names if "__pycache__" in name.parts or name.suffix == ".pyc"]
    assert not [str(name) for name in names if name.is_relative_to("tests/output")]


def test_ansible_finds_every_module(installed: Path) -> None:
    if not below("plugins/modules", ".py"):
        pytest.skip("there are no modules yet")
    listing = ("ansible-doc", "--list", "--type", "module", "aegis.nats")
    found = run(*listing, cwd=installed, ANSIBLE_COLLECTIONS_PATH=str(installed))
    listed = {line.split()[0].removeprefix("aegis.nats.") for line in found.splitlines() if line.startswith("aegis.")}
    assert listed == {path.stem for path in below("plugins/modules", ".py")}


def test_action_groups_name_modules_that_exist() -> None:
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8")).get("action_groups", {})
    named = {name for members in groups.values() for name in members if isinstance(name, str)}
    assert named == {path.stem for path in below("plugins/modules", ".py")}
