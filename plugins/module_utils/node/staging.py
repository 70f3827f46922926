# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Staging: the wanted release lies on the host, validated, and it is known what switching it in will take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from .comparing import comparer
from .decide import Decision
from .deployment import Deployment, Surveyed
from .files import ensure_directory, plan_directories
from .host import find_binary
from .release import Drift, Release, find_drift
from .scrub import Secrets
from .transaction import Loaded
from .validate import ConfigRefused


@dataclass(frozen=True)
class Staged:
    """written: files or folders were (would be) written now. pending: something is still to be switched or done."""

    name: str
    written: bool
    pending: bool
    decision: Decision
    found: Surveyed
    reasons: tuple[str, ...]
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


def stage(deployment: Deployment, check_mode: bool) -> Staged:
    """Stage the wanted release; raises ConfigRefused with the server's words. Call with the lock held."""
    wanted, releases = deployment.wanted, deployment.releases
    release = wanted.release or Release()
    found = deployment.survey()
    directories, reasons = plan_directories(wanted.directories)
    old = releases.contents(found.current)
    secrets = deployment.secrets(release.contents(), old)
    folder = releases.path(release.name)
    is_there = folder.is_dir()
    drift = find_drift(folder, release) if is_there else Drift()
    if not check_mode:
        deployment.programs.sweep()
        for directory in directories:
            ensure_directory(directory)
    if wanted.name == release.name and is_there and not drift:
        pass  # staged, and so validated, a moment ago by the same deploy
    elif not wanted.validate:
        pass  # check mode, with files that only the run that follows makes
    elif find_binary(deployment.programs.next) is not None:
        _validate(deployment, release, secrets, found, drift)
    elif not check_mode:
        raise ConfigRefused(f"there is no nats-server at {wanted.binary}: install it first")
    repair = _repair(deployment, release, drift, found, check_mode)
    if not is_there and not check_mode:
        releases.stage(release)
    decision = deployment.decide(found, release.contents(), repair)
    is_current = found.current == release.name
    if not is_current:
        reasons += _changed_files(old, release)
    reasons += drift.reasons(release.name)
    reasons += outside_reasons(found)
    before, after = _pictures(old, release, secrets) if not is_current else ({}, {})
    return Staged(
        name=release.name,
        written=bool(directories or drift or not is_there),
        pending=not is_current or bool(outside_reasons(found)) or decision != Decision() or found.unproved,
        decision=decision,
        found=found,
        reasons=tuple(reasons) + tuple(reason for reason in decision.reasons if reason not in reasons),
        before=before,
        after=after,
    )


def outside_reasons(found: Surveyed) -> list[str]:
    """What changes outside the release and the server: units and whether the service starts with the host."""
    reasons = [f"{path} {', '.join(what)}" for path, what in found.system_differences.items()]
    return reasons + (["the service starts with the host from now on"] if found.enabling else [])


def _validate(deployment: Deployment, release: Release, secrets: Secrets, found: Surveyed, drift: Drift) -> None:
    if found.current == release.name and found.running and not drift:
        deployment.validator.digest_of_current(release.contents(), secrets)
    elif deployment.releases.folder.is_dir():
        deployment.validator.check_release(release, secrets)


def _repair(
    deployment: Deployment, release: Release, drift: Drift, found: Surveyed, check_mode: bool
) -> Optional[Decision]:
    """Put a release right that somebody changed. If the server may have read the change, what undoing it takes."""
    if not drift:
        return None
    decision = _drift_decision(deployment, release, drift, found)
    if check_mode:
        return decision
    if decision and found.loaded:
        due = (decision.action, decision.reasons)
        known = found.loaded
        deployment.releases.note_loaded(Loaded(known.release, known.digest, known.system, due))
    deployment.releases.repair(release, drift)
    return decision


def _drift_decision(deployment: Deployment, release: Release, drift: Drift, found: Surveyed) -> Optional[Decision]:
    if found.current != release.name or not found.running:
        return None
    folder = deployment.releases.path(release.name)
    present = deployment.releases.contents(release.name) or {}
    read_at = found.varz.config_load_time.timestamp() if found.varz and found.varz.config_load_time else None
    touched = [folder / path for path in (*drift.changed, *drift.foreign)]
    changed_at = [(place if place.exists() else folder).lstat().st_ctime for place in touched]
    if read_at is not None and read_at < min(changed_at):
        return None
    wanted = deployment.wanted
    version = wanted.version or found.program_version or ""
    return comparer(Path(wanted.config_dir), wanted.config_file, version)(present, release.contents())


def _changed_files(old: Optional[Mapping[str, bytes]], release: Release) -> list[str]:
    if old is None:
        return [f"release {release.name}: nothing is switched in yet"]
    new = release.contents()
    words = []
    for path in sorted({*old, *new}):
        if path not in old:
            words.append(f"{path} is new")
        elif path not in new:
            words.append(f"{path} is left out")
        elif old[path] != new[path]:
            words.append(f"{path} changed")
    return words or [f"release {release.name}: modes or owners changed"]


def _pictures(
    old: Optional[Mapping[str, bytes]], release: Release, secrets: Secrets
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The changed files before and after, as lines, secret ones as a word."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    old = old or {}
    for path in sorted({*old, *release.files}):
        file = release.files.get(path)
        if file is not None and old.get(path) == file.content:
            continue
        hidden = file is None or file.secret
        if path in old:
            before[path] = "not shown" if hidden else _lines(old[path], secrets)
        if file is not None:
            after[path] = "not shown, changed" if hidden else _lines(file.content, secrets)
    return before, after


def _lines(content: bytes, secrets: Secrets) -> list[str]:
    return secrets.hide(content.decode("utf-8", "replace")).splitlines()
