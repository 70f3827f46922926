# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_config as root for a server that runs as somebody else: who owns what, and who asks. Needs root."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.integration.live_cluster import NO_JETSTREAM, Tree
from ansible_collections.aegis.nats.tests.integration.node_host import SERVERS, Host, perform_with

pytestmark = [
    pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server"),
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root"),
]


@pytest.fixture
def host() -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="nats-as-root-"))
    folder.chmod(0o755)
    made = Host(folder, str(folder / "nats-server"))
    shutil.copy(SERVERS[-1], made.binary)
    yield made
    made.close()
    shutil.rmtree(folder)


def test_the_server_s_user_validates_and_owns_what_the_server_makes(host: Host) -> None:
    nobody = pwd.getpwnam("nobody")
    group = grp.getgrgid(nobody.pw_gid).gr_name
    tree = Tree()
    system = tree.account_jwt(tree.system, "SYS", limits=NO_JETSTREAM)
    body = f"""operator: "{host.root}/etc/current/operator.jwt"
      system_account: {tree.system.public_key}
      resolver {{ type: full, dir: "{host.root}/data/resolver", allow_delete: true, interval: "2m" }}
      include "preload.conf"
      {host.jetstream()}"""
    files: list[dict[str, Any]] = [
        {"path": "nats-server.conf", "content": host.config(body, authorization="{ timeout: 2 }")},
        {"path": "preload.conf", "content": f"resolver_preload {{ {tree.system.public_key}: {system} }}\n"},
        {"path": "operator.jwt", "content": tree.operator_jwt()},
        {"path": "nats-server.env", "content": "JS_KEY='\"a key\"'\n", "mode": "0600", "group": "root"},
    ]
    folders = [{"path": f"{host.root}/{name}", "owner": "nobody", "mode": "0700"} for name in ("run", "log", "data")]
    params = host.params(owner="root", group=group, run_as="nobody", files=files, directories=folders)
    staged = perform_with("node_config", {**params, "state": "staged"})
    assert not staged.get("failed"), staged
    release = host.root / "etc/releases" / staged["release"]
    assert not (host.root / "data/resolver").exists()
    seen = {
        place.name: (place.stat().st_uid, place.stat().st_gid, place.stat().st_mode & 0o777)
        for place in release.iterdir()
    }
    assert seen["operator.jwt"] == (0, nobody.pw_gid, 0o640)
    assert seen["nats-server.env"] == (0, 0, 0o600)
    assert release.stat().st_mode & 0o777 == 0o750

    active = perform_with("node_config", {**params, "state": "active", "release": staged["release"]})
    assert not active.get("failed"), active
    assert (host.root / "data/resolver").stat().st_uid == nobody.pw_uid
    assert Path(f"/proc/{host.pid}").stat().st_uid == nobody.pw_uid
    again = perform_with("node_config", {**params, "state": "staged"})
    assert (again["changed"], again["reasons"]) == (False, [])


def test_a_file_that_the_server_s_user_can_t_read_is_told_before_the_switch(host: Host) -> None:
    folders = [{"path": f"{host.root}/{name}", "owner": "nobody"} for name in ("run", "log", "data")]
    key = {"path": "tls/server.key", "content": "k", "mode": "0600", "group": "root", "secret": True}
    path = f"{host.root}/etc/current/tls/server.key"
    tls = f'tls {{ cert_file: "{path}", key_file: "{path}" }}'
    files = [{"path": "nats-server.conf", "content": host.config(tls)}, key]
    group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name
    params = host.params(state="staged", owner="root", group=group, run_as="nobody", files=files, directories=folders)
    result = perform_with("node_config", {**params, "environment_file": None})
    assert "tls/server.key: permission denied" in result["msg"]
    assert not host.current.is_symlink()
    assert list((host.root / "etc/releases").iterdir()) == []
