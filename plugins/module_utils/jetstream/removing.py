# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stopped server is taken out of JetStream's meta group: it counts no more for any quorum."""

from __future__ import annotations

import asyncio

from ..plan.errors import NatsError
from ..resolver.conversation import Conversation
from .api import ApiError, request
from .servers import Meta, NoLeader, Seen, ask_meta, named, peer_id

_REMOVE = "$JS.API.SERVER.REMOVE"
_LOOK = 0.3
_NO_MEMBER = 10044


async def remove(talk: Conversation, name: str, patience: float) -> Meta:
    """Take a server out and wait until the meta group is without it, and led; at most ``patience`` seconds."""
    clock = asyncio.get_running_loop().time
    end = clock() + patience
    while clock() < end:
        try:
            # By its id: the others know no name of a server that was away since they started.
            await request(talk, _REMOVE, {"peer": name, "peer_id": peer_id(name)})
        except ApiError as error:
            if not error.passing and error.code != _NO_MEMBER:
                raise NatsError(f"{name} can't be taken out of JetStream's meta group: {error}") from error
        await asyncio.sleep(_LOOK)
        try:
            meta = named(Seen(await ask_meta(talk, 0.0)), name).meta
        except NoLeader:
            continue
        if name not in meta.names:
            return meta
    raise NatsError(
        f"{name} is still in JetStream's meta group after {patience:.0f} s: the others must be there and have a "
        "leader; run this again"
    )
