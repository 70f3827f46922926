# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching: a staged release becomes the running one, is proved, or everything goes back to how it was."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Optional

from ..plan.errors import NatsError
from .decide import NONE, RELOAD, RESTART, START, Decision
from .deployment import Deployment, Surveyed, checksum, is_unit
from .files import WantedFile, write_file
from .host import binary_version, find_binary, is_replaced
from .keys.served import drop_unused
from .monitor import Varz
from .proving import Digest, NotProved, Proof, any_digest, prove_reload, prove_start
from .scrub import Secrets, last_lines
from .service import LogMark, ServiceError
from .staging import outside_reasons
from .transaction import Loaded


@dataclass(frozen=True)
class Switched:
    """changed: files, the symlink or the server were (would be) touched."""

    name: str
    changed: bool
    decision: Decision
    found: Surveyed
    reasons: tuple[str, ...]
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
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
    after = {"current": name, "server": "running"}
    done = Switched(name, bool(reasons), decision, found, tuple(reasons), before=before, after=after)
    if check_mode or not reasons:
        return done
    secrets = deployment.secrets(contents, releases.contents(found.current), releases.contents(found.loaded_name))
    drops = deployment.plan_store(found, contents).drops
    proof = _apply(deployment, found, decision, contents, secrets)
    if found.enabling:
        deployment.service.enable(check_mode=False)
    outdated = deployment.store.outdated() if deployment.store and drops else []
    needed = [each for each in (name, found.current) if each not in outdated]
    removed = [*releases.remove(outdated), *releases.prune(wanted.keep, needed), *drop_unused(releases)]
    return replace(done, removed=tuple(removed), warnings=proof.warnings)


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
) -> Proof:
    wanted, releases, programs = deployment.wanted, deployment.releases, deployment.programs
    store, plan = deployment.store, deployment.plan_store(found, contents)
    old_system = [_as_it_is(file) for file in wanted.system_files if file.path in found.system_differences]
    mark = deployment.service.mark()

    @functools.lru_cache(maxsize=1)
    def digest() -> Optional[str]:
        """Asked when the server answers, as asking makes folders that the server must make."""
        return deployment.validator.digest_of_current(contents, secrets)

    try:
        _write_system(deployment, [file for file in wanted.system_files if file.path in found.system_differences])
        if store:
            store.begin(plan, deployment.service, wanted.lame_duck, _patience(wanted.start_timeout))
        # The program first: it knows what the release before says, but the one before may not know what this one says.
        programs.switch_in(deployment.service.state().pid)
        if found.current != wanted.release_name:
            releases.switch(wanted.release_name)
        proof = _act(deployment, decision.action, found.varz, digest, mark)
        if found.coming or found.unproved:
            proof = proof if decision.action != NONE else prove_start(deployment, None, digest, wanted.start_timeout)
            programs.prove_running(deployment.service.state().pid)
        if plan.drops:
            proof = _proved_well(deployment, decision.action, proof, digest)
    except (NatsError, OSError) as error:
        said = last_lines(deployment.service.log_since(mark), secrets=secrets)
        outcome = _roll_back(deployment, found, decision, [old for old in old_system if old is not None])
        words = secrets.hide(str(error))
        raise NotProved(f"{words}{_quoted(said)}\n{outcome}") from error
    programs.forget()
    system = {file.path: checksum(file.content) for file in wanted.system_files if is_unit(file.path)}
    releases.note_loaded(Loaded(wanted.release_name, proof.varz.config_digest if proof.varz else None, system))
    if store and plan.drops:
        store.finish()
    return proof


def _proved_well(deployment: Deployment, action: str, proof: Proof, digest: Digest) -> Proof:
    """Before data are deleted, the server must be well with those that it made instead."""
    if action not in (START, RESTART):
        proof = prove_start(deployment, None, digest, deployment.wanted.start_timeout)
    if proof.warnings and deployment.monitor:
        raise NotProved(proof.warnings[0])
    return proof


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


def _act(deployment: Deployment, action: str, before: Optional[Varz], digest: Digest, mark: LogMark) -> Proof:
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
    return Proof(deployment.ask_varz())


def _patience(start_timeout: float) -> float:
    """How long a server may take to end: lame duck mode takes two minutes where nothing else is said."""
    return max(150.0, start_timeout)


def _previous(deployment: Deployment, found: Surveyed) -> Optional[str]:
    """The release to go back to: the one that was proved last, else the one that was switched in."""
    names = [name for name in (found.loaded_name, found.current) if name]
    others = [name for name in names if name != deployment.wanted.release_name]
    return next((name for name in [*others, *names] if deployment.releases.contents(name) is not None), None)


def _roll_back(deployment: Deployment, found: Surveyed, decision: Decision, old_system: list[WantedFile]) -> str:
    """Bring the previous release back; returns what became of it. A first release that fails is stopped."""
    releases, service, wanted = deployment.releases, deployment.service, deployment.wanted
    try:
        previous = _previous(deployment, found)
        if deployment.store and not deployment.store.opens(previous):
            return (
                f"Not rolled back to release {previous}: JetStream's data are encrypted by now, and it has no key. Put "
                "right what the server says, and deploy again."
            )
        _write_system(deployment, old_system)
        if deployment.store:
            deployment.store.clear(previous, service)
        releases.switch(previous)
        is_back = deployment.programs.take_back()
        if deployment.store:
            deployment.store.put_back(previous)
        is_same = decision.action == START and not found.running and previous == wanted.release_name and not is_back
        if previous is None or is_same:
            service.stop(lame_duck=False, timeout=20.0)
            return "Nothing ran before it, so the server is stopped; the release stays staged."
        varz = deployment.ask_varz()
        if _unmoved(found.varz, varz) and not (is_back and _runs_another(deployment)):
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
    with_program = f" with nats-server {binary_version(deployment.programs.in_place)}" if is_back else ""
    return f"Rolled back to release {previous}{with_program}, which runs."


def _unmoved(before: Optional[Varz], after: Optional[Varz]) -> bool:
    """Whether the same server still runs what it had loaded before."""
    if before is None or after is None:
        return False
    return (before.server_id, before.config_load_time) == (after.server_id, after.config_load_time)


def _runs_another(deployment: Deployment) -> bool:
    """Whether the server runs another program than the one that is in place."""
    pid = deployment.service.state().pid
    return bool(pid and is_replaced(pid, deployment.programs.in_place))
