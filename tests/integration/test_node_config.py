# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_config against real servers: start, reload, restart, roll back, repair, and runs that are killed.

AEGIS_NATS_SERVERS names the programs, separated by colons; the last is used where one is enough.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import deployment
from ansible_collections.aegis.nats.plugins.module_utils.node.decide import Decision
from ansible_collections.aegis.nats.tests.end_to_end.estate import wait_until
from ansible_collections.aegis.nats.tests.integration.node_host import PLANTED, SERVERS, Host, free_port, leaked

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
LATEST = SERVERS[-1] if SERVERS else ""
# Configurations that nats-server -t accepts and a start does not (measured with 2.15.1).
FAILS_AT_START = {
    "no server_name": ('cluster { name: c, listen: "127.0.0.1:@CLUSTER@" }\n@JETSTREAM@', "server_name"),
    "max_payload": ("max_payload: 128MB\nmax_pending: 1MB", "cannot be higher than max_pending"),
    "websocket": ('websocket { listen: "127.0.0.1:@CLUSTER@" }', "websocket requires TLS configuration"),
    "http and https": ('https: "127.0.0.1:@CLUSTER@"', "HTTP"),
    "gateway": (
        'cluster { name: c, listen: "127.0.0.1:@CLUSTER@" }\ngateway { name: d, listen: "127.0.0.1:@OTHER@" }',
        "conflict",
    ),
    "lame duck": ('lame_duck_duration: "30s"\nlame_duck_grace_period: "30s"', "lame duck grace period"),
    "no_auth_user": ("no_auth_user: x", "no_auth_user"),
}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path, LATEST)
    yield made
    made.close()


def running(host: Host) -> dict[str, Any]:
    result = host.deploy(host.config(host.jetstream()))
    assert not result.get("failed"), result
    return result


@pytest.mark.parametrize("binary", SERVERS)
def test_start_again_reload_restart(tmp_path: Path, binary: str) -> None:
    host = Host(tmp_path, binary)
    try:
        first = running(host)
        assert (first["action"], first["changed"], first["running"]) == ("start", True, False)
        pid, tree = host.pid, host.tree()
        again = host.deploy(host.config(host.jetstream()))
        assert (again["changed"], again["reasons"], again["action"], again["pending"]) == (False, [], "none", False)
        assert (host.pid, host.tree()) == (pid, tree)

        read_before = host.monitor.varz().config_load_time
        reload = host.deploy(host.config(host.jetstream(), max_payload="2MB"))
        assert (reload["action"], host.pid) == ("reload", pid)
        assert host.monitor.varz().config_load_time != read_before

        restart = host.deploy(host.config(host.jetstream(), max_payload="2MB", max_pending="32MB"))
        assert restart["action"] == "restart"
        assert host.pid not in (None, pid)
        assert not leaked([first, again, reload, restart])
    finally:
        host.close()


def test_check_mode_says_what_the_run_does(host: Host) -> None:
    checked = host.stage(host.config(), check_mode=True)
    assert not (host.root / "etc").exists()
    assert host.stage(host.config())["reasons"] == checked["reasons"]
    assert host.activate(checked["release"], check_mode=True)["action"] == "start"
    host.activate(checked["release"])
    for options in ({"max_payload": "3MB"}, {"max_pending": "32MB"}):
        tree = host.tree()
        checked = host.stage(host.config(**options), check_mode=True)
        assert host.tree() == tree
        staged = host.stage(host.config(**options))
        keys = ("changed", "reasons", "action", "release", "previous", "diff")
        assert {key: staged[key] for key in keys} == {key: checked[key] for key in keys}
        tree, pid = host.tree(), host.pid
        would = host.activate(staged["release"], check_mode=True)
        assert (host.tree(), host.pid) == (tree, pid)
        did = host.activate(staged["release"])
        assert [did[key] for key in keys] == [would[key] for key in keys]


def test_a_changed_environment_is_a_restart(host: Host) -> None:
    running(host)
    result = host.deploy(host.config(host.jetstream()), **{"nats-server.env": "JS_KEY='\"another key\"'\nGOGC=50\n"})
    assert result["action"] == "restart"
    assert any("nats-server.env" in reason for reason in result["reasons"])
    assert "another key" not in json.dumps(result)


@pytest.mark.parametrize("case", FAILS_AT_START)
def test_what_fails_at_start_is_rolled_back(host: Host, case: str) -> None:
    body, words = FAILS_AT_START[case]
    body = body.replace("@CLUSTER@", str(host.cluster)).replace("@OTHER@", str(free_port()))
    body = body.replace("@JETSTREAM@", host.jetstream())
    before = host.deploy(host.config(max_pending="65MB"))
    bad = host.config(body)
    if case == "no server_name":
        bad = bad.replace("server_name: n1\n", "")
    result = host.deploy(bad)
    assert result.get("failed"), result
    assert words in result["msg"]
    assert f"Rolled back to release {before['release']}, which runs" in result["msg"]
    assert os.readlink(host.current) == f"releases/{before['release']}"
    assert host.monitor.health().ok
    assert not leaked(result)
    again = host.deploy(host.config(max_pending="65MB"))
    assert (again["changed"], again["reasons"]) == (False, [])


def test_a_first_start_that_fails_leaves_nothing_running(host: Host) -> None:
    result = host.deploy(host.config("max_payload: 128MB\nmax_pending: 1MB"))
    assert "cannot be higher than max_pending" in result["msg"]
    assert not host.current.is_symlink()
    assert host.pid is None
    running(host)


def test_what_minus_t_refuses_is_not_staged(host: Host) -> None:
    before = running(host)
    result = host.stage(host.config(f'unknown_option: "{PLANTED["route"]}"'))
    assert result["failed"]
    assert "nats-server.conf:8:" in result["msg"]
    assert "unknown_option" in result["msg"]
    assert not leaked(result)
    assert [place.name for place in (host.root / "etc/releases").iterdir()] == [before["release"]]


def test_a_refused_reload_is_rolled_back_and_tells_no_secret(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = host.jetstream('"planted js key Zq9"'), host.jetstream('"planted-route-Zq7"')
    before = host.deploy(host.config(old))
    pid = host.pid

    def forced(*_of: object) -> Callable[..., Decision]:
        return lambda *_compared: Decision("reload", ("the table is wrong",))

    monkeypatch.setattr(deployment, "comparer", forced)
    result = host.deploy(host.config(new))
    assert "refused to reload" in result["msg"]
    assert "config reload not supported" in result["msg"]
    assert "which the server never left" in result["msg"]
    assert PLANTED["key"] in (host.root / "log/nats.log").read_text()
    assert not leaked(result)
    assert (host.pid, os.readlink(host.current)) == (pid, f"releases/{before['release']}")


def test_drift_that_was_not_loaded_is_repaired_silently(host: Host) -> None:
    running(host)
    config = host.current / "nats-server.conf"
    text = config.read_text()
    time.sleep(0.05)
    config.write_text(text.replace("1MB", "9kb"))
    (host.current / "foreign.txt").write_text("x")
    checked = host.stage(host.config(host.jetstream()), check_mode=True)
    assert config.read_text() != text
    result = host.stage(host.config(host.jetstream()))
    assert (result["changed"], result["action"]) == (True, "none")
    assert result["reasons"] == checked["reasons"]
    assert "content differs" in result["reasons"][0]
    assert config.read_text() == text
    assert not (host.current / "foreign.txt").exists()
    assert host.deploy(host.config(host.jetstream()))["changed"] is False


@pytest.mark.parametrize(("old", "new", "action"), [("1MB", "9kb", "reload"), (":@PORT@", ":@OTHER@", "restart")])
def test_drift_that_was_loaded_is_undone_in_the_server(host: Host, old: str, new: str, action: str) -> None:
    running(host)
    pid = host.pid
    config = host.current / "nats-server.conf"
    text = config.read_text()
    changed = text.replace(old.replace("@PORT@", str(host.port)), new.replace("@OTHER@", str(free_port())))
    time.sleep(0.05)
    config.write_text(changed)
    host.service("restarted" if action == "restart" else "reloaded")
    staged = host.stage(host.config(host.jetstream()))
    assert (staged["action"], staged["pending"]) == (action, True)
    # A run that is killed here must not forget it.
    assert host.stage(host.config(host.jetstream()))["action"] == action
    assert host.activate(staged["release"])["action"] == action
    assert config.read_text() == text
    assert (host.pid == pid) is (action == "reload")
    assert host.deploy(host.config(host.jetstream()))["changed"] is False


def test_a_missed_reload_is_made_up_for(host: Host) -> None:
    running(host)
    staged = host.stage(host.config(host.jetstream(), max_payload="2MB"))
    link = host.root / "etc/.current.new"
    link.symlink_to(f"releases/{staged['release']}")
    link.rename(host.current)
    result = host.stage(host.config(host.jetstream(), max_payload="2MB"))
    assert (result["missed_reload"], result["action"], result["changed"]) == (True, "reload", True)
    host.activate(result["release"])
    assert host.deploy(host.config(host.jetstream(), max_payload="2MB"))["changed"] is False


def test_a_server_that_died_is_started(host: Host) -> None:
    running(host)
    host.kill()
    assert (host.root / "run/nats.pid").exists()
    result = host.deploy(host.config(host.jetstream()))
    assert (result["action"], result["reasons"]) == ("start", ["the server does not run"])
    assert host.monitor.health().ok


@pytest.mark.skipif(len(SERVERS) < 2, reason="needs two versions")
def test_another_program_is_a_restart(host: Host) -> None:
    old, new = SERVERS[-2], SERVERS[-1]
    host.binary = old
    running(host)
    host.binary = new
    result = host.deploy(host.config(host.jetstream()))
    assert result["action"] == "restart"
    assert host.deploy(host.config(host.jetstream()))["changed"] is False


def test_old_releases_are_pruned(host: Host) -> None:
    names = [host.deploy(host.config(max_payload=f"{size}kb"))["release"] for size in range(100, 107)]
    left = {place.name for place in (host.root / "etc/releases").iterdir()}
    assert left == set(names[-5:])


@pytest.mark.parametrize("options", [{"max_payload": "2MB"}, {"max_pending": "32MB"}], ids=["reload", "restart"])
def test_killed_at_any_change_the_next_run_ends_well(host: Host, options: dict[str, str]) -> None:
    """Each moment of staging and of switching, every one in turn with AEGIS_NATS_THOROUGH=1, else every seventh."""
    running(host)
    stride = 1 if os.environ.get("AEGIS_NATS_THOROUGH") else 7
    wishes = (host.config(host.jetstream(), **options), host.config(host.jetstream()))
    change, turn = 1, 0
    while True:
        wanted = wishes[turn % 2]
        params = host.params(state="active", files=host.files(wanted), keep=0)
        code, words = host.killed_at(change, params)
        assert code in (0, 137), words
        result = host.deploy(wanted)
        assert not result.get("failed"), (change, result)
        assert host.monitor.health().ok
        assert (host.current / "nats-server.conf").read_text() == wanted
        leftovers = [place.name for place in (host.root / "etc/releases").iterdir() if not place.name.isalnum()]
        assert not leftovers
        again = host.deploy(wanted)
        assert (again["changed"], again["reasons"]) == (False, []), change
        if code == 0:
            break
        change, turn = change + stride, turn + 1
    assert change > 20


def test_staging_is_not_staging_twice(host: Host) -> None:
    first = host.stage(host.config())
    inodes = host.tree()
    assert host.stage(host.config())["release"] == first["release"]
    assert {path: inode for path, inode in host.tree().items() if "releases/" in path} == {
        path: inode for path, inode in inodes.items() if "releases/" in path
    }


def test_staging_sees_a_whole_cluster_where_nothing_is_left_to_do(host: Host) -> None:
    config = host.config(host.jetstream())
    assert host.deploy(config)["whole"] is False
    assert wait_until(lambda: host.stage(config, peers=[])["whole"], 10)
    assert host.stage(config, peers=["absent"])["whole"] is False
    assert host.stage(config)["whole"] is False  # nobody asked
    staged = host.stage(host.config(host.jetstream(), max_payload="2MB"), peers=[])
    assert (staged["pending"], staged["whole"]) == (True, False)


def test_a_first_deploy_killed_at_any_change_is_ended_by_the_next(tmp_path: Path) -> None:
    stride = 1 if os.environ.get("AEGIS_NATS_THOROUGH") else 9
    code, change = 137, 1
    while code == 137:
        host = Host(tmp_path / str(change), LATEST)
        host.root.mkdir()
        try:
            wanted = host.config(host.jetstream())
            code, words = host.killed_at(change, host.params(state="active", files=host.files(wanted)))
            assert code in (0, 137), words
            result = host.deploy(wanted)
            assert not result.get("failed"), (change, result)
            assert host.monitor.health().ok
            pid = host.pid
            again = host.deploy(wanted)
            assert (again["changed"], again["reasons"], host.pid) == (False, [], pid), change
        finally:
            host.close()
        change += stride
    assert change > 20
