# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.deployment import Deployment, Surveyed, Wanted
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.host import binary_version
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Unreachable, Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.release import make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.service import LogMark, State
from ansible_collections.aegis.nats.plugins.module_utils.node.staging import stage
from ansible_collections.aegis.nats.plugins.module_utils.node.switching import (
    _previous,
    switch,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Loaded, Releases
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

FIRST = datetime(2026, 1, 1, tzinfo=timezone.utc)
SECOND = datetime(2026, 1, 2, tzinfo=timezone.utc)
VARZ = Varz("N1", "n1", "2.15.1", FIRST, FIRST, "sha256:1", None)
MARK = LogMark(0, 0, 0.0)


class Observed:
    """A monitoring endpoint and a service that show one after the other what a test lists; the last one stays."""

    def __init__(self, *seen: Varz | None, log: str = "", running: bool = True, healthy: bool = True) -> None:
        self.seen = list(seen)
        self.log = log
        self.running = running
        self.healthy = healthy

    def varz(self) -> Varz:
        found = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        if found is None:
            raise Unreachable("nothing answers")
        return found

    def health(self, query: str = "") -> Health:
        return Health(self.healthy, 200 if self.healthy else 503, "" if self.healthy else "not yet")

    def routez(self) -> Mapping[str, Any]:
        return {}

    def jsz(self, streams: bool = True) -> Mapping[str, Any]:
        return {}

    def state(self) -> State:
        return State("running" if self.running else "stopped")

    def log_since(self, mark: LogMark) -> str:
        return self.log


def deployment(observed: Observed, folder: Path = Path("/nowhere")) -> Deployment:
    wanted = Wanted(str(folder), "nats-server.conf", "/absent", name="0123")
    return Deployment(wanted, Releases(str(folder), NOBODY_NAMED), observed, observed)  # type: ignore[arg-type]


def test_what_is_not_staged_can_t_be_switched_in(tmp_path: Path) -> None:
    with pytest.raises(NatsError, match="release 0123 is not staged"):
        switch(deployment(Observed(VARZ), tmp_path), check_mode=False)


def test_the_release_to_go_back_to(tmp_path: Path) -> None:
    releases = Releases(str(tmp_path), NOBODY_NAMED)
    made = [make_release([WantedFile("nats-server.conf", text)], "nats-server.conf") for text in (b"1", b"2", b"3")]
    with releases.locked(False):
        for release in made:
            releases.stage(release)
    one, two, three = (release.name for release in made)
    asked = deployment(Observed(VARZ), tmp_path)
    asked = replace(asked, wanted=replace(asked.wanted, name=three))

    def previous(current: str | None, loaded: str | None) -> str | None:
        noted = Loaded(loaded) if loaded else None
        return _previous(asked, Surveyed(True, None, current, noted, None))

    assert previous(two, one) == one
    assert previous(two, None) == two
    assert previous(three, one) == one
    assert previous(three, three) == three
    assert previous(None, None) is None
    assert previous(two, "gone") == two


class Acting(Observed):
    """A service that starts what lies in place. One of the version 0.0.0 ends at once."""

    def __init__(self, binary: Path, runs: str) -> None:
        super().__init__()
        self.binary, self.version, self.starts = str(binary), runs, 0
        self.running, self.deaf_to = bool(runs), ""

    def varz(self) -> Varz:
        if not self.running or self.version == self.deaf_to:
            raise Unreachable("nothing answers")
        return replace(VARZ, version=self.version, server_id=f"N{self.starts}", config_digest=None)

    def start(self) -> None:
        self.version, self.starts = binary_version(self.binary), self.starts + 1
        self.running = self.version != "0.0.0"

    def stop(self, lame_duck: bool, timeout: float) -> None:
        self.running = False

    def restart(self, lame_duck: bool, timeout: float) -> None:
        self.start()

    def enable(self, check_mode: bool) -> bool:
        return False

    def mark(self) -> LogMark:
        return MARK


def with_programs(folder: Path, runs: str, **versions: str) -> tuple[Deployment, Acting]:
    """A release that is loaded, and programs: in_place, coming, before."""
    names = {"in_place": "nats-server", "coming": "nats-server.coming", "before": "nats-server.before"}
    for what, version in versions.items():
        place = folder / names[what]
        place.write_text(f"#!/bin/sh\n[ $1 = --version ] && echo nats-server: v{version}\nexit 0\n")
        place.chmod(0o755)
    release = make_release([WantedFile("nats-server.conf", b"")], "nats-server.conf")
    releases = Releases(str(folder / "etc"), NOBODY_NAMED)
    with releases.locked(False):
        releases.stage(release)
        releases.switch(release.name)
        releases.note_loaded(Loaded(release.name))
    service = Acting(folder / "nats-server", runs)
    program = str(folder / "nats-server.coming")
    wanted = Wanted(
        str(folder / "etc"), "nats-server.conf", service.binary, release, program=program, start_timeout=0.2
    )
    return Deployment(wanted, releases, service, service), service  # type: ignore[arg-type]


def programs(folder: Path) -> dict[str, str]:
    return {place.name: binary_version(str(place)) for place in folder.glob("nats-server*")}


@pytest.mark.parametrize("runs", ["2.14.4", ""])
def test_another_program_is_switched_in(tmp_path: Path, runs: str) -> None:
    asked, service = with_programs(tmp_path, runs, in_place="2.14.4", coming="2.15.1")
    checked = switch(asked, check_mode=True)
    assert service.starts == 0
    assert switch(asked, check_mode=False).reasons == checked.reasons
    assert (service.version, service.starts, programs(tmp_path)) == ("2.15.1", 1, {"nats-server": "2.15.1"})
    assert not switch(asked, check_mode=False).changed


@pytest.mark.parametrize("runs", ["2.14.4", ""])
def test_a_program_that_ends_at_once_is_taken_back(tmp_path: Path, runs: str) -> None:
    asked, service = with_programs(tmp_path, runs, in_place="2.14.4", coming="0.0.0")
    with pytest.raises(NatsError, match=r"with nats-server 2\.14\.4, which runs"):
        switch(asked, check_mode=False)
    assert (service.version, service.running, programs(tmp_path)) == ("2.14.4", True, {"nats-server": "2.14.4"})


def test_a_program_that_nothing_has_proved_is_proved_without_a_restart(tmp_path: Path) -> None:
    asked, service = with_programs(tmp_path, "2.15.1", in_place="2.15.1", before="2.14.4")
    done = switch(asked, check_mode=False)
    assert done.reasons == ("the program was put into place by a run that did not get to prove it",)
    assert (service.starts, programs(tmp_path)) == (0, {"nats-server": "2.15.1"})


def test_a_program_that_can_t_be_proved_is_taken_back(tmp_path: Path) -> None:
    asked, service = with_programs(tmp_path, "", in_place="0.0.0", before="2.14.4")
    with pytest.raises(NatsError, match=r"with nats-server 2\.14\.4, which runs"):
        switch(asked, check_mode=False)
    assert (service.version, programs(tmp_path)) == ("2.14.4", {"nats-server": "2.14.4"})


def test_a_program_that_runs_and_does_not_answer_is_taken_back(tmp_path: Path) -> None:
    asked, service = with_programs(tmp_path, "2.15.1", in_place="2.15.1", before="2.14.4")
    service.deaf_to = "2.15.1"
    staged = stage(asked, check_mode=False)
    assert (staged.pending, staged.written, staged.decision.action) == (True, False, "none")
    with pytest.raises(NatsError, match=r"with nats-server 2\.14\.4, which runs"):
        switch(asked, check_mode=False)
    assert (service.version, service.starts, programs(tmp_path)) == ("2.14.4", 1, {"nats-server": "2.14.4"})
    assert not stage(asked, check_mode=False).pending
