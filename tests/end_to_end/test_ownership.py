# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on the controller is the caller's own, whatever the play becomes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CALLER = 61234
TASKS = {
    "authority": {"path": "pki", "common_name": "CA"},
    "certificate": {"path": "pki", "certificates": [{"name": "n1/server", "profile": "server", "dns": ["n1"]}]},
    "trust": {"path": "trust", "operator": {"name": "O"}, "accounts": [{"name": "A", "users": [{"name": "u"}]}]},
    "secret": {"path": "secrets", "secrets": ["one"]},
    "nkey": {"path": "user.nk", "type": "user"},
}


def interpreter() -> tuple[str, dict[str, str]]:
    """A Python of this version that the caller can run, with the libraries of this one."""
    site = sysconfig.get_path("purelib")
    for program in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        probe = [program, "-c", "import ansible, cryptography, jwt, nkeys"]
        with contextlib.suppress(OSError):
            done = subprocess.run(
                probe, user=CALLER, group=CALLER, extra_groups=[], env={"PYTHONPATH": site}, check=False
            )
            if done.returncode == 0:
                return program, {"PYTHONPATH": site}
    pytest.skip("no Python of this version can be run by another user")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the caller that the caller can reach; pytest's own are closed to others."""
    if os.geteuid() != 0:
        pytest.skip("only root can run Ansible as somebody else")
    folder = Path(tempfile.mkdtemp(prefix="aegis-owner-"))
    shutil.copytree(ROOT / "plugins", folder / "collections/ansible_collections/aegis/nats/plugins")
    for name in ("galaxy.yml", "meta/runtime.yml"):
        place = folder / "collections/ansible_collections/aegis/nats" / name
        place.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, place)
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "become": True,
            "become_method": "ansible.builtin.sudo",
            "tasks": [{f"aegis.nats.{name}": arguments} for name, arguments in TASKS.items()],
        }
    ]
    (folder / "play.yml").write_text(json.dumps(play))
    for place in (folder, *folder.rglob("*")):
        os.chown(place, CALLER, CALLER)
    yield folder
    shutil.rmtree(folder)


def test_become_owns_nothing(home: Path) -> None:
    program, libraries = interpreter()
    done = subprocess.run(
        [program, "-m", "ansible", "playbook", "-i", "localhost,", "play.yml"],
        cwd=home,
        user=CALLER,
        group=CALLER,
        extra_groups=[],
        env={
            **libraries,
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = [
        place for name in ("pki", "trust", "secrets", "user.nk") for place in (home / name, *(home / name).rglob("*"))
    ]
    assert len(made) > 20
    for place in made:
        status = place.lstat()
        assert (status.st_uid, status.st_gid) == (CALLER, CALLER), place
        allowed = 0o700 if place.is_dir() else 0o644 if place.suffix == ".crt" else 0o600
        assert stat.S_IMODE(status.st_mode) & ~allowed == 0, place
