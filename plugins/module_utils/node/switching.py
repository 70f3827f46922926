# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching: a staged release becomes the running one, is proved, or everything goes back to how it was."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from ..plan.errors import NatsError
from .decide import RELOAD, RESTART, START, Decision
from .deployment import Deployment, Surveyed, checksum, is_unit
from .files import WantedFile, write_file
from .host import find_binary
from .monitor import Unreachable, Varz
from .scrub import Secrets, last_lines
from .service import LogMark, ServiceError
from .staging import outside_reasons
from .transaction import Loaded

Digest = Callable[[], Optional[str]]
_REFUSED = "Failed to reload server configuration"
_RELOADED = "Reloaded server configuration"


class NotProved(NatsError):
    """The server did not come to run what it was given; the message carries its last words, without secrets."""


@dataclass(frozen=True)
class Switched:
    """changed: files, the symlink or the server were (would be) touched."""

    name: str
    changed: bool
    decision: Decision
    found: Surveyed
    reasons: tuple[str, ...]
    removed: tuple[str, ...] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)


def switch(deployment: Deployment, check_mode: bool) -> Switched:
    """Switch the staged release in, act, prove it, or roll back and raise NotProved. Call with the lock held."""
    wanted, releases = deployment.wanted, deployment.releases
    name = wanted.release_name
    contents = releases.contents(name)
    if contents is None and check_mode and wanted.release is not None:
        contents = wanted.release.contents()
    if contents is None and check_mode:
        return _not_staged_yet(deployment, name)
    if contents is None:
        raise NatsError(f"release {name} is not staged on this host: stage it first (state staged)")
    found = deployment.survey()
    decision = deployment.decide(found, contents)
    reasons = _reasons(found, name, decision)
    before = {"current": found.current or "", "server": "running" if found.running else "stopped"}
    done = Switched(
        name, bool(reasons), decision, found, tuple(reasons), (), before, {"current": name, "server": "running"}
    )
    if check_mode or not reasons:
        return done
    secrets = deployment.secrets(contents, releases.contents(found.current), releases.contents(found.loaded_name))
    _apply(deployment, found, decision, contents, secrets)
    if found.enabling:
        deployment.service.enable(check_mode=False)
    removed = releases.prune(wanted.keep, (name, found.current))
    return Switched(name, True, decision, found, tuple(reasons), tuple(removed), before, done.after)


def _not_staged_yet(deployment: Deployment, name: str) -> Switched:
    """In check mode the release was not written, so what the server needs can't be told here; staging told it."""
    found = deployment.survey()
    decision = Decision("unknown" if found.running else START)
    return Switched(name, True, decision, found, tuple(_reasons(found, name, decision)))


def _reasons(found: Surveyed, name: str, decision: Decision) -> list[str]:
    reasons = (
        [] if found.current == name else [f"release {name} is switched in, before it was {found.current or 'none'}"]
    )
    reasons += outside_reasons(found)
    return reasons + [reason for reason in decision.reasons if reason not in reasons]


def _apply(
    deployment: Deployment, found: Surveyed, decision: Decision, contents: Mapping[str, bytes], secrets: Secrets
) -> None:
    wanted, releases = deployment.wanted, deployment.releases
    old_system = [_as_it_is(file) for file in wanted.system_files if file.path in found.system_differences]
    mark = deployment.service.mark()

    def digest() -> Optional[str]:
        """Asked when the server answers, as asking makes folders that the server must make."""
        return deployment.validator.digest_of_current(contents, secrets)

    try:
        _write_system(deployment, [file for file in wanted.system_files if file.path in found.system_differences])
        if found.current != wanted.release_name:
            releases.switch(wanted.release_name)
        proved = _act(deployment, decision.action, found.varz, digest, mark)
    except (NatsError, OSError) as error:
        said = last_lines(deployment.service.log_since(mark), secrets=secrets)
        outcome = _roll_back(deployment, found, decision, [old for old in old_system if old is not None])
        words = secrets.hide(str(error))
        raise NotProved(f"{words}{_quoted(said)}\n{outcome}") from error
    system = {file.path: checksum(file.content) for file in wanted.system_files if is_unit(file.path)}
    releases.note_loaded(Loaded(wanted.release_name, proved.config_digest if proved else None, system))


def _quoted(said: str) -> str:
    return f"; the server's last words:\n{said}" if said else "; the server said nothing"


def _as_it_is(file: WantedFile) -> Optional[WantedFile]:
    place = Path(file.path)
    if not place.is_file():
        return None
    return WantedFile(file.path, place.read_bytes(), place.stat().st_mode & 0o7777, secret=file.secret)


def _write_system(deployment: Deployment, files: list[WantedFile]) -> None:
    for file in files:
        place = Path(file.path)
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_file(place, file)
    if any(is_unit(file.path) for file in files):
        deployment.service.read_units()


def _act(deployment: Deployment, action: str, before: Optional[Varz], digest: Digest, mark: LogMark) -> Optional[Varz]:
    """Do what was decided and prove it; returns what the server then says of itself."""
    service, wanted = deployment.service, deployment.wanted
    if action in (START, RESTART):
        if find_binary(wanted.binary) is None:
            raise ServiceError(f"there is no nats-server at {wanted.binary}")
        service.restart(wanted.lame_duck, _patience(wanted.start_timeout)) if action == RESTART else service.start()
        return prove_start(deployment, before, digest, wanted.start_timeout)
    if action == RELOAD:
        service.reload()
        return prove_reload(deployment, before, digest, mark, wanted.start_timeout)
    return deployment.ask_varz()


def _patience(start_timeout: float) -> float:
    """How long a server may take to end: lame duck mode takes two minutes where nothing else is said."""
    return max(150.0, start_timeout)


def prove_start(deployment: Deployment, before: Optional[Varz], digest: Digest, timeout: float) -> Optional[Varz]:
    """Wait until a new server process answers, healthy, with the configuration that lies in ``current``."""
    missing = "it does not answer"

    def look() -> Optional[Varz]:
        nonlocal missing
        if deployment.monitor is None:
            missing = "its process ended"
            return None
        try:
            varz = deployment.monitor.varz()
            health = deployment.monitor.health("js-enabled-only=true")  # 2.10 wants a meta leader for js-server-only
        except Unreachable as error:
            missing = str(error)
            return None
        if before is not None and varz.server_id == before.server_id:
            missing = "the old process still answers"
        elif not _has(varz, digest):
            missing = f"{varz.name} answers with another configuration: another server has its monitoring port"
        elif not health.ok:
            missing = f"/healthz says {health.status} {health.error}"
        else:
            return varz
        return None

    def alive() -> bool:
        return deployment.service.state().running

    if deployment.monitor is None:
        time.sleep(min(2.0, timeout))
        if alive():
            return None
        raise NotProved("the server did not stay up")
    return _poll(look, alive, timeout, lambda: f"the server did not come up: {missing}")


def any_digest() -> Optional[str]:
    """Where it does not matter what is loaded."""
    return None


def _has(varz: Varz, digest: Digest) -> bool:
    """Whether the server runs what it should; before 2.11 neither it nor its check tells."""
    if not varz.config_digest:
        return True
    wanted = digest()
    return wanted is None or wanted == varz.config_digest


def prove_reload(
    deployment: Deployment, before: Optional[Varz], digest: Digest, mark: LogMark, timeout: float
) -> Optional[Varz]:
    """Wait until the time of the loaded configuration moved and its digest is that of ``current``."""

    def look() -> Optional[Varz]:
        varz = deployment.ask_varz()
        if varz is None or before is None or varz.config_load_time == before.config_load_time:
            return None
        return varz if _has(varz, digest) else None

    def wanting() -> bool:
        return _REFUSED not in deployment.service.log_since(mark) and deployment.service.state().running

    if deployment.monitor is None or before is None:
        return _prove_by_log(deployment, mark, timeout)
    return _poll(look, wanting, timeout, lambda: "the server refused to reload, or did not within the time")


def _prove_by_log(deployment: Deployment, mark: LogMark, timeout: float) -> Optional[Varz]:
    end = time.monotonic() + timeout
    while time.monotonic() < end and deployment.service.state().running:
        said = deployment.service.log_since(mark)
        if _REFUSED in said:
            break
        if _RELOADED in said:
            return deployment.ask_varz()
        time.sleep(0.2)
    raise NotProved("the server did not say that it reloaded")


def _poll(
    look: Callable[[], Optional[Varz]], worth_waiting: Callable[[], bool], timeout: float, complaint: Callable[[], str]
) -> Varz:
    """Ask until there is an answer; give up when the time is over or the server is gone twice in a row."""
    end, gone, pause = time.monotonic() + timeout, 0, 0.05
    while True:
        varz = look()
        if varz is not None:
            return varz
        gone = 0 if worth_waiting() else gone + 1
        if gone > 1 or time.monotonic() >= end:
            raise NotProved(complaint())
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _previous(deployment: Deployment, found: Surveyed) -> Optional[str]:
    """The release to go back to: the one that was proved last, else the one that was switched in."""
    names = [name for name in (found.loaded_name, found.current) if name]
    others = [name for name in names if name != deployment.wanted.release_name]
    return next((name for name in [*others, *names] if deployment.releases.contents(name) is not None), None)


def _roll_back(deployment: Deployment, found: Surveyed, decision: Decision, old_system: list[WantedFile]) -> str:
    """Bring the previous release back; returns what became of it. A first release that fails is stopped."""
    releases, service, wanted = deployment.releases, deployment.service, deployment.wanted
    try:
        _write_system(deployment, old_system)
        previous = _previous(deployment, found)
        releases.switch(previous)
        if previous is None or (decision.action == START and not found.running and previous == wanted.release_name):
            service.stop(lame_duck=False, timeout=20.0)
            return "Nothing ran before it, so the server is stopped; the release stays staged."
        varz = deployment.ask_varz()
        unmoved = (
            varz
            and found.varz
            and (varz.server_id, varz.config_load_time)
            == (
                found.varz.server_id,
                found.varz.config_load_time,
            )
        )
        if unmoved:
            return f"Rolled back to release {previous}, which the server never left."
        if decision.action == RELOAD and service.state().running:
            mark = service.mark()
            service.reload()
            prove_reload(deployment, varz, any_digest, mark, wanted.start_timeout)
        elif found.running or decision.action == START:
            service.stop(lame_duck=False, timeout=20.0)
            service.start()
            prove_start(deployment, varz, any_digest, wanted.start_timeout)
    except (NatsError, OSError) as error:
        return f"Rolling back to release {found.current} failed too: {error}"
    return f"Rolled back to release {previous}, which runs."
