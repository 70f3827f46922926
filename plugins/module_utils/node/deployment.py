# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shall run, what it has, and the decision that follows: shared by staging and switching."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from .comparing import comparer
from .decide import NONE, START, Decision, Evidence, asked_for, combine, decide
from .files import NOBODY_NAMED, Ownership, WantedDirectory, WantedFile, file_differences
from .gates import jetstream_of
from .host import binary_version, find_binary, is_replaced
from .monitor import Monitor, Unreachable, Varz
from .program import Coming, Programs
from .release import Release
from .scrub import Secrets, secrets_of
from .service import Service
from .store import Store, StorePlan
from .transaction import Loaded, Releases
from .validate import Validator


@dataclass(frozen=True)
class Wanted:
    """The wanted state of one server. release: its files, or None where a staged one is only named (``name``).

    program: one that takes the place of ``binary`` with the release. program_coming: in check mode, it is not there
    yet; version: which it is. restart_before: a server that was started before this moment is restarted whatever else
    it needs.
    """

    config_dir: str
    config_file: str
    binary: str
    release: Optional[Release] = None
    name: Optional[str] = None
    environment_file: Optional[str] = None
    system_files: tuple[WantedFile, ...] = ()
    directories: tuple[WantedDirectory, ...] = ()
    ownership: Ownership = NOBODY_NAMED
    run_as: Ownership = NOBODY_NAMED
    version: Optional[str] = None
    keep: int = 3
    start_timeout: float = 30.0
    lame_duck: bool = True
    enabled: bool = True
    validate: bool = True
    program: Optional[str] = None
    program_coming: bool = False
    restart_before: Optional[datetime] = None

    @property
    def release_name(self) -> str:
        return self.release.name if self.release else self.name or ""


@dataclass(frozen=True)
class Surveyed:
    """What was found on the host. coming, unproved: of the program, see Programs."""

    running: bool
    varz: Optional[Varz]
    current: Optional[str]
    loaded: Optional[Loaded]
    binary_version: Optional[str]
    system_differences: Mapping[str, list[str]] = field(default_factory=dict)
    leads_meta: bool = False
    enabling: bool = False
    replaced: bool = False
    coming: Optional[Coming] = None
    unproved: bool = False

    @property
    def program_version(self) -> Optional[str]:
        """The version that the wanted release is going to run with."""
        return self.coming.version if self.coming else self.binary_version

    @property
    def loaded_name(self) -> Optional[str]:
        return self.loaded.release if self.loaded else None


@dataclass(frozen=True)
class Deployment:
    """A wanted server and the means to bring it about."""

    wanted: Wanted
    releases: Releases
    service: Service
    monitor: Optional[Monitor]
    store: Optional[Store] = None

    @property
    def programs(self) -> Programs:
        wanted = self.wanted
        return Programs(
            wanted.binary, wanted.program, Coming(wanted.version or None) if wanted.program_coming else None
        )

    @property
    def validator(self) -> Validator:
        wanted = self.wanted
        return Validator(
            self.programs.next,
            Path(wanted.config_dir),
            wanted.config_file,
            wanted.environment_file,
            wanted.run_as,
        )

    def ask_varz(self) -> Optional[Varz]:
        """/varz, or None when nothing answers."""
        try:
            return self.monitor.varz() if self.monitor else None
        except Unreachable:
            return None

    def _meta_leader(self) -> Optional[str]:
        try:
            return jetstream_of(self.monitor.jsz(streams=False)).meta_leader if self.monitor else None
        except Unreachable:
            return None

    def survey(self) -> Surveyed:
        """Look at the host; nothing is changed."""
        state = self.service.state()
        running = state.running
        varz = self.ask_varz() if running else None
        binary = find_binary(self.wanted.binary)
        differences = {file.path: file_differences(Path(file.path), file) for file in self.wanted.system_files}
        return Surveyed(
            running=running,
            varz=varz,
            current=self.releases.current(),
            loaded=self.releases.loaded(),
            binary_version=binary_version(binary) if binary else None,
            system_differences={path: found for path, found in differences.items() if found},
            leads_meta=bool(varz and varz.name == self._meta_leader()),
            enabling=self.wanted.enabled and self.service.enable(check_mode=True),
            replaced=bool(running and state.pid and binary and is_replaced(state.pid, binary)),
            coming=self.programs.coming(),
            unproved=self.programs.is_unproved(),
        )

    def secrets(self, *contents: Optional[Mapping[str, bytes]]) -> Secrets:
        """Every secret of the wanted release and of others."""
        files = self.wanted.release.files if self.wanted.release else {}
        hidden = {path for path, file in files.items() if file.secret}
        found = Secrets()
        for content in contents:
            found = found.join(secrets_of(content or {}, self.wanted.environment_file, hidden))
        return found

    def decide(self, found: Surveyed, contents: Mapping[str, bytes], drift: Optional[Decision] = None) -> Decision:
        """What the server needs to run ``contents`` as the wanted release."""
        wanted = self.wanted
        is_current = found.current == wanted.release_name
        switched_at = self.releases.switched_at()
        read_since = bool(is_current and found.varz and _after(found.varz.config_load_time, switched_at))
        # What was started since the last switch runs what is switched in, also where a killed run did not note it.
        started = self._started(found)
        loaded = found.current if started else found.loaded_name or (found.current if read_since else None)
        old = contents if loaded == wanted.release_name else self.releases.contents(loaded)
        due = combine([Decision(*found.loaded.due) if found.loaded else Decision(), drift or Decision()])
        evidence = Evidence(
            running=found.running,
            loaded=old,
            wanted=contents,
            environment_file=wanted.environment_file,
            loaded_since_switch=read_since,
            started_since_switch=is_current and started,
            running_version=found.varz.version if found.varz else None,
            binary_version=found.program_version,
            replaced=found.replaced,
            coming=found.coming is not None,
            unproved=found.unproved,
            stale_units=tuple(file.path for file in wanted.system_files if self._is_stale(file, found)),
            foreign_config=self._is_foreign(found) and due.action == NONE,
            due=due,
        )
        version = wanted.version or found.program_version or ""
        found_files = decide(evidence, comparer(Path(wanted.config_dir), wanted.config_file, version))
        return combine([found_files, self._asked(found, found_files), *self._data(found, contents)])

    def _asked(self, found: Surveyed, otherwise: Decision) -> Decision:
        """Whether a restart was asked for; a server that is started needs none."""
        before = self.wanted.restart_before
        if before is None or otherwise.action == START:
            return Decision()
        return asked_for(found.varz.start if found.varz else None, before)

    def _data(self, found: Surveyed, contents: Mapping[str, bytes]) -> list[Decision]:
        return [self.store.decision(self.plan_store(found, contents))] if self.store else []

    def plan_store(self, found: Surveyed, contents: Mapping[str, bytes]) -> StorePlan:
        """What becomes of JetStream's data; raises KeyChanges where the server could not read them."""
        if self.store is None:
            return StorePlan()
        return self.store.plan(contents, found.running, self._started(found))

    def _started(self, found: Surveyed) -> bool:
        """Whether the server was started since the last switch, and so with what is switched in."""
        return bool(found.varz and _after(found.varz.start, self.releases.switched_at()))

    @staticmethod
    def _is_foreign(found: Surveyed) -> bool:
        """The server, told to read its release once more, read something else than what was proved."""
        if not (found.loaded and found.varz and found.loaded.digest and found.varz.config_digest):
            return False
        return found.loaded.release == found.current and found.loaded.digest != found.varz.config_digest

    @staticmethod
    def _is_stale(file: WantedFile, found: Surveyed) -> bool:
        """A unit file that the running server was not started with."""
        if not is_unit(file.path):
            return False
        if found.loaded and found.loaded.system.get(file.path) == checksum(file.content):
            return False
        if "content differs" in found.system_differences.get(file.path, ()) or not Path(file.path).exists():
            return True
        started = found.varz.start if found.varz else None
        return not _after(started, Path(file.path).stat().st_mtime)


def is_unit(path: str) -> bool:
    """A file that systemd reads: a unit or a drop-in of one."""
    return path.endswith((".service", ".socket")) or path.rpartition("/")[0].endswith(".service.d")


def checksum(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _after(moment: Any, seconds: float) -> bool:
    return moment is not None and moment.timestamp() > seconds
