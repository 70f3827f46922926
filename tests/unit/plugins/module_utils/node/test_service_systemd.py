# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.service import ServiceError, State
from ansible_collections.aegis.nats.plugins.module_utils.node.service_systemd import SystemdService


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of this name that notes how it is called and says what a test has put into the file ``says``."""
    program = tmp_path / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\ncat {tmp_path}/says\nif [ -e {tmp_path}/fails ]; then '
        'echo "Job failed." >&2; exit 1; fi\n'
    )
    program.chmod(0o755)
    (tmp_path / "says").write_text("")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    ("says", "state"),
    [
        ("LoadState=loaded\nActiveState=active\nMainPID=7\n", State("running", 7)),
        ("LoadState=loaded\nActiveState=reloading\nMainPID=7\n", State("running", 7)),
        ("LoadState=loaded\nActiveState=activating\nMainPID=0\n", State("stopped")),
        ("LoadState=loaded\nActiveState=failed\nMainPID=0\n", State("stopped")),
        ("LoadState=not-found\nActiveState=inactive\nMainPID=0\n", State("absent")),
    ],
)
def test_states(systemctl: Path, says: str, state: State) -> None:
    (systemctl / "says").write_text(says)
    assert SystemdService().state() == state


def test_what_is_called(systemctl: Path) -> None:
    service = SystemdService("nats-server")
    service.start()
    service.reload()
    service.restart(lame_duck=True, timeout=5)
    service.stop(lame_duck=False, timeout=5)
    service.read_units()
    calls = [line.removeprefix("--no-pager ") for line in (systemctl / "calls").read_text().splitlines()]
    assert calls == [
        "reset-failed nats-server.service",
        "start nats-server.service",
        "reload nats-server.service",
        "stop nats-server.service",
        "reset-failed nats-server.service",
        "start nats-server.service",
        "kill --signal=TERM nats-server.service",
        "stop nats-server.service",
        "daemon-reload",
    ]


def test_enabling(systemctl: Path) -> None:
    (systemctl / "says").write_text("UnitFileState=disabled\n")
    service = SystemdService("nats-server.service")
    assert service.enable(check_mode=True) is True
    assert "enable" not in (systemctl / "calls").read_text()
    assert service.enable(check_mode=False) is True
    assert "enable nats-server.service" in (systemctl / "calls").read_text()
    (systemctl / "says").write_text("UnitFileState=enabled\n")
    assert service.enable(check_mode=False) is False


def test_disabling(systemctl: Path) -> None:
    (systemctl / "says").write_text("UnitFileState=enabled\n")
    service = SystemdService("nats-server.service")
    assert service.disable(check_mode=True) is True
    assert "disable" not in (systemctl / "calls").read_text()
    assert service.disable(check_mode=False) is True
    assert "disable nats-server.service" in (systemctl / "calls").read_text()
    (systemctl / "says").write_text("UnitFileState=disabled\n")
    assert service.disable(check_mode=False) is False


def test_failures_carry_the_words_of_systemd(systemctl: Path) -> None:
    (systemctl / "fails").write_text("")
    with pytest.raises(ServiceError, match=r"systemctl start nats-server.service failed: Job failed\."):
        SystemdService().start()
    with pytest.raises(ServiceError, match="systemd does not answer"):
        SystemdService().state()


def test_a_host_without_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceError, match="no systemctl"):
        SystemdService().state()
    log = tmp_path / "nats.log"
    log.write_text("old\n")
    service = SystemdService(log_file=str(log))
    mark = service.mark()
    log.write_text("old\nnew\n")
    assert service.log_since(mark) == "new\n"
