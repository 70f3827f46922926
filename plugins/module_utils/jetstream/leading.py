# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JetStream's meta leader hands over to another server, so that stopping it makes nobody wait for an election."""

from __future__ import annotations

import asyncio

from ..plan.errors import NatsError
from ..resolver.conversation import Conversation
from .api import ApiError, request
from .servers import Meta, NoLeader, ask_meta

_STEP_DOWN = "$JS.API.META.LEADER.STEPDOWN"
_AGAIN = 2.0
_LOOK = 0.2


def successor(meta: Meta) -> str:
    """Who is to lead instead: a server that is there and has everything; empty where there is none."""
    fit = (member.name for member in meta.others(meta.leader) if not member.trouble)
    return min(fit, default="")


async def hand_over(talk: Conversation, meta: Meta, patience: float) -> Meta:
    """Have the meta leader step down and wait until another one leads; at most ``patience`` seconds."""
    name, clock = meta.leader, asyncio.get_running_loop().time
    if not successor(meta):
        raise NatsError(
            f"{name} leads JetStream's meta group and nobody can take over ({_lacking(meta)}): start the other "
            "servers, then run this again"
        )
    end, asked = clock() + patience, -_AGAIN
    while clock() < end:
        if clock() - asked >= _AGAIN:
            asked = clock()
            await _step_down(talk, successor(meta))
        await asyncio.sleep(_LOOK)
        try:
            found = await ask_meta(talk, 0.0)
        except NoLeader:
            continue
        if found.leader != name:
            return found
        meta = found
    raise NatsError(
        f"{name} was asked to step down and still leads JetStream's meta group after {patience:.0f} s "
        f"({_lacking(meta) or 'the others are there'})"
    )


def _lacking(meta: Meta) -> str:
    """What keeps the others from taking over, in words."""
    others = meta.others(meta.leader)
    found = (f"{member.name} {member.trouble}" for member in others if member.trouble)
    return ", ".join(found) if others else "it is the only server"


async def _step_down(talk: Conversation, preferred: str) -> None:
    """Servers before 2.11 know no preferred one, and refuse a wish that names it."""
    try:
        try:
            await request(talk, _STEP_DOWN, {"placement": {"preferred": preferred}})
        except ApiError as error:
            if not error.passing:
                await request(talk, _STEP_DOWN)
    except ApiError as error:
        if not error.passing:
            raise
