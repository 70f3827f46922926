# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases under the configuration folder: staged whole, switched by one rename, the last one that was loaded noted.

Layout: ``releases/<name>/``, ``current`` (a symlink to one of them) and ``loaded`` (what the server has proved to run).
A run may be killed anywhere: what it leaves is either not named by ``current`` (and swept by the next run) or complete.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..plan.lock import hold
from ..plan.writing import sync_folder
from .files import Ownership, WantedDirectory, WantedFile, ensure_directory, remove_tree, write_file
from .release import Drift, Release, read_contents


@dataclass(frozen=True)
class Loaded:
    """What the running server was last proved to have loaded.

    system: path to SHA-256 of the files outside the release. due: action and reasons that a repair of drift calls for.
    """

    release: str
    digest: Optional[str] = None
    system: Mapping[str, str] = field(default_factory=dict)
    due: tuple[str, tuple[str, ...]] = ("none", ())


class Releases:
    """The releases of one server."""

    def __init__(self, config_dir: str, ownership: Ownership) -> None:
        self.root = Path(config_dir)
        self.folder = self.root / "releases"
        self._link = self.root / "current"
        self._loaded = self.root / "loaded"
        self._ownership = ownership
        self._mode = 0o750 if ownership.group else 0o700

    @contextlib.contextmanager
    def locked(self, check_mode: bool, patience: float = 30.0) -> Iterator[None]:
        """Hold the lock and sweep what a killed run left; raises Busy. Check mode locks and sweeps nothing."""
        if check_mode:
            yield
            return
        ensure_directory(WantedDirectory(str(self.root), self._root_mode(), self._ownership))
        ensure_directory(WantedDirectory(str(self.folder), self._mode, self._ownership))
        with hold(self.root, patience):
            self._sweep()
            yield

    def _root_mode(self) -> int:
        """An existing folder keeps its mode: /etc/nats may be a role's own."""
        return self.root.stat().st_mode & 0o7777 if self.root.exists() else self._mode

    def _sweep(self) -> None:
        for place in self.folder.iterdir():
            if place.name.startswith(".check-") or place.name.endswith(".tmp"):
                remove_tree(place)

    def path(self, name: str) -> Path:
        """The folder of a release."""
        return self.folder / name

    def contents(self, name: Optional[str]) -> Optional[dict[str, bytes]]:
        """Contents of a release on disk; None when there is no such release."""
        return read_contents(self.path(name)) if name else None

    def current(self) -> Optional[str]:
        """The name of the release that is switched in."""
        try:
            return Path(os.readlink(self._link)).name
        except OSError:
            return None

    def switched_at(self) -> float:
        """When ``current`` was last switched, seconds since the epoch; 0 when never."""
        try:
            return self._link.lstat().st_mtime
        except OSError:
            return 0.0

    def stage(self, release: Release) -> None:
        """Write a release under a temporary name and rename it: it is there as a whole or not at all."""
        staged = self.path(f"{release.name}.tmp")
        remove_tree(staged)
        try:
            ensure_directory(WantedDirectory(str(staged), self._mode, self._ownership))
            self._write(staged, release.files)
            sync_folder(staged)
            staged.rename(self.path(release.name))
        except BaseException:
            remove_tree(staged)
            raise
        sync_folder(self.folder)

    def repair(self, release: Release, drift: Drift) -> None:
        """Put a staged release right, file by file."""
        for path in drift.foreign:
            (self.path(release.name) / path).unlink()
        self._write(self.path(release.name), {path: release.files[path] for path in drift.changed})

    def _write(self, folder: Path, files: Mapping[str, WantedFile]) -> None:
        for path, file in files.items():
            place = folder / path
            for parent in list(reversed(place.relative_to(folder).parents))[1:]:
                ensure_directory(WantedDirectory(str(folder / parent), self._mode, self._ownership))
            if place.is_dir() and not place.is_symlink():
                remove_tree(place)
            write_file(place, file)
            sync_folder(place.parent)

    def switch(self, name: Optional[str]) -> None:
        """Make ``current`` name another release, by one rename; None takes it away."""
        if name is None:
            with contextlib.suppress(FileNotFoundError):
                self._link.unlink()
        else:
            staged = self.root / ".current.new"
            with contextlib.suppress(FileNotFoundError):
                staged.unlink()
            staged.symlink_to(f"releases/{name}")
            os.replace(staged, self._link)
        sync_folder(self.root)

    def loaded(self) -> Optional[Loaded]:
        """What was last proved to be loaded, or None when that is not known."""
        try:
            value: Any = json.loads(self._loaded.read_text(encoding="utf-8"))
            due = value.get("due") or ["none", []]
            return Loaded(value["release"], value.get("digest"), value.get("system") or {}, (due[0], tuple(due[1])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def note_loaded(self, loaded: Loaded) -> None:
        """Write down what was proved; nothing is written when it is known already."""
        if loaded == self.loaded():
            return
        value = {
            "release": loaded.release,
            "digest": loaded.digest,
            "system": dict(loaded.system),
            "due": [loaded.due[0], list(loaded.due[1])],
        }
        content = (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()
        write_file(self._loaded, WantedFile(str(self._loaded), content, 0o640, self._ownership))
        sync_folder(self.root)

    def names(self) -> list[str]:
        """The releases that are there."""
        return sorted(place.name for place in self.folder.iterdir() if place.is_dir())

    def prune(self, keep: int, needed: Sequence[Optional[str]]) -> list[str]:
        """Remove old releases but the ``keep`` newest and those that are needed; returns the removed."""
        old = sorted(
            (name for name in self.names() if name not in needed), key=lambda name: -self.path(name).stat().st_mtime
        )
        return self.remove(old[keep:])

    def remove(self, names: Sequence[str]) -> list[str]:
        """Remove releases; returns them."""
        for name in names:
            remove_tree(self.path(name))
        return list(names)
