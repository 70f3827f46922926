# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server needs so that it runs the wanted configuration: nothing, a reload or a restart, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Callable, Optional

NONE, START, RELOAD, RESTART = "none", "start", "reload", "restart"
_RANK = {NONE: 0, RELOAD: 1, RESTART: 2, START: 3}


@dataclass(frozen=True)
class Decision:
    """action: none, start, reload or restart; reasons: in words, without secret values."""

    action: str = NONE
    reasons: tuple[str, ...] = ()


Compare = Callable[[Mapping[str, bytes], Mapping[str, bytes]], Decision]


@dataclass(frozen=True)
class Evidence:
    """What is known when deciding.

    loaded, wanted: contents of the release that the server runs (None: not known) and of the one it shall run.
    loaded_since_switch: the wanted release is switched in and the server read its configuration after that.
    started_since_switch: and it was even started after that.
    replaced: the program on disk is not the one that runs.
    coming: the program, with its version, is still to be put into place. unproved: it was, and nothing has proved it.
    stale_units: files of the service manager that changed after the server was started.
    foreign_config: the server runs another configuration than the one it was proved to have loaded.
    due: what a repair of drift called for.
    """

    running: bool
    loaded: Optional[Mapping[str, bytes]]
    wanted: Mapping[str, bytes]
    environment_file: Optional[str] = None
    loaded_since_switch: bool = False
    started_since_switch: bool = False
    running_version: Optional[str] = None
    binary_version: Optional[str] = None
    replaced: bool = False
    coming: bool = False
    unproved: bool = False
    stale_units: tuple[str, ...] = ()
    foreign_config: bool = False
    due: Decision = field(default_factory=Decision)


def combine(decisions: Iterable[Decision]) -> Decision:
    """The strongest action of several, and the reasons of all, each once."""
    action = NONE
    reasons: list[str] = []
    for decision in decisions:
        action = max(action, decision.action, key=lambda name: _RANK[name])
        reasons.extend(reason for reason in decision.reasons if reason not in reasons)
    return Decision(action, tuple(reasons))


def asked_for(started: Optional[datetime], before: datetime) -> Decision:
    """A restart because somebody asked for one, unless the server was started since. started: None is not known."""
    if started is None:
        return Decision(RESTART, ("a restart was asked for, and since when the server runs is not known",))
    if started >= before:
        return Decision()
    return Decision(RESTART, (f"a restart was asked for, and the server runs since {started:%Y-%m-%dT%H:%M:%SZ}",))


def decide(evidence: Evidence, compare: Compare) -> Decision:
    """The action that brings the server to the wanted configuration."""
    if not evidence.running:
        return combine([Decision(START, ("the server does not run",)), _program_alone(evidence)])
    found = [evidence.due, _files(evidence, compare)]
    found += [Decision(RESTART, (f"{path} changed",)) for path in evidence.stale_units]
    found.append(_program(evidence))
    if evidence.foreign_config:
        found.append(
            Decision(RESTART, ("the server was given another configuration by hand since it was last set up",))
        )
    return combine(found)


def _program(evidence: Evidence) -> Decision:
    """What it takes that the server runs the program which is, or comes, into place."""
    running, program = evidence.running_version, evidence.binary_version
    if running and program and running != program:
        what = "the program that comes" if evidence.coming else "the program"
        return Decision(RESTART, (f"the server runs {running}, {what} is {program}",))
    if evidence.coming:
        return Decision(RESTART, ("another program comes in the place of the one that the server runs",))
    if evidence.replaced:
        return Decision(RESTART, ("the program was replaced since the server was started",))
    return _program_alone(evidence)


def _program_alone(evidence: Evidence) -> Decision:
    """What is to be told of the program whatever the server runs."""
    if evidence.coming:
        return Decision(NONE, (f"the program that comes is {evidence.binary_version or 'another one'}",))
    if evidence.unproved:
        return Decision(NONE, ("the program was put into place by a run that did not get to prove it",))
    return Decision()


def _files(evidence: Evidence, compare: Compare) -> Decision:
    if evidence.started_since_switch:
        return Decision()
    if evidence.loaded is None:
        return Decision(RESTART, ("it is not known which configuration the running server has loaded",))
    name = evidence.environment_file
    environment = Decision()
    if name and evidence.loaded.get(name) != evidence.wanted.get(name):
        environment = Decision(RESTART, (f"the server's environment ({name}) changed",))
    loaded = {path: content for path, content in evidence.loaded.items() if path != name}
    wanted = {path: content for path, content in evidence.wanted.items() if path != name}
    files = compare(loaded, wanted) if loaded != wanted else Decision()
    if evidence.loaded_since_switch and files.action == RELOAD:
        files = Decision()
    return combine([files, environment])
