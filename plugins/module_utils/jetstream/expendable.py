# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""May a server's data be made anew from the other servers? Judged by what they said, before anything is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ..resolver.conversation import Conversation
from .peers import on, quorum, unnamed
from .servers import Asset, Seen, ask_all, named

_AGAIN = 0.5


@dataclass(frozen=True)
class Obstacle:
    """Why not, in words. passing: it may be over in a moment, as replicas are always a little behind under load."""

    text: str
    passing: bool = False


async def obstacles_in_time(
    talk: Conversation, name: str, lose: Collection[str], patience: float
) -> tuple[Seen, list[str]]:
    """What was seen, and what stands in the way; what may pass is waited for, at most ``patience`` seconds."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while True:
        seen = named(await ask_all(talk, patience, name), name)
        found = only_here(seen, name, lose)
        if not found or not all(each.passing for each in found) or clock() >= end:
            return seen, [each.text for each in found]
        await asyncio.sleep(_AGAIN)


def only_here(seen: Seen, name: str, lose: Collection[str]) -> list[Obstacle]:
    """Everything that would be lost with a server's data, or could not be made anew now.

    lose: streams that may be lost, as ``ACCOUNT/STREAM``. What is kept in memory is lost with every restart, and
    consumers that are not durable are made by their applications again; neither is told.
    """
    found = [*(Obstacle(text) for text in quorum(seen, name)), *_standing(seen, name)]
    for asset in unnamed([each for each in on(seen, name) if not each.passing], lose):
        found += [Obstacle(f"{asset.label}: {each.text}", each.passing) for each in _trouble(asset, name)]
    return found


def _standing(seen: Seen, name: str) -> Iterator[Obstacle]:
    if name not in seen.meta.names:
        yield Obstacle(f"{name} is no server of JetStream's meta group: start it, or look at its server_name")
    elif name not in seen.answered:
        yield Obstacle(f"{name} does not answer: start it first, as nobody else tells what it holds")
    if len(seen.meta.members) < 3:
        yield Obstacle(
            f"JetStream's meta group has {len(seen.meta.members)} servers: at least 3 are needed, so that the others "
            "can decide while one makes its data anew"
        )
    for member in seen.meta.others(name):
        if member.trouble:
            text = f"meta group: {member.name} {member.trouble}: wait until it has everything, or look at that server"
            yield Obstacle(text, passing=True)


def _trouble(asset: Asset, name: str) -> Iterator[Obstacle]:
    """Why a stream or consumer needs what this server has of it; nothing when it does not."""
    others = [member for member in asset.members if member.name != name]
    stream = f"{asset.account_name}/{asset.stream}"
    behind = ", ".join(f"{member.name} {member.trouble}" for member in others if member.trouble)
    if not asset.leader:
        yield Obstacle(f"has no leader: look at the servers that hold it ({', '.join(asset.names)})", passing=True)
    elif not others and asset.consumer:
        yield Obstacle(
            f"has its only state on {name}, so what it has acknowledged would be forgotten: give it the replicas of "
            f"its stream (num_replicas 0), or name {stream} in lose_streams"
        )
    elif not others:
        yield Obstacle(
            f"has its only replica on {name}: give it more (nats stream update {asset.stream} --replicas 3), or back "
            f"it up (aegis.nats.backup) and name it in lose_streams as {stream}; it is empty afterwards"
        )
    elif behind:
        yield Obstacle(f"replica {behind}: wait until it has everything, or look at that server", passing=True)
