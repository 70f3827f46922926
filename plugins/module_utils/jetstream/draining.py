# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every stream moves off a server: its replica is made elsewhere, and given up here when that one has everything.

The server's own move does it (``$JS.API.ACCOUNT.STREAM.MOVE``, nats-server server/jetstream_api.go): messages stay, and
consumers come along with their state, those of one replica too. What is made on the server meanwhile is moved as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Callable

from ..plan.errors import NatsError
from ..resolver.conversation import Conversation
from .api import ApiError, request
from .peers import moving, streams_on, waits
from .servers import Asset, Seen, ask_all, named

_MOVE = "$JS.API.ACCOUNT.STREAM.MOVE.{}.{}"
# Catching up is what disks and network do; so many streams at once do not slow down those that work.
_AT_ONCE = 4
_LOOK = 0.5
# A move that was accepted shows a moment later; one that got lost with its leader is asked for again after this.
_AGAIN = 10.0

Key = tuple[str, str]


@dataclass
class Draining:
    """One run. asked: when each stream's move was asked for; moved: labels of the streams that have left."""

    talk: Conversation
    name: str
    patience: float
    progress: Callable[[str], None]
    asked: dict[Key, float] = field(default_factory=dict)
    labels: dict[Key, str] = field(default_factory=dict)

    async def run(self, seen: Seen) -> Seen:
        """Until nothing is left there and everything that moved is complete; raises NatsError when nothing moves."""
        clock = asyncio.get_running_loop().time
        last, moved_at = self._standing(seen), clock()
        while True:
            left, waiting = streams_on(seen, self.name), self._waiting(seen)
            if not left and not waiting:
                return seen
            if self._standing(seen) != last:
                last, moved_at = self._standing(seen), clock()
            if clock() - moved_at >= self.patience:
                raise NatsError(self._stuck(left, waiting))
            await self._ask(left, clock())
            await asyncio.sleep(_LOOK)
            seen = named(await ask_all(self.talk, self.patience, self.name), self.name)

    async def _ask(self, left: Sequence[Asset], now: float) -> None:
        """Ask for moves, a few at a time."""
        free = _AT_ONCE - sum(moving(asset) or now - self.asked.get(_key(asset), -_AGAIN) < _AGAIN for asset in left)
        for asset in left:
            key = _key(asset)
            if free <= 0 or moving(asset) or now - self.asked.get(key, -_AGAIN) < _AGAIN:
                continue
            free -= 1
            if key not in self.asked:
                self.progress(f"{self.name}: {asset.label} moves off ({len(left)} left)")
            self.asked[key] = now
            self.labels[key] = asset.label
            await self._move(asset)

    async def _move(self, asset: Asset) -> None:
        try:
            await request(self.talk, _MOVE.format(asset.account, asset.stream), {"server": self.name})
        except ApiError as error:
            if not error.passing:
                raise NatsError(f"{asset.label} can't be moved off {self.name}: {error}") from error

    def _waiting(self, seen: Seen) -> list[str]:
        """What streams on the server, and those that left it in this run, wait for."""
        keys = {*self.asked, *(_key(asset) for asset in streams_on(seen, self.name))}
        found = (waits(asset, self.name) for asset in seen.assets if _key(asset) in keys)
        return [each for each in found if each]

    def _standing(self, seen: Seen) -> tuple[object, ...]:
        """Changes whenever something moves."""
        left = tuple(_key(asset) for asset in streams_on(seen, self.name))
        return (left, tuple(asset.members for asset in seen.assets if _key(asset) in {*left, *self.asked}))

    def _stuck(self, left: Sequence[Asset], waiting: Sequence[str]) -> str:
        lines = "".join(f"\n  - {line}" for line in waiting or [f"{asset.label} waits for its move" for asset in left])
        return (
            f"{len(left)} streams are still on {self.name}, and nothing moved for {self.patience:.0f} s; the server "
            f"runs and nothing is lost, run this again:{lines}"
        )


def _key(asset: Asset) -> Key:
    return asset.account, asset.stream
