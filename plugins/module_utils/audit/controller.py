# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How keys, creds and passwords lie on the controller: who may read them, whether they are sealed, what else has them.

Nothing of their content is kept.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ..node.audit import places
from ..node.audit.users import claims_of
from ..node.host import user_name
from ..node.scrub import SEED
from ..plan.sealed import is_sealed
from .versioned import Versioned, versioned

_SEED = re.compile(SEED.encode())
_KEY = re.compile(rb"-----BEGIN (?:EC |RSA )?PRIVATE KEY-----")
_PASSPHRASE = re.compile(rb"-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED", re.MULTILINE)
_HEAD = 1024 * 1024
_MOST_FILES = 100_000
_KEEPER = "runs this"
#: What Ansible loads beside an inventory or a playbook.
_BESIDE = ("group_vars", "host_vars")


@dataclass(frozen=True)
class Secret:
    """A file with one. problem: who may do with it what they should not. sealed: by Ansible Vault or a passphrase."""

    path: str
    sealed: bool
    mode: str
    problem: str = ""


@dataclass(frozen=True)
class Place:
    """A folder with secrets. lies: what is wrong with the folder itself; problem: why nobody could look into it."""

    what: str
    path: str
    secrets: tuple[Secret, ...] = ()
    versioned: Versioned = field(default_factory=Versioned)
    lies: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Kept:
    """inventory: how many files of it were read; open: those with a key in clear text, by the line of the first."""

    places: tuple[Place, ...] = ()
    inventory: int = 0
    open: Mapping[str, int] = field(default_factory=dict)


def look(folders: Mapping[str, str], secrets: Sequence[str], inventory: Sequence[str]) -> Kept:
    """folders: what lies in each, by its path. secrets: those of them in which every file is one."""
    found = tuple(_look(what, path, path in secrets) for path, what in folders.items())
    opened: dict[str, int] = {}
    files = list(_inventory(inventory, [os.path.realpath(path) for path in folders]))
    for path in files:
        line = _line(_read(path))
        if line:
            opened[path] = line
    return Kept(found, len(files), opened)


def _look(what: str, path: str, all_of_it: bool) -> Place:
    root = os.path.realpath(path)
    if not os.access(root, os.R_OK | os.X_OK):
        return Place(what, path, problem="it can't be read, or is not there")
    me = user_name(os.geteuid())
    found = []
    for file in _files(root, ()):
        content = _read(file)
        if content is None:
            return Place(what, path, problem=f"{file} can't be read")
        sealed = is_sealed(content) or bool(_PASSPHRASE.search(content))
        if sealed or _is_secret(content) or (all_of_it and not _is_own(file)):
            found.append(_secret(file, sealed, me))
    opened = [secret.path for secret in found if not secret.sealed]
    # Who may read the names of what is in there does no harm, who may write puts keys of his own there.
    folder = places.look(root, what, me, readable_by_all=True, keeper=_KEEPER)
    lies = f"{folder.mode}: {folder.problem}" if folder and folder.problem else ""
    return Place(what, path, tuple(found), versioned(root, opened), lies)


def _is_secret(content: bytes) -> bool:
    """Seeds, private keys, and the token of a bearer, which is all that it takes to log in."""
    if content.startswith(b"eyJ"):
        return bool((claims_of(content.decode("ascii", "replace").strip()) or {}).get("bearer"))
    return bool(_SEED.search(content) or _KEY.search(content))


def _is_own(path: str) -> bool:
    """Locks and records of the folder itself, and what keeps a version control away."""
    return os.path.basename(path).startswith(".")


def _secret(path: str, sealed: bool, me: str) -> Secret:
    place = places.look(path, "secret", me, keeper=_KEEPER)
    if place is None:
        return Secret(path, sealed, "gone")
    problem = place.problem or ("its group may read it" if int(place.mode, 8) & stat.S_IRGRP else "")
    return Secret(path, sealed, place.mode, "" if sealed and "read" in problem else problem)


def _files(root: str, without: Sequence[str]) -> Iterator[str]:
    """Regular files; where a folder can't be listed, its own path, which can't be read either."""
    left = _MOST_FILES
    refused: list[str] = []
    for folder, below, names in os.walk(root, onerror=lambda error: refused.append(str(error.filename))):
        below[:] = sorted(name for name in below if os.path.join(folder, name) not in without and name != ".git")
        yield from refused
        refused.clear()
        for name in sorted(names):
            path = os.path.join(folder, name)
            left -= 1
            if left >= 0 and os.path.isfile(path) and not os.path.islink(path):
                yield path
    yield from refused


def _inventory(paths: Sequence[str], without: Sequence[str]) -> Iterator[str]:
    """The files of inventories and the variables beside them; what is no path is a list of hosts."""
    wanted: dict[str, None] = {}
    for path in paths:
        if os.path.exists(path):
            real = os.path.realpath(path)
            wanted[real] = None
            wanted.update(dict.fromkeys(str(Path(real).parent / name) for name in _BESIDE))
            wanted.update(dict.fromkeys(os.path.join(real, name) for name in _BESIDE))
    found: dict[str, None] = {}
    for path in wanted:
        if os.path.exists(path):
            found.update(dict.fromkeys([path] if os.path.isfile(path) else _files(path, without)))
    yield from found


def _read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read(_HEAD)
    except OSError:
        return None


def _line(content: Optional[bytes]) -> int:
    """Of the first key in clear text; 0 for none."""
    if content is None or is_sealed(content):
        return 0
    starts = [match.start() for match in (_SEED.search(content), _KEY.search(content)) if match]
    return content.count(b"\n", 0, min(starts)) + 1 if starts else 0
