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
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Unreachable, Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.release import make_release
from ansible_collections.aegis.nats.plugins.module_utils.node.service import LogMark, State
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
