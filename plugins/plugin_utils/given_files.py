# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's own certificate files of a server, read on the controller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

from ..module_utils.node import listeners
from ..module_utils.node.checks import covering
from ..module_utils.node.checks.reader import PREFIX, Reader
from ..module_utils.pki import given, libraries
from ..module_utils.pki.given import Given
from ..module_utils.pki.profiles import Profile
from ..module_utils.plan.errors import SealError
from ..module_utils.plan.problems import Problem
from .seal import VaultSeal

_VARIABLE = f"{PREFIX}tls_files"
#: Purpose -> how the variables of its listener begin, where it has some.
_PREFIXES = {"client": "tls_", "route": "cluster_tls_"}


@dataclass(frozen=True)
class GivenFiles:
    """What was found. certified: by the prefix of a listener's variables, path and key_type of what it shows."""

    problems: list[Problem] = field(default_factory=list)
    certified: dict[str, dict[str, str]] = field(default_factory=dict)


def look_at_given(host: str, variables: Mapping[str, Any], loader: Any, now: datetime) -> GivenFiles:
    """The files that are not made by nats_pki, and what is wrong with them; nothing where cryptography is not there to
    read them.

    variables: those of one server, by their names without the prefix.
    """
    server = Reader(variables)
    files = server.raw("tls_files")
    if not isinstance(files, Mapping) or libraries.MISSING is not None:
        return GivenFiles()
    certified: dict[str, dict[str, str]] = {}
    own = [(name, profile) for name, profile in _purposes(server) if covering.is_own(server, profile.value)]
    reading = _Reading(loader)
    ca_path = str(files.get("ca") or "")
    ca = reading.content("ca", ca_path) if own else None
    if ca is not None:
        wrong = given.authority_problem(ca, ca_path)
        reading.found += [Problem(f"{_VARIABLE}.ca", wrong)] if wrong else []
    for name, profile in own:
        certificate_path, key_path = (str(files.get(f"{name}_{what}") or "") for what in ("certificate", "key"))
        certificate = reading.content(f"{name}_certificate", certificate_path)
        if certificate is None:
            continue
        one = Given(
            name=name,
            profile=profile,
            certificate_path=certificate_path,
            certificate=certificate,
            ca_path=ca_path,
            ca=ca,
            key_path=key_path,
            key=reading.content(f"{name}_key", key_path) if key_path else None,
            hosts=list(_hosts(host, server, profile)),
        )
        said = given.problems(one, now, covering.covered)
        reading.found += [Problem(f"{_VARIABLE}.{key}", sentence) for key, sentence in said]
        kind = given.key_type(one)
        if kind is not None and name in _PREFIXES:
            certified[_PREFIXES[name]] = {"path": certificate_path, "key_type": kind}
    return GivenFiles(reading.found, certified)


class _Reading:
    """Files of the controller; what can't be read is noted."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader
        self.found: list[Problem] = []

    def content(self, key: str, path: str) -> Optional[bytes]:
        """The opened content; None where there is none, or where the play can't open it and delivering will tell."""
        try:
            return VaultSeal(self._loader, None).open(Path(self._loader.path_dwim(path)).read_bytes(), path)
        except OSError as error:
            words = f"{path} can't be read on the controller: {error.strerror}"
            self.found.append(Problem(f"{_VARIABLE}.{key}", words))
        except SealError as error:
            self.found.append(Problem(f"{_VARIABLE}.{key}", str(error)))
        return None


def _purposes(server: Reader) -> Iterator[tuple[str, Profile]]:
    """The certificates that this server uses: as the variables call them, and what they must be good for."""
    if server.flag("tls", default=True):
        yield "client", Profile.SERVER
    if server.flag("cluster", default=True) and server.flag("cluster_tls", default=True):
        yield "route", Profile.ROUTE
    for profile in listeners.BLOCKS:
        yield profile, Profile(profile)


def _hosts(host: str, server: Reader, profile: Profile) -> Iterator[tuple[str, str]]:
    """By which names peers dial, and which variable says so."""
    if profile in (Profile.SERVER, Profile.ROUTE):
        yield server.text("address") or str(server.raw("ansible_host") or host), f"{PREFIX}address"
    for one in covering.dialled(server):
        if one.purpose == profile.value:
            yield one.host, f"{PREFIX}{one.variable}{one.below}"
