# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host belongs to its server and goes with it: named one by one, as folders may be shared with others."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ..plan.lock import LOCK

#: What node_config and node_keys make in the configuration folder.
_CONFIG = ("current", ".current.new", "loaded", "releases", "keys", LOCK)


@dataclass(frozen=True)
class Places:
    """Where everything of one server lies. data: folders whose loss can't be made good again."""

    config_dir: str
    units: tuple[str, ...] = ()
    log_file: Optional[str] = None
    pid_file: Optional[str] = None
    data: tuple[str, ...] = ()
    # Folders that are removed when nothing of others is in them.
    folders: tuple[str, ...] = ()
    # Programs beside the one that stays, left by a change that was killed.
    programs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removal:
    """paths: what goes, in its order. kept: what stays behind, and why."""

    paths: tuple[str, ...]
    kept: tuple[str, ...] = field(default=())


def plan(places: Places, with_data: bool) -> Removal:
    """What is there and goes. A folder goes when everything in it does."""
    gone = [path for path in _files(places) if os.path.lexists(path)]
    data = [path for path in places.data if os.path.lexists(path)]
    kept = [] if with_data else [f"{path}: data" for path in data if _filled(Path(path))]
    gone += data if with_data else [path for path in data if not _filled(Path(path))]
    for folder in (places.config_dir, *places.folders):
        place = Path(folder)
        if not place.is_dir() or place.is_symlink() or folder in gone:
            continue
        left = [each for each in sorted(place.iterdir()) if str(each) not in gone]
        if not left:
            gone.append(folder)
        kept += [f"{each}: not of this server" for each in left if not _holds(each, places.data)]
    return Removal(tuple(dict.fromkeys(gone)), tuple(dict.fromkeys(kept)))


def _filled(place: Path) -> bool:
    return place.is_dir() and any(place.iterdir())


def _holds(place: Path, data: Sequence[str]) -> bool:
    return any(Path(each) == place or place in Path(each).parents for each in data)


def _files(places: Places) -> Iterator[str]:
    yield from places.units
    yield from places.programs
    yield from (str(Path(places.config_dir) / name) for name in _CONFIG)
    if places.pid_file:
        yield places.pid_file
    if places.log_file:
        log = Path(places.log_file)
        yield str(log)
        yield str(log.with_name("startup.log"))
        # Those that were full: their names go on with the moment.
        yield from sorted(str(each) for each in log.parent.glob(f"{log.name}.*"))


def carry_out(removal: Removal) -> None:
    """Remove it; what is gone already is fine. A folder that is a mount is emptied, and stays."""
    for path in removal.paths:
        place = Path(path)
        if place.is_dir() and not place.is_symlink():
            _remove_folder(place)
        else:
            with contextlib.suppress(FileNotFoundError):
                place.unlink()


def _remove_folder(place: Path) -> None:
    if not os.path.ismount(place):
        shutil.rmtree(place)
        return
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
