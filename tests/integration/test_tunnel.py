# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_push and client_probe through the ssh connection of a host: a real sshd, a real cluster, a real play."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, new_key, running
from ansible_collections.aegis.nats.tests.integration.ssh_host import SSHD, SshHost, ssh_host

pytestmark = pytest.mark.skipif(not SERVERS or not SSHD, reason="needs AEGIS_NATS_SERVERS and openssh-server")
ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).parent / "ansible-playbook"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    with ssh_host(tmp_path_factory.mktemp("sshd")) as started:
        yield started


def play(cluster: Cluster, variables: Mapping[str, Any], *options: str, **changes: Any) -> tuple[int, str]:
    """Push an account and probe, each through the host ``edge``; or with ``via`` through another."""
    account = new_key(Role.ACCOUNT)
    (cluster.folder / "u.creds").write_bytes(cluster.tree.user_creds(account, "u"))
    reach = {
        "servers": cluster.urls,
        "ca": str(cluster.authority.path),
        "certificate": str(cluster.certificate),
        "key": str(cluster.key),
        "via": "edge",
        "timeout": 5,
        **changes,
    }
    pushing = {
        **reach,
        "expect": cluster.names,
        "creds": str(cluster.sys_creds),
        "operator_keys": [cluster.tree.signing.public_key],
        "accounts": [{"name": "A", "public_key": account.public_key, "jwt": cluster.tree.account_jwt(account, "A")}],
    }
    checks: list[dict[str, Any]] = [{"kind": kind} for kind in ("connect", "plaintext", "no_certificate")]
    checks += [{"kind": "no_credentials"}, {"kind": "publish", "subject": "a"}]
    probing = {**reach, "clients": [{"name": "u", "creds": str(cluster.folder / "u.creds")}], "checks": checks}
    tasks = [
        {"name": "Push", "aegis.nats.account_push": pushing},
        {"name": "Probe", "aegis.nats.client_probe": probing, "register": "probed"},
        {"name": "Show", "ansible.builtin.debug": {"var": "probed.checks"}},
    ]
    book, inventory = cluster.folder / "play.json", cluster.folder / "inventory.json"
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    inventory.write_text(json.dumps({"all": {"hosts": {"edge": dict(variables)}}}))
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_FORCE_COLOR": "0"}
    environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".collections")
    command = [str(PROGRAM), "-i", str(inventory), *options, str(book)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_all_of_it_goes_through_the_host(cluster: Cluster, host: SshHost) -> None:
    code, said = play(cluster, host.variables, "-v")
    assert code == 0, said
    assert "A: n2 does not have it" in said and "at all 3 servers: let in" in said and "permitted" in said
    assert "at all 3 servers: refused" in said
    log = host.log.read_text()
    # One connection pushed; the probe logged in to each server, and knocked at each.
    assert log.count("Accepted publickey") >= 1 + 3 * 5, log


def test_no_secret_is_among_the_words_of_ssh(cluster: Cluster, host: SshHost, tmp_path: Path) -> None:
    record = tmp_path / "argv"
    wrapper = tmp_path / "ssh"
    wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {record}\nenv >> {record}\nexec ssh "$@"\n')
    wrapper.chmod(0o755)
    code, said = play(cluster, {**host.variables, "ansible_ssh_executable": str(wrapper)})
    assert code == 0, said
    words = record.read_text()
    secrets = [creds.read(cluster.sys_creds.read_bytes()), creds.read((cluster.folder / "u.creds").read_bytes())]
    assert "-W 127.0.0.1:" in words
    assert not any(part in words for each in secrets for part in (each.seed, each.token))
    assert cluster.key.read_text().splitlines()[1] not in words


def test_the_server_is_verified_at_the_end_of_the_tunnel(cluster: Cluster, host: SshHost) -> None:
    code, said = play(cluster, host.variables, tls_hostname="other.test")
    assert code != 0 and "certificate is not accepted: Hostname mismatch" in said, said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ansible_connection": "local"}, "edge is reached by local, not by ssh"),
        ({"ansible_ssh_private_key_file": "STRANGER"}, "ssh to edge: "),
        ({"ansible_ssh_common_args": "-F none -o UserKnownHostsFile=/dev/null"}, "Host key verification failed"),
        ({"ansible_password": "x"}, "edge is logged in to with a password"),
        ({"ansible_port": 1}, "Connection refused"),
    ],
)
def test_what_is_wrong_is_told(cluster: Cluster, host: SshHost, changes: dict[str, Any], words: str) -> None:
    known = {name: str(host.stranger) if value == "STRANGER" else value for name, value in changes.items()}
    code, said = play(cluster, {**host.variables, **known})
    assert code != 0 and words in said and "Traceback" not in said, said


def test_a_host_that_nobody_knows(cluster: Cluster, host: SshHost) -> None:
    code, said = play(cluster, host.variables, via="elsewhere")
    assert code != 0 and "via: 'elsewhere' is no host of the inventory" in said, said


@pytest.mark.parametrize("forwards", [True, False])
def test_a_tunnel_that_does_not_come_about_proves_nothing(cluster: Cluster, tmp_path: Path, forwards: bool) -> None:
    """The connection ends either way; only a server may be said to have refused."""
    with ssh_host(tmp_path / "sshd", forwards) as other:
        servers: Optional[list[str]] = ["tls://127.0.0.1:1"] if forwards else cluster.urls
        code, said = play(cluster, other.variables, servers=servers)
        assert code != 0 and "no server could be reached" in said and "ssh to edge: " in said, said
        checks = [{"kind": kind} for kind in ("plaintext", "no_certificate", "no_credentials")]
        code, said = play(cluster, other.variables, "--start-at-task", "Probe", servers=servers, checks=checks)
        assert code != 0, said
        assert "nothing can be concluded: ssh to edge: " in said and "refused (" not in said, said
