# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream's data through a change of their key: set aside, made anew from other servers, deleted or put back.

nats-server reads data with the key that they were written with and no other: with another one a clustered server
ends, and one that stands alone runs without its streams (measured, 2.12 to 2.15). So data whose key changes are set
aside while the server is stopped, renamed within JetStream's folder to ``.aside-RELEASE`` for the release that they
were written under, and only then is the new release switched in. Wherever a run is killed, what is on disk then tells
which key each of the two opens with:

- ``jetstream`` alone was written under the release that was proved last;
- beside something that is set aside, it was written under the release that is switched in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from ..plan.errors import NatsError
from ..plan.writing import sync_folder
from .decide import RESTART, Decision
from .environment import parse_environment
from .service import Service
from .transaction import Releases

_INNER = "jetstream"
_ASIDE = ".aside-"
_DOOMED = ".doomed-"
KEEP, ASIDE, BACK = "keep", "aside", "back"


class KeyChanges(NatsError):
    """The wanted configuration could not read the data that are there."""


@dataclass(frozen=True)
class StoreWish:
    """path: JetStream's store_dir. variable: of the environment, with its key.

    fresh: whether data of another key may be set aside and made anew.
    """

    path: str
    variable: str
    fresh: bool = False


@dataclass(frozen=True)
class StoreSeen:
    """What lies on disk. written: the key that data in their place open with (None: not known).

    aside: releases that data which were set aside were written under, with their keys. doomed: some are half deleted.
    """

    there: bool
    encrypted: bool
    written: Optional[str] = field(repr=False)
    aside: Mapping[str, Optional[str]] = field(default_factory=dict, repr=False)
    doomed: bool = False


@dataclass(frozen=True)
class StorePlan:
    """action: keep, aside or back (with ``release``: whose data). drops: what is aside goes once the server runs."""

    action: str = KEEP
    release: Optional[str] = None
    drops: bool = False


def judge(seen: StoreSeen, wanted: Optional[str], fresh: bool, running: bool) -> Optional[StorePlan]:
    """What becomes of the data when the server gets the key ``wanted``; None where it could not read them."""
    drops = bool(seen.aside) or seen.doomed
    if not seen.there:
        return _without_data(seen, wanted, fresh, drops) if not running else StorePlan()
    if seen.written is None or seen.written == wanted:
        return StorePlan(drops=drops)
    if not seen.encrypted and not seen.aside:
        return StorePlan(drops=drops)
    return StorePlan(ASIDE, drops=True) if fresh else None


def _without_data(seen: StoreSeen, wanted: Optional[str], fresh: bool, drops: bool) -> Optional[StorePlan]:
    """A server that was stopped, and maybe its data set aside, but not started since."""
    back = [release for release, key in seen.aside.items() if key == wanted]
    if back:
        return StorePlan(BACK, back[-1])
    return StorePlan(drops=drops) if fresh or not seen.aside or seen.written == wanted else None


@dataclass(frozen=True)
class Store:
    """The data of one server, and the releases that say which keys they were written with."""

    wish: StoreWish
    releases: Releases
    environment_file: Optional[str]

    @property
    def folder(self) -> Path:
        """Where nats-server has its data: below what the configuration names (server/jetstream.go)."""
        return Path(self.wish.path) / _INNER

    def key(self, contents: Optional[Mapping[str, bytes]]) -> Optional[str]:
        """JetStream's key in a release."""
        text = (contents or {}).get(self.environment_file or "", b"")
        return parse_environment(text.decode("utf-8", "replace")).get(self.wish.variable)

    def plan(self, wanted: Mapping[str, bytes], running: bool, started: bool) -> StorePlan:
        """What becomes of the data with the release ``wanted``. started: the server started with the one switched in.

        Raises KeyChanges where the data could not be read, NatsError where they can't be set aside.
        """
        aside = {release: self.key(self.releases.contents(release)) for release in self._aside()}
        key, written = self.key(wanted), self._written(bool(aside) or started)
        # Looking into the store is only needed where keys differ.
        encrypted = written != key and is_encrypted(self.folder)
        seen = StoreSeen(self.folder.is_dir(), encrypted, written, aside, bool(self._named(_DOOMED)))
        plan = judge(seen, key, self.wish.fresh, running)
        if plan is None:
            raise KeyChanges(self._refusal(key))
        if plan.action == ASIDE:
            self._refuse_foreign()
        return plan

    def _written(self, under_current: bool) -> Optional[str]:
        """The key of the data in their place."""
        current = self.key(self.releases.contents(self.releases.current()))
        if under_current:
            return current
        loaded = self.releases.loaded()
        return (self.key(self.releases.contents(loaded.release)) if loaded else None) or current

    def _refusal(self, key: Optional[str]) -> str:
        if key is None:
            return (
                f"JetStream's encryption would end, and what is in {self.folder} is encrypted: the server could not "
                "read it. Leave encryption on, or have each server leave the cluster and come back empty (remove_node, "
                "decommission with its data, deploy). Nothing was switched"
            )
        return (
            f"JetStream's key changes, and what is in {self.folder} was written with another one: the server could not "
            "read it. Run aegis.nats.rotate_jetstream_key, which has one server after another make its data anew from "
            "the others, and which also finishes a rotation that was stopped. Nothing was switched"
        )

    def _refuse_foreign(self) -> None:
        if self.folder.is_symlink() or os.path.ismount(self.folder):
            raise NatsError(
                f"{self.folder}: is a link or a mount, so it can't be set aside: mount at {self.wish.path} instead, or "
                "above it. Nothing was changed"
            )

    def decision(self, plan: StorePlan) -> Decision:
        """What it means for the server, in words."""
        reasons = []
        if plan.action == ASIDE:
            reasons.append(
                f"JetStream's key changes: {self.folder} is set aside, made anew from the other servers, "
                "and then deleted"
            )
        elif plan.action == BACK:
            reasons.append(f"{self.folder} is put back: a run that was stopped had set it aside")
        elif plan.drops:
            reasons.append(f"{self.folder}: what a run that was stopped had set aside is deleted")
        return Decision(RESTART if plan.action == ASIDE else "none", tuple(reasons))

    def begin(self, plan: StorePlan, service: Service, lame_duck: bool, patience: float) -> None:
        """Stop the server and move its data, before another release is switched in."""
        if plan.action == ASIDE:
            service.stop(lame_duck, patience)
            place = self._place(self.releases.current() or "")
            if place.exists():
                self._delete(place)
            self._move(self.folder, place)
        elif plan.action == BACK and plan.release:
            self._move(self._place(plan.release), self.folder)

    def opens(self, release: Optional[str]) -> bool:
        """Whether a release could read the data: a server that was given a key has begun to encrypt what was not."""
        has_key = release is None or self.key(self.releases.contents(release)) is not None
        return has_key or not is_encrypted(self.folder)

    def clear(self, previous: Optional[str], service: Service) -> None:
        """Where the release to go back to has its data set aside: stop the server, and delete those made since."""
        if self._aside_of(previous) is not None:
            service.stop(lame_duck=False, timeout=20.0)
            if self.folder.exists():
                self._delete(self.folder)

    def put_back(self, previous: Optional[str]) -> None:
        """After the release to go back to is switched in: its data come back."""
        place = self._aside_of(previous)
        if place is not None and not self.folder.exists():
            self._move(place, self.folder)

    def finish(self) -> None:
        """The server runs with its new data: what was set aside goes."""
        for place in [*map(self._place, self._aside()), *self._named(_DOOMED)]:
            self._delete(place)

    def outdated(self) -> list[str]:
        """Releases with another key than the one in use: nothing is left that it opens."""
        key = self.key(self.releases.contents(self.releases.current()))
        keys = {name: self.key(self.releases.contents(name)) for name in self.releases.names()}
        return [name for name, other in keys.items() if other not in (None, key)]

    def _aside_of(self, release: Optional[str]) -> Optional[Path]:
        """What was set aside under a release with the key of ``release``."""
        key = self.key(self.releases.contents(release)) if release else None
        same = [each for each in self._aside() if key and self.key(self.releases.contents(each)) == key]
        return self._place(same[-1]) if same else None

    def _place(self, release: str) -> Path:
        return Path(self.wish.path) / f"{_ASIDE}{release}"

    def _aside(self) -> list[str]:
        """Releases under which data were written that are set aside, oldest first."""
        return [place.name[len(_ASIDE) :] for place in self._named(_ASIDE)]

    def _named(self, prefix: str) -> Sequence[Path]:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            places = [place for place in Path(self.wish.path).iterdir() if place.name.startswith(prefix)]
            return sorted(places, key=lambda place: (place.lstat().st_ctime, place.name))
        return []

    def _move(self, place: Path, to: Path) -> None:
        place.rename(to)
        sync_folder(to.parent)

    def _delete(self, place: Path) -> None:
        """Under another name first: half of what was set aside must not look like the whole."""
        doomed = place
        if not place.name.startswith(_DOOMED):
            doomed = place.with_name(f"{_DOOMED}{place.name.lstrip('.')}")
            if doomed.exists():
                shutil.rmtree(doomed)
            self._move(place, doomed)
        shutil.rmtree(doomed)
        sync_folder(doomed.parent)


def is_encrypted(folder: Path) -> bool:
    """Whether anything in a store was written with a key: there is a file with its own then (server/filestore.go)."""
    return any(True for _dummy in _keys(folder))


def _keys(folder: Path) -> Iterator[Path]:
    for pattern in ("*/_js_/*/meta.key", "*/streams/*/meta.key"):
        yield from folder.glob(pattern)
