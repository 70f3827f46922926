# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""node_service against real servers: proved starts, reloads and stops. AEGIS_NATS_SERVERS names the programs."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.integration.node_host import PLANTED, SERVERS, Host, leaked

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path, SERVERS[-1])
    result = made.deploy(made.config(made.jetstream()))
    assert not result.get("failed"), result
    yield made
    made.close()


def test_each_state_is_reached_and_then_kept(host: Host) -> None:
    pid = host.pid
    assert host.service("started")["changed"] is False
    assert host.service("reloaded")["pid"] == pid
    assert host.service("restarted", check_mode=True)["changed"] is True
    assert host.pid == pid
    restarted = host.service("restarted")
    assert restarted["previous_pid"] == pid
    assert restarted["pid"] not in (None, pid)
    stopped = host.service("stopped")
    assert (stopped["running"], stopped["changed"]) == (False, True)
    assert host.service("stopped")["changed"] is False
    started = host.service("started")
    assert (started["running"], started["reasons"]) == (True, ["the server is started"])


def test_lame_duck_ends_the_server(host: Host) -> None:
    began = time.monotonic()
    assert host.service("stopped", lame_duck=True)["running"] is False
    assert time.monotonic() - began < 10
    assert "Entering lame duck mode" in (host.root / "log/nats.log").read_text()


def test_the_server_has_a_small_environment_and_no_secret_in_its_arguments(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLERS_TOKEN", "of no concern to the server")
    pid = host.service("restarted")["pid"]
    assert not leaked(Path(f"/proc/{pid}/cmdline").read_text())
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert PLANTED["key"] in environment
    assert "CALLERS_TOKEN" not in environment
    assert os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/fd/0") == os.devnull


def test_a_pid_file_of_another_process_is_not_believed(host: Host) -> None:
    host.service("stopped")
    other = subprocess.Popen(["sleep", "60"])
    try:
        (host.root / "run/nats.pid").write_text(str(other.pid))
        assert host.service("stopped")["changed"] is False
        assert other.poll() is None
        assert host.service("started")["changed"] is True
    finally:
        other.kill()
        other.wait()


def test_a_lost_pid_file_does_not_lose_the_server(host: Host) -> None:
    pid = host.pid
    (host.root / "run/nats.pid").unlink()
    assert host.service("started")["pid"] == pid
    assert host.service("stopped")["running"] is False


def test_a_start_that_fails_tells_the_servers_words_without_secrets(host: Host) -> None:
    config = host.current / "nats-server.conf"
    config.write_text(config.read_text() + "max_payload: 128MB\nmax_pending: 1MB\n")
    result = host.service("restarted")
    assert result["failed"]
    assert "cannot be higher than max_pending" in result["msg"]
    assert not leaked(result)


def test_a_taken_port_is_told(host: Host) -> None:
    other = Host(host.root / "other", SERVERS[-1], port=host.port)
    other.root.mkdir()
    try:
        result = other.deploy(other.config())
        assert "address already in use" in result["msg"]
        assert host.service("started")["changed"] is False
    finally:
        other.close()
