# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.jetstream_peer: what a server is to JetStream before it restarts or leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Callable

from ..client import libraries
from ..client.access import REACHING, Access, read_access, read_login
from ..client.connect import connected, reason, run
from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from ..resolver.conversation import Conversation
from .leading import hand_over, successor
from .servers import Meta, ask_meta

_SPEC: Mapping[str, Any] = {
    **REACHING,
    "creds": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["follower"], "required": True},
    "timeout": {"type": "float", "default": 10.0},
    "wait_timeout": {"type": "float", "default": 120.0},
}


@dataclass(frozen=True)
class Wish:
    """What is asked for. patience: seconds without progress after which it gives up."""

    name: str
    patience: float
    check_mode: bool
    progress: Callable[[str], None]


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    libraries.require()
    problems = Problems()
    access = read_access(params, surroundings.seal, problems)
    access = replace(access, login=read_login(params["creds"], "creds", surroundings.seal, problems))
    if params["wait_timeout"] <= 0:
        problems.add("wait_timeout", f"is {params['wait_timeout']:g}: write seconds above 0")
    problems.raise_if_any()
    wish = Wish(params["name"], params["wait_timeout"], surroundings.check_mode, surroundings.progress)
    try:
        return run(_carry_out(access, wish))
    except (OSError, asyncio.TimeoutError, libraries.nats_error()) as error:
        raise NatsError(f"the connection failed: {reason(error, access)}; run it again") from error


async def _carry_out(access: Access, wish: Wish) -> Outcome:
    async with connected(access) as client:
        talk = Conversation(client, access.timeout)
        await talk.start()
        return await _follower(talk, wish)


async def _follower(talk: Conversation, wish: Wish) -> Outcome:
    meta = await ask_meta(talk, wish.patience)
    if meta.leader != wish.name:
        return Outcome(values=_values(meta))
    plan = Plan(
        reasons=(f"{wish.name} leads JetStream's meta group: it hands over to another server",),
        before={"meta_leader": meta.leader},
        after={"meta_leader": successor(meta)},
        touched=True,
    )
    return Outcome(plan, _values(meta if wish.check_mode else await hand_over(talk, meta, wish.patience)))


def _values(meta: Meta) -> dict[str, Any]:
    return {"meta_leader": meta.leader, "members": list(meta.names), "running": list(meta.running)}


PEER = Verb(
    name="jetstream_peer",
    argument_spec=_SPEC,
    run=_run,
    local_paths=("creds", "ca", "certificate", "key"),
)
