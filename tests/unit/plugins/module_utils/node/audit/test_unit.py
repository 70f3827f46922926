# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd is asked of a unit, with a systemctl of the test's own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit import unit

SHOWN = "LoadState=loaded\nMainPID=7\nUser=nats\nNoNewPrivileges=yes\nProtectSystem=strict\n"
SCORE = "→ Overall exposure level for nats-server.service: 1.7 OK :-)"


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, shown: str, score: str) -> None:
    for name, said in (("systemctl", shown), ("systemd-analyze", score)):
        place = folder / name
        place.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
        place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    there = os.path.isdir
    monkeypatch.setattr(unit.os.path, "isdir", lambda path: path == "/run/systemd/system" or there(path))


def test_a_unit_and_its_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, SHOWN, SCORE)
    found = unit.look("nats-server.service", 7)
    assert found is not None
    assert (found["user"], found["exposure"]) == ("nats", 1.7)
    assert found["properties"]["ProtectSystem"] == "strict" and found["properties"]["LockPersonality"] == ""


def test_no_user_is_root_and_no_score_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, "LoadState=loaded\nMainPID=7\nUser=\n", "unknown command")
    found = unit.look("nats-server.service", 7)
    assert found is not None and (found["user"], found["exposure"]) == ("root", None)


def test_what_a_service_has_started_is_not_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, SHOWN, SCORE)
    assert unit.look("nats-server.service", 8) is None


def test_no_such_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(tmp_path, monkeypatch, "LoadState=not-found", "")
    assert unit.look("gone.service", 7) is None


def test_no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit.os.path, "isdir", lambda _path: False)
    assert unit.look("nats-server.service", 7) is None


def test_the_unit_of_a_process_that_is_gone() -> None:
    assert unit.unit_of(2**22 + 1) is None
