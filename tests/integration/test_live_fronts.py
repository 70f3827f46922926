# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_push and client_probe in a play: sealed files on the controller, open ones on a host that is delegated to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, new_key, running

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def ansible(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_FORCE_COLOR": "0"}
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".collections")
    command = [str(TOOLS / tool), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def tasks(cluster: Cluster, delegate: dict[str, str]) -> list[dict[str, Any]]:
    account = new_key(Role.ACCOUNT)
    (cluster.folder / "u.creds").write_bytes(cluster.tree.user_creds(account, "u"))
    reach = {"servers": cluster.urls, "ca": "ca.pem", "certificate": "client.pem", "key": "client.key"}
    reach = {
        name: value if not delegate or name == "servers" else str(cluster.folder / str(value))
        for name, value in reach.items()
    }
    place = str(cluster.folder) + "/" if delegate else ""
    pushing = {
        **reach,
        "expect": cluster.names,
        "creds": f"{place}sys.creds",
        "operator_keys": [cluster.tree.signing.public_key],
        "accounts": [
            {"name": "A", "public_key": account.public_key, "jwt": cluster.tree.account_jwt(account, "A")},
        ],
    }
    checks = [{"kind": kind} for kind in ("connect", "plaintext", "no_certificate", "no_credentials")]
    clients = [{"name": "u", "creds": f"{place}u.creds"}]
    return [
        {"name": "Push", "aegis.nats.account_push": pushing, **delegate},
        {"name": "Probe", "aegis.nats.client_probe": {**reach, "clients": clients, "checks": checks}, **delegate},
    ]


def play(cluster: Cluster, delegate: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    content = [{"hosts": "localhost", "gather_facts": False, "become": not delegate, "tasks": tasks(cluster, delegate)}]
    book = cluster.folder / "play.yml"
    book.write_text(json.dumps(content))
    inventory = cluster.folder / "hosts.ini"
    inventory.write_text(f"signer ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    return ansible("ansible-playbook", "-i", str(inventory), *arguments, str(book))


def test_a_host_that_is_delegated_to(cluster: Cluster) -> None:
    done = play(cluster, {"delegate_to": "signer"}, "-v")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=1" in done.stdout and "A: n2 does not have it" in done.stdout


def test_sealed_files_open_and_nothing_of_them_is_shown(cluster: Cluster) -> None:
    password = cluster.folder / "password"
    password.write_text("vault password")
    sealed = [cluster.folder / name for name in ("sys.creds", "client.key")]
    secrets = [creds.read(sealed[0].read_bytes()).seed, sealed[1].read_text().splitlines()[1]]
    vault = ("--vault-password-file", str(password))
    assert ansible("ansible-vault", "encrypt", *vault, *map(str, sealed)).returncode == 0
    done = play(cluster, {}, *vault, "-vvvv", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=1" in done.stdout and "at all 3 servers: let in" in done.stdout
    assert not any(secret in done.stdout + done.stderr for secret in secrets)
    assert "Traceback" not in done.stderr and "eof_received" not in done.stderr
    unopened = play(cluster, {})
    assert (
        unopened.returncode != 0
        and "sys.creds is sealed with Ansible Vault and this play has no vault secret" in unopened.stdout
    )
