# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_config as a task: sources opened on the controller, and no secret in anything that Ansible says or leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.aegis.nats.tests.integration.node_host import PLANTED, SERVERS, Host, leaked

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
ROOT = Path(__file__).parents[2]
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - aegis.nats.node_config: "{{ params | combine({'state': 'staged'}) }}"
      register: staged
    - aegis.nats.node_config: "{{ params | combine({'state': 'active', 'release': staged.release}) }}"
      when: staged.pending and not ansible_check_mode
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path / "host", SERVERS[-1])
    made.root.mkdir()
    yield made
    made.close()


def play(host: Host, *words: str, config: str) -> tuple[int, str]:
    """Run the play; its code, and everything that it said or left in its temporary folders."""
    folder = host.root.parent
    (folder / "password").write_text("opensesame")
    sealed = VaultLib([("default", VaultSecret(b"opensesame"))]).encrypt(f"JS_KEY='\"{PLANTED['key']}\"'\n")
    (folder / "sealed.env").write_bytes(sealed)
    files = [
        {"path": "nats-server.conf", "content": config, "mode": "0600"},
        {"path": "nats-server.env", "src": "sealed.env", "mode": "0600", "secret": True},
    ]
    directories = [f"{host.root}/{name}" for name in ("run", "log", "data")]
    (folder / "vars.json").write_text(json.dumps({"params": host.params(files=files, directories=directories)}))
    (folder / "play.yml").write_text(PLAY)
    temporary = {
        "ANSIBLE_LOCAL_TEMP": f"{folder}/here",
        "ANSIBLE_REMOTE_TEMP": f"{folder}/there",
        "TMPDIR": f"{folder}",
    }
    command = [sys.executable, "-m", "ansible", "playbook", f"{folder}/play.yml", "-e", f"@{folder}/vars.json", *words]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **temporary}, capture_output=True, text=True, check=False, timeout=300
    )
    left = [
        place.read_text(errors="replace")
        for name in ("here", "there")
        for place in (folder / name).rglob("*")
        if place.is_file()
    ]
    return done.returncode, "\n".join([done.stdout, done.stderr, *left])


def test_no_secret_at_any_verbosity(host: Host) -> None:
    opened = ("--vault-password-file", f"{host.root.parent}/password", "-vvvv", "--diff")
    config = host.config(host.jetstream())
    for words in (("--check",), (), ()):
        code, said = play(host, *opened, *words, config=config)
        assert code == 0, said
        assert not leaked(said)
    assert "changed=0" in said
    assert (host.current / "nats-server.env").read_text() == f"JS_KEY='\"{PLANTED['key']}\"'\n"
    assert host.monitor.health().ok
    code, said = play(host, *opened, config=config + "max_pending: 1kb\n")
    assert "cannot be higher than max_pending" in said
    assert (code, leaked(said)) == (2, [])


def test_a_sealed_source_without_its_secret_is_told(host: Host) -> None:
    code, said = play(host, config=host.config())
    assert code == 2
    assert "files[1].src" in said
    assert "vault secret" in said
    assert not (host.root / "etc").exists()
