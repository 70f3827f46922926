# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a verb runs: real plays, for what matters is what Ansible does with the action."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COLLECTIONS = Path(__file__).resolve().parents[4] / ".collections"


class Play:
    """Runs tasks against a host that is not there, and the signing host that is this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault: list[str] = []

    def __call__(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        hosts = {
            "node": {"ansible_connection": "ssh", "ansible_host": "192.0.2.1", "ansible_ssh_timeout": 1},
            "signer": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        }
        (self.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        play = {"hosts": "node", "gather_facts": False, "become": True, "tasks": list(tasks)}
        (self.folder / "play.yml").write_text(json.dumps([play]))
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
        }
        program = str(Path(sys.executable).parent / "ansible-playbook")
        command = [program, "-i", "hosts.json", "play.yml", "-v", *self.vault, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        self.output = done.stdout + done.stderr
        return [_result(line) for line in _results(done.stdout)]


_HEAD = re.compile(r"^(?:ok|changed|fatal): \[node[^\]]*\](?:: FAILED!)? => ", re.MULTILINE)


def _results(text: str) -> list[str]:
    return _HEAD.split(text)[1:]


def _result(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return found


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


def nkey(path: str = "keys/x.nk", kind: str = "user", **more: Any) -> dict[str, Any]:
    return {"aegis.nats.nkey": {"path": path, "type": kind}, "ignore_errors": True, **more}


def test_it_runs_on_the_controller_whatever_the_host_and_become(play: Play) -> None:
    first, again, wrong, invalid = play(
        nkey(), nkey(), nkey(kind="account"), {"aegis.nats.nkey": {"path": "x"}, "ignore_errors": True}
    )
    seed = play.folder / "keys/x.nk"
    assert first["changed"], play.output
    assert first["path"] == str(seed), "relative to the playbook's folder"
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600
    assert seed.stat().st_uid == os.getuid()
    assert not again["changed"]
    assert "seed of a user key" in wrong["msg"]
    assert "type" in invalid["msg"]
    assert "nkey" in invalid["msg"]
    assert seed.read_text() not in play.output


def test_check_mode_makes_nothing(play: Play) -> None:
    (found,) = play(nkey(), arguments=("--check", "--diff"))
    assert found["changed"], play.output
    assert not (play.folder / "keys").exists()


def test_with_a_vault_secret_secrets_are_sealed(play: Play) -> None:
    (play.folder / "password").write_text("pw")
    play.vault = ["--vault-password-file", "password"]
    first, again = play(nkey(), nkey())
    assert (play.folder / "keys/x.nk").read_text().startswith("$ANSIBLE_VAULT;"), play.output
    assert (first["changed"], again["changed"]) == (True, False)
    assert first["public_key"] == again["public_key"]
    play.vault = []
    assert "no vault secret" in play(nkey())[0]["msg"]


def test_delegated_it_runs_there(play: Play) -> None:
    there = str(play.folder / "signer/x.nk")
    (found,) = play(nkey(there, delegate_to="signer", become=False))
    assert found["changed"], play.output
    assert Path(there).read_text().startswith("SU")
    assert "invocation" not in found or "seed" not in str(found["invocation"])
    assert Path(there).read_text() not in play.output


def test_delegated_to_localhost_it_stays_in_process(play: Play) -> None:
    (found,) = play(nkey(delegate_to="localhost"))
    assert found["changed"], play.output
    assert (play.folder / "keys/x.nk").exists()
