# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.deployment import (
    Deployment,
    Surveyed,
    Wanted,
    checksum,
    is_unit,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.program import Coming
from ansible_collections.aegis.nats.plugins.module_utils.node.release import make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.service_process import ProcessService
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Loaded, Releases

OLD = make_release([WantedFile("nats-server.conf", b"max_payload: 1MB")], "nats-server.conf")
NEW = make_release([WantedFile("nats-server.conf", b"max_payload: 2MB")], "nats-server.conf")
NOW = datetime.now(timezone.utc)
LATER = NOW + timedelta(hours=1)
EARLIER = NOW - timedelta(hours=1)
VARZ = Varz("N1", "n1", "2.15.1", EARLIER, EARLIER, "sha256:1", None)


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """Both releases are staged, the old one is switched in."""
    releases = Releases(str(tmp_path), NOBODY_NAMED)
    with releases.locked(False):
        releases.stage(OLD)
        releases.stage(NEW)
        releases.switch(OLD.name)
    wanted = Wanted(str(tmp_path), "nats-server.conf", "/absent", release=NEW)
    return Deployment(wanted, releases, ProcessService("/absent", f"{tmp_path}/c"), None)


def decided(deployment: Deployment, **more: Any) -> tuple[str, tuple[str, ...]]:
    values = {
        "running": True,
        "varz": VARZ,
        "current": deployment.releases.current(),
        "loaded": Loaded(OLD.name, "sha256:1"),
        "binary_version": "2.15.1",
    }
    found = deployment.decide(Surveyed(**{**values, **more}), (deployment.wanted.release or NEW).contents())
    return found.action, found.reasons


def test_a_change_that_a_reload_takes(deployment: Deployment) -> None:
    action, reasons = decided(deployment)
    assert action == "reload"
    assert "max_payload" in reasons[0]


def test_nothing_to_do(deployment: Deployment) -> None:
    deployment = replace(deployment, wanted=replace(deployment.wanted, release=OLD))
    assert decided(deployment) == ("none", ())


def test_a_release_that_is_gone_can_t_be_compared(deployment: Deployment) -> None:
    assert decided(deployment, loaded=Loaded("0123"))[0] == "restart"


@pytest.mark.parametrize(
    ("varz", "action"),
    [
        (VARZ, "reload"),
        (replace(VARZ, config_load_time=LATER), "none"),
        (replace(VARZ, config_load_time=LATER, start=LATER), "none"),
    ],
)
def test_switched_in_and_then_killed(deployment: Deployment, varz: Varz, action: str) -> None:
    deployment.releases.switch(NEW.name)
    assert decided(deployment, varz=varz)[0] == action


def test_started_and_then_killed_and_the_old_one_wanted_again(deployment: Deployment) -> None:
    """The note still says that the old one is loaded; the server was started with the new one."""
    deployment.releases.switch(NEW.name)
    back = replace(deployment, wanted=replace(deployment.wanted, release=OLD))
    started = replace(VARZ, config_load_time=LATER, start=LATER)
    assert decided(back, varz=started)[0] == "reload"
    assert decided(back, varz=VARZ) == ("none", ())


@pytest.mark.parametrize(("varz", "action"), [(VARZ, "restart"), (replace(VARZ, config_load_time=LATER), "none")])
def test_without_a_note_the_time_tells(deployment: Deployment, varz: Varz, action: str) -> None:
    deployment.releases.switch(NEW.name)
    assert decided(deployment, varz=varz, loaded=None)[0] == action


def test_another_configuration_by_hand(deployment: Deployment) -> None:
    deployment = replace(deployment, wanted=replace(deployment.wanted, release=OLD))
    assert decided(deployment, varz=replace(VARZ, config_digest="sha256:2"))[0] == "restart"
    assert decided(deployment, varz=replace(VARZ, config_digest=None))[0] == "none"
    due = Loaded(OLD.name, "sha256:1", {}, ("reload", ("drift",)))
    assert decided(deployment, varz=replace(VARZ, config_digest="sha256:2"), loaded=due) == ("reload", ("drift",))


def test_another_program(deployment: Deployment) -> None:
    unchanged = replace(deployment.wanted, release=OLD)
    deployment = replace(deployment, wanted=unchanged)
    replaced = "the program was replaced since the server was started"
    assert decided(deployment, replaced=True) == ("restart", (replaced,))
    upgraded = ("restart", ("the server runs 2.15.1, the program is 2.16.0",))
    assert decided(deployment, replaced=True, binary_version="2.16.0") == upgraded
    comes = "the server runs 2.15.1, the program that comes is 2.16.0"
    assert decided(deployment, coming=Coming("2.16.0")) == ("restart", (comes,))
    another = "another program comes in the place of the one that the server runs"
    assert decided(deployment, coming=Coming("2.15.1")) == ("restart", (another,))
    assert decided(deployment, coming=Coming(None)) == ("restart", (another,))
    unproved = "the program was put into place by a run that did not get to prove it"
    assert decided(deployment, unproved=True) == ("none", (unproved,))
    assert decided(deployment, unproved=True, replaced=True) == ("restart", (replaced,))
    stopped = ("start", ("the server does not run", "the program that comes is 2.16.0"))
    assert decided(deployment, running=False, varz=None, coming=Coming("2.16.0")) == stopped


def test_in_check_mode_a_program_is_announced(deployment: Deployment) -> None:
    wanted = replace(deployment.wanted, program="/absent.coming", program_coming=True, version="2.16.0")
    assert replace(deployment, wanted=wanted).programs.coming() == Coming("2.16.0")
    assert replace(deployment, wanted=replace(wanted, program_coming=False)).programs.coming() is None


def test_a_unit_that_the_server_was_not_started_with(deployment: Deployment, tmp_path: Path) -> None:
    place = tmp_path / "nats-server.service"
    unit = WantedFile(str(place), b"unit")
    wanted = replace(deployment.wanted, release=OLD, system_files=(unit,))
    deployment = replace(deployment, wanted=wanted)
    assert decided(deployment)[0] == "restart"
    place.write_bytes(b"unit")
    assert decided(deployment)[0] == "restart"
    os.utime(place, (0, 0))
    assert decided(deployment)[0] == "none"
    place.write_bytes(b"other")
    os.utime(place, (0, 0))
    assert decided(deployment, system_differences={str(place): ["content differs"]})[0] == "restart"
    noted = Loaded(OLD.name, "sha256:1", {str(place): checksum(b"unit")})
    assert decided(deployment, loaded=noted)[0] == "none"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/etc/systemd/system/nats-server.service", True),
        ("/etc/systemd/system/nats-server.service.d/limits.conf", True),
        ("/etc/logrotate.d/nats", False),
    ],
)
def test_units(path: str, answer: bool) -> None:
    assert is_unit(path) is answer


def test_a_survey_of_a_host_with_nothing(tmp_path: Path) -> None:
    system = (WantedFile(str(tmp_path / "unit"), b"x"),)
    wanted = Wanted(str(tmp_path), "nats-server.conf", "/absent", release=NEW, system_files=system)
    empty = Deployment(wanted, Releases(str(tmp_path), NOBODY_NAMED), ProcessService("/absent", "/of/nobody"), None)
    found = empty.survey()
    assert found == Surveyed(False, None, None, None, None, {str(tmp_path / "unit"): ["is not there"]})
    assert os.listdir(tmp_path) == []


def test_a_restart_that_was_asked_for(deployment: Deployment) -> None:
    def asked(before: datetime, **more: Any) -> tuple[str, tuple[str, ...]]:
        wanted = replace(deployment.wanted, release=OLD, restart_before=before)
        return decided(replace(deployment, wanted=wanted), **more)

    action, reasons = asked(NOW)
    assert action == "restart" and reasons[-1].startswith("a restart was asked for, and the server runs since")
    assert asked(EARLIER) == ("none", ())
    assert asked(NOW, running=False, varz=None) == ("start", ("the server does not run",))
