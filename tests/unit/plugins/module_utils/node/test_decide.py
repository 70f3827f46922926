# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.decide import (
    Decision,
    Evidence,
    asked_for,
    combine,
    decide,
)

OLD = {"c.conf": b"1", "s.env": b"K=1"}
NEW = {"c.conf": b"2", "s.env": b"K=1"}


def says(action: str) -> Any:
    def compare(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Decision:
        assert "s.env" not in {*old, *new}
        return Decision(action, ("compared",))

    return compare


def evidence(**more: Any) -> Evidence:
    return Evidence(**{"running": True, "loaded": OLD, "wanted": NEW, "environment_file": "s.env", **more})


@pytest.mark.parametrize("action", ["none", "reload", "restart"])
def test_the_comparison_decides(action: str) -> None:
    assert decide(evidence(), says(action)) == Decision(action, ("compared",))


def test_equal_files_are_not_compared() -> None:
    assert decide(evidence(wanted=OLD), says("restart")) == Decision()


def test_a_server_that_does_not_run_is_started() -> None:
    assert decide(evidence(running=False), says("reload")) == Decision("start", ("the server does not run",))


def test_what_it_has_loaded_is_not_known() -> None:
    assert decide(evidence(loaded=None), says("none")).action == "restart"


@pytest.mark.parametrize(
    "more",
    [
        {"wanted": {**OLD, "s.env": b"K=2"}},
        {"running_version": "2.14.4", "binary_version": "2.15.1"},
        {"running_version": "2.14.4", "binary_version": "2.15.1", "replaced": True},
        {"running_version": "2.15.1", "binary_version": "2.15.1", "replaced": True},
        {"running_version": "2.15.1", "binary_version": None, "replaced": True},
        {"running_version": "2.14.4", "binary_version": "2.15.1", "coming": True},
        {"running_version": "2.15.1", "binary_version": "2.15.1", "coming": True},
        {"running_version": None, "binary_version": None, "coming": True, "unproved": True},
        {"replaced": True, "unproved": True},
        {"stale_units": ("/etc/systemd/system/nats-server.service",)},
        {"foreign_config": True},
        {"due": Decision("restart", ("drift",))},
    ],
)
def test_what_only_a_restart_mends(more: dict[str, Any]) -> None:
    decision = decide(evidence(**{"wanted": OLD, **more}), says("none"))
    assert decision.action == "restart"
    assert len(decision.reasons) == 1


def test_no_secret_of_the_environment_is_told() -> None:
    assert "K=2" not in str(decide(evidence(wanted={**OLD, "s.env": b"K=2"}), says("none")))


def test_a_reload_that_was_done_before_the_run_was_killed() -> None:
    assert decide(evidence(loaded_since_switch=True), says("reload")).action == "none"
    assert decide(evidence(loaded_since_switch=True), says("restart")).action == "restart"
    assert decide(evidence(loaded_since_switch=True, started_since_switch=True), says("restart")).action == "none"
    assert decide(evidence(loaded=None, started_since_switch=True), says("restart")).action == "none"


def test_the_same_version_and_an_unknown_one_need_nothing() -> None:
    assert decide(evidence(wanted=OLD, running_version="2.15.1", binary_version="2.15.1"), says("none")) == Decision()
    assert decide(evidence(wanted=OLD, running_version=None, binary_version="2.15.1"), says("none")) == Decision()


def test_combine() -> None:
    parts = [Decision("reload", ("a",)), Decision(), Decision("restart", ("b", "a"))]
    assert combine(parts) == Decision("restart", ("a", "b"))
    assert combine([]) == Decision()


def test_a_restart_that_was_asked_for() -> None:
    started = datetime(2026, 11, 28, 8, 0, tzinfo=timezone.utc)
    assert asked_for(started, started) == Decision()
    assert asked_for(started, started + timedelta(seconds=1)) == Decision(
        "restart", ("a restart was asked for, and the server runs since 2026-11-28T08:00:00Z",)
    )
    assert asked_for(None, started).action == "restart"
