# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read and write the files of a server: keys, configuration, creds, data, logs."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from ..host import group_name, user_name
from ..scrub import SEED

_SEED = re.compile(SEED.encode())
_MOST_FILES = 20_000
_HEAD = 64 * 1024


@dataclass(frozen=True)
class Place:
    """A file or folder. problem: who may do what they should not, or nothing."""

    path: str
    what: str
    mode: str
    owner: str
    group: str
    problem: str = ""


def look(
    path: str, what: str, run_as: str, readable_by_all: bool = False, keeper: str = "runs the server"
) -> Optional[Place]:
    """None when it is not there. run_as: who ``keeper`` says; it and root may own the place."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    owner, group = user_name(found.st_uid), group_name(found.st_gid)
    mode = stat.S_IMODE(found.st_mode)
    problem = ""
    if mode & stat.S_IROTH and not readable_by_all:
        problem = "everybody on the host may read it"
    elif mode & stat.S_IXOTH and not readable_by_all and stat.S_ISDIR(found.st_mode):
        problem = "everybody on the host may enter it"
    if mode & stat.S_IWOTH and not (mode & stat.S_ISVTX):
        problem = "everybody on the host may write it"
    elif owner not in (run_as, "root"):
        problem = problem or f"it belongs to {owner}, who neither is root nor {keeper}"
    return Place(path, what, f"{mode:04o}", owner, group, problem)


def lying_about(folders: Iterable[str], run_as: str) -> list[Place]:
    """Files with a seed (creds, nk files) below some folders, wherever they are readable by others than their owner."""
    found = []
    for path in _files(folders):
        with contextlib.suppress(OSError):
            mode = os.lstat(path).st_mode
            if not stat.S_ISREG(mode) or not mode & (stat.S_IRGRP | stat.S_IROTH):
                continue
            with open(path, "rb") as file:
                if _SEED.search(file.read(_HEAD)):
                    place = look(path, "seed", run_as)
                    if place:
                        wide = place.problem or "its group may read it"
                        found.append(Place(path, "seed", place.mode, place.owner, place.group, wide))
    return found


def _files(folders: Iterable[str]) -> Iterator[str]:
    """At most so many that a wrong folder does no harm."""
    left = _MOST_FILES
    for folder in dict.fromkeys(folders):
        for parent, below, names in os.walk(folder):
            below.sort()
            for name in sorted(names):
                left -= 1
                if left < 0:
                    return
                yield os.path.join(parent, name)
