# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_keys on a host: who owns what, killed at every change, and a server that serves what it made."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.openssl import find_openssl
from ansible_collections.aegis.nats.tests.integration.node_host import Host, perform_with

pytestmark = pytest.mark.skipif(find_openssl() is None, reason="there is no openssl here")
WANTED = [{"name": "server", "common_name": "n1", "dns": ["n1.example.com"], "ip": ["127.0.0.1"]}, {"name": "route"}]


@pytest.fixture
def host() -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="nats-keys-"))
    folder.chmod(0o755)
    yield Host(folder, "nats-server")
    shutil.rmtree(folder)


def make(host: Host, check_mode: bool = False, **params: Any) -> dict[str, Any]:
    given = {"config_dir": f"{host.root}/etc", "keys": WANTED, **params}
    return perform_with("node_keys", given, check_mode)


def private(host: Host) -> dict[str, bytes]:
    return {str(place): place.read_bytes() for place in host.root.glob("etc/keys/[!.]*-*/tls.key")}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_server_s_user_owns_its_keys_and_nothing_around_them(host: Host) -> None:
    nobody = pwd.getpwnam("nobody")
    owners = {"owner": "nobody", "group": grp.getgrgid(nobody.pw_gid).gr_name}
    made = make(host, **owners)
    assert not made.get("failed"), made
    for place in (host.root / "etc/keys").rglob("*"):
        status = place.lstat()
        assert status.st_uid == (nobody.pw_uid if place.name == "tls.key" else 0), place
        assert place.name != "tls.key" or stat.S_IMODE(status.st_mode) == 0o600
        assert not stat.S_IMODE(status.st_mode) & 0o027, place
    assert make(host, **owners)["changed"] is False
    (key,) = host.root.glob("etc/keys/server-*/tls.key")
    os.chown(key, 0, 0)
    assert make(host, **owners)["reasons"] == [
        "key server: owner becomes nobody",
        f"key server: group becomes {owners['group']}",
    ]
    assert key.stat().st_uid == nobody.pw_uid


def test_killed_at_every_change(host: Host) -> None:
    """Whatever a kill leaves: no half of a key counts, the next run ends as the first would have, none is twice."""
    params = {"config_dir": f"{host.root}/etc", "keys": WANTED}
    killed = 0
    for change in range(1, 200):
        shutil.rmtree(host.root / "etc", ignore_errors=True)
        code, said = host.killed_at(change, params, "node_keys")
        before = private(host)
        assert all(b"-----END PRIVATE KEY-----" in content for content in before.values())
        done = make(host)
        assert not done.get("failed"), (change, said, done)
        after = private(host)
        assert before.items() <= after.items(), f"a key is lost after change {change}"
        assert len(after) == 2, f"made twice after change {change}"
        assert make(host, check_mode=True)["changed"] is False
        left = [
            place
            for place in (host.root / "etc/keys").rglob("*")
            if place.name.startswith(".") and place.name != ".lock"
        ]
        assert not left and not list((host.root / "etc/keys").glob("*/request.cnf"))
        if code != 137:
            break
        killed += 1
    assert killed > 10


def test_two_runs_at_once_make_one_key(host: Host) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _dummy: make(host), range(4)))
    assert not [result for result in results if result.get("failed")], results
    assert len(private(host)) == 2
