# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.jetstream_peer: what a server is to JetStream before it restarts or leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any, Callable

from ..backup.members import Member, Minting, members
from ..client import libraries
from ..client.access import REACHING, Access, read_access, read_login
from ..client.connect import connected, reason, run
from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from ..resolver.conversation import Conversation
from ..resolver.servers import sentence
from .draining import Draining
from .expendable import obstacles_in_time
from .leading import hand_over, successor
from .peers import obstacles, quorum, streams_on, unnamed
from .removing import remove
from .servers import Meta, Seen, ask_all, ask_meta, named
from .unheld import unheld

_SPEC: Mapping[str, Any] = {
    **REACHING,
    "creds": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["follower", "drained", "absent", "lost", "expendable"], "required": True},
    "trust": {"type": "path"},
    "operator": {"type": "str"},
    "lose_streams": {"type": "list", "elements": "str", "default": []},
    "timeout": {"type": "float", "default": 10.0},
    "wait_timeout": {"type": "float", "default": 120.0},
}


@dataclass(frozen=True)
class Wish:
    """What is asked for. patience: seconds without progress after which it gives up. lose: streams that may be lost.

    members: those who log in to the accounts, to tell which streams there should be.
    """

    name: str
    state: str
    lose: tuple[str, ...]
    patience: float
    access: Access
    members: Sequence[Member]
    check_mode: bool
    progress: Callable[[str], None]


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    libraries.require()
    problems = Problems()
    access = read_access(params, surroundings.seal, problems)
    access = replace(access, login=read_login(params["creds"], "creds", surroundings.seal, problems))
    if params["wait_timeout"] <= 0:
        problems.add("wait_timeout", f"is {params['wait_timeout']:g}: write seconds above 0")
    asking = _members(params, surroundings, problems)
    problems.raise_if_any()
    known = (params["name"], params["state"], tuple(params.get("lose_streams") or ()), params["wait_timeout"])
    wish = Wish(*known, access, asking, surroundings.check_mode, surroundings.progress)
    try:
        return run(_carry_out(access, wish))
    except (OSError, asyncio.TimeoutError, libraries.nats_error()) as error:
        raise NatsError(f"the connection failed: {reason(error, access)}; run it again") from error


def _members(params: Mapping[str, Any], surroundings: Surroundings, problems: Problems) -> list[Member]:
    """Who logs in to each account, where the trust store is named that can sign it."""
    if not params.get("trust"):
        return []
    minting = Minting(lambda: datetime.now(timezone.utc), surroundings.random, False)
    return members(Folder(params["trust"], surroundings.seal), params["operator"], minting, problems)


async def _carry_out(access: Access, wish: Wish) -> Outcome:
    async with connected(access) as client:
        talk = Conversation(client, access.timeout)
        await talk.start()
        states = {
            "follower": _follower,
            "drained": _drained,
            "absent": _absent,
            "lost": _lost,
            "expendable": _expendable,
        }
        return await states[wish.state](talk, wish)


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


async def _drained(talk: Conversation, wish: Wish) -> Outcome:
    seen = named(await ask_all(talk, wish.patience, wish.name), wish.name)
    left = streams_on(seen, wish.name)
    if not left:
        return Outcome(values=_values(seen.meta))
    _refuse(f"{wish.name} can't be emptied", obstacles(seen, wish.name))
    labels = [asset.label for asset in left]
    plan = Plan(
        reasons=tuple(f"{label} has a replica on {wish.name}: it moves to another server" for label in labels),
        before={"streams": labels},
        after={"streams": []},
        touched=True,
    )
    if wish.check_mode:
        return Outcome(plan, {**_values(seen.meta), "streams": labels})
    draining = Draining(talk, wish.name, wish.patience, wish.progress)
    return Outcome(plan, {**_values((await draining.run(seen)).meta), "moved": sorted(draining.labels.values())})


async def _absent(talk: Conversation, wish: Wish) -> Outcome:
    seen = named(await ask_all(talk, wish.patience, wish.name), wish.name)
    if wish.name not in seen.meta.names:
        return Outcome(values=_values(seen.meta))
    _refuse(
        f"{wish.name} can't be taken out of JetStream", [*_reasons_to_stay(seen, wish), *await _only_there(seen, wish)]
    )
    plan = Plan(
        reasons=(f"{wish.name} is stopped: it is taken out of JetStream's meta group",),
        before={"members": list(seen.meta.names)},
        after={"members": [member for member in seen.meta.names if member != wish.name]},
        touched=True,
    )
    meta = seen.meta if wish.check_mode else await remove(talk, wish.name, wish.patience)
    return Outcome(plan, _values(meta))


async def _lost(talk: Conversation, wish: Wish) -> Outcome:
    """Nothing is changed: the server may come back empty, or it is told why not."""
    seen = named(await ask_all(talk, wish.patience, wish.name), wish.name)
    found = list(quorum(seen, wish.name))
    if wish.name in seen.answered:
        found.append(f"{wish.name} runs: it is not lost")
    _refuse(f"{wish.name} can't come back empty", [*found, *await _only_there(seen, wish)])
    return Outcome(values=_values(seen.meta))


async def _expendable(talk: Conversation, wish: Wish) -> Outcome:
    """Nothing is changed: the server's data may be made anew from the others, or it is told why not."""
    seen, found = await obstacles_in_time(talk, wish.name, wish.lose, wish.patience)
    _refuse(f"{wish.name} can't have its data made anew", found)
    return Outcome(values=_values(seen.meta))


async def _only_there(seen: Seen, wish: Wish) -> list[str]:
    """Streams that are lost with the server and that nobody named."""
    if wish.name in seen.answered:
        return []
    return [
        f"{asset.label}: no other server has it, so it is lost with {wish.name} and comes back empty: restore it from "
        f"a backup afterwards, and to go on name it in lose_streams as {asset.account_name}/{asset.stream}"
        for asset in unnamed(await unheld(wish.access, wish.members, seen), wish.lose)
    ]


def _reasons_to_stay(seen: Seen, wish: Wish) -> list[str]:
    found = list(quorum(seen, wish.name))
    if wish.name in seen.answered:
        found.append(f"{wish.name} runs: stop it first, it would switch its JetStream off and stay in the cluster")
    return found + [
        f"{asset.label}: has a replica there: move it off first (state drained), or name it in lose_streams as "
        f"{asset.account_name}/{asset.stream}"
        for asset in unnamed(streams_on(seen, wish.name), wish.lose)
    ]


def _refuse(what: str, found: Sequence[str]) -> None:
    if found:
        raise NatsError(sentence(f"{what}, nothing was changed", found))


def _values(meta: Meta) -> dict[str, Any]:
    return {
        "meta_leader": meta.leader,
        "members": list(meta.names),
        "running": list(meta.running),
        "streams": [],
        "moved": [],
    }


PEER = Verb(
    name="jetstream_peer",
    argument_spec=_SPEC,
    run=_run,
    constraints={"required_together": [["trust", "operator"]]},
    local_paths=("trust", "creds", "ca", "certificate", "key"),
)
