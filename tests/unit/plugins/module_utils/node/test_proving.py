# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.deployment import Deployment, Wanted
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Unreachable, Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.proving import (
    NotProved,
    Proof,
    any_digest,
    prove_reload,
    prove_start,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.service import LogMark, State
from ansible_collections.aegis.nats.plugins.module_utils.node.transaction import Releases

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


def test_a_start_is_proved_by_a_new_server() -> None:
    new = replace(VARZ, server_id="N2")
    assert prove_start(deployment(Observed(None, VARZ, new)), VARZ, lambda: "sha256:1", 5) == Proof(new)
    assert prove_start(deployment(Observed(replace(VARZ, config_digest=None))), None, lambda: "sha256:2", 5)


@pytest.mark.parametrize(
    ("observed", "before", "words"),
    [
        (Observed(None, running=False), None, "nothing answers"),
        (Observed(VARZ), VARZ, "the old process still answers"),
        (Observed(replace(VARZ, config_digest="sha256:2")), None, "another configuration"),
    ],
)
def test_a_start_that_is_not_proved(observed: Observed, before: Varz, words: str) -> None:
    with pytest.raises(NotProved, match=words):
        prove_start(deployment(observed), before, lambda: "sha256:1", 0.2)


def test_a_reload_is_proved_by_the_time_and_the_digest() -> None:
    new = replace(VARZ, config_load_time=SECOND, config_digest="sha256:2")
    observed = Observed(VARZ, replace(new, config_digest="sha256:1"), new)
    assert prove_reload(deployment(observed), VARZ, lambda: "sha256:2", MARK, 5) == Proof(new)


@pytest.mark.parametrize(
    "observed", [Observed(VARZ), Observed(VARZ, log="[ERR] Failed to reload server configuration: x"), Observed(None)]
)
def test_a_reload_that_is_not_proved(observed: Observed) -> None:
    with pytest.raises(NotProved, match="refused to reload"):
        prove_reload(deployment(observed), VARZ, any_digest, MARK, 0.2)


def test_without_an_endpoint_the_log_proves() -> None:
    said = deployment(Observed(None, log="[INF] Reloaded server configuration"))
    assert prove_reload(said, None, any_digest, MARK, 1) == Proof()
    for log, running in (("", True), ("Failed to reload server configuration", True), ("", False)):
        with pytest.raises(NotProved, match="refused to reload"):
            prove_reload(deployment(Observed(None, log=log, running=running)), None, any_digest, MARK, 0.1)


def test_a_server_that_is_not_healthy_in_time_is_not_taken_down_for_it() -> None:
    proof = prove_start(deployment(Observed(VARZ, healthy=False)), None, lambda: "sha256:1", 0.2)
    assert proof.varz == VARZ
    assert proof.warnings == ("the server runs, but /healthz says 503 not yet after 0 s",)
    with pytest.raises(NotProved, match="503 not yet"):
        prove_start(deployment(Observed(VARZ, healthy=False, running=False)), None, lambda: "sha256:1", 5)


def test_without_an_endpoint_a_start_is_told_to_be_hardly_proved() -> None:
    blind = replace(deployment(Observed(None)), monitor=None)
    assert prove_start(blind, None, any_digest, 0.1).warnings
    with pytest.raises(NotProved, match="stay up"):
        prove_start(replace(deployment(Observed(None, running=False)), monitor=None), None, any_digest, 0.1)
