# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting streams back: decided for all of them first, then one at a time, each verified before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Callable, Optional

from ..client.access import Access
from ..client.connect import Unreachable
from ..plan.errors import NatsError
from ..plan.problems import Problems
from .comparing import config_of, differences, mark_of, marked
from .jetstream import JetStream, NoAnswer, Refused
from .manifest import StreamEntry
from .members import Member
from .snapshot import Interrupted, give
from .taking import jetstream, megabytes

# What a restore that broke off left is removed by the server after 5 s of silence.
_ATTEMPTS = 5
_NAME_TAKEN = (10058, 10130)
_SETTLING = 60.0
_PAUSE = 0.25


class Standing(Enum):
    """How a stream stands before anything is done."""

    ABSENT = "is not there"
    SAME = "is there as it was taken"
    VERIFIED = "is there as it was taken, but for the mark of an earlier run"
    HALF = "was begun by a run that was ended: is restored again"
    OTHER = "is there, and is not what was taken"


@dataclass(frozen=True)
class Wanted:
    """A stream that is to be there, and how it stands."""

    entry: StreamEntry
    member: Member
    standing: Standing
    why: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether nothing has to be done."""
        return self.standing is Standing.SAME


def stand(entry: StreamEntry, archive: str, info: Optional[Mapping[str, Any]], consumers: Mapping[str, Any]) -> Wanted:
    """How a stream stands; the member is filled in by the caller. archive: the id that marks what is half done."""
    nobody = Member(entry.account, "", lambda: None)
    if info is None:
        return Wanted(entry, nobody, Standing.ABSENT)
    mark, found = mark_of(info["config"]), tuple(differences(entry, info, consumers))
    if mark == archive:
        return Wanted(entry, nobody, Standing.HALF if found else Standing.VERIFIED, found)
    if mark or found:
        found = (*((f"another archive ({mark}) is being restored into it",) if mark else ()), *found)
        return Wanted(entry, nobody, Standing.OTHER, found)
    return Wanted(entry, nobody, Standing.SAME)


async def look(
    entries: Sequence[StreamEntry], archive: str, members: Mapping[str, Member], access: Access
) -> list[Wanted]:
    """How every stream stands. Those with most replicas come first: they are what a cluster may be too small for."""
    found: list[Wanted] = []
    for account in dict.fromkeys(entry.account for entry in entries):
        async with jetstream(members[account], access) as each:
            there = {info["config"]["name"]: info for info in await each.streams()}
            for entry in (entry for entry in entries if entry.account == account):
                info = there.get(entry.name)
                consumers = await each.consumers(entry.name) if info else {}
                found.append(replace(stand(entry, archive, info, consumers), member=members[account]))
    return sorted(found, key=lambda wanted: -int(wanted.entry.config.get("num_replicas", 1)))


def refuse(wanted: Sequence[Wanted], overwrite: bool, problems: Problems) -> None:
    """Add what stands in the way."""
    for each in wanted:
        if each.standing is Standing.OTHER and not overwrite:
            more = f" and {len(each.why) - 3} more" if len(each.why) > 3 else ""
            problems.add(
                f"streams.{each.entry.title}",
                f"is there and is not what was taken ({'; '.join(each.why[:3])}{more}): leave it out, or say "
                "overwrite, which deletes it first",
            )


def smaller(entry: StreamEntry, replicas: Optional[int]) -> StreamEntry:
    """The entry with no more replicas than a smaller cluster can hold."""
    held = int(entry.config.get("num_replicas", 1))
    return replace(entry, config={**entry.config, "num_replicas": min(held, replicas)}) if replicas else entry


@dataclass(frozen=True)
class Putting:
    """What putting back needs. content: of the snapshot of an entry; archive: its id."""

    access: Access
    archive: str
    content: Callable[[StreamEntry], Iterable[bytes]]
    progress: Callable[[str], None]


async def put_all(putting: Putting, wanted: Sequence[Wanted]) -> None:
    """Put streams back, each verified before the next. Raises NatsError; a further run goes on where this one ended."""
    todo = [each for each in wanted if not each.idle]
    for number, each in enumerate(todo, 1):
        where = f"{each.entry.title} ({number} of {len(todo)})"
        try:
            await _patiently(putting, each, where)
        except NatsError as error:
            raise NatsError(
                f"{each.entry.title}: {error}. {number - 1} of {len(todo)} streams are back; a further run goes on here"
            ) from None
        state = each.entry.state
        putting.progress(
            f"{where}: {state.get('messages', 0)} messages, {megabytes(each.entry.size)} back and verified"
        )


async def _patiently(putting: Putting, wanted: Wanted, where: str) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with jetstream(wanted.member, putting.access) as each:
                await _put(putting, each, wanted, attempt)
                return
        except (Interrupted, NoAnswer, Unreachable, Refused) as error:
            if attempt == _ATTEMPTS or not _passes(error):
                raise
            putting.progress(f"{where}: once more: {error}")
            await asyncio.sleep(2**attempt)


def _passes(error: Interrupted | NoAnswer | Unreachable | Refused) -> bool:
    return not isinstance(error, Refused) or error.code in _NAME_TAKEN


async def _put(putting: Putting, each: JetStream, wanted: Wanted, attempt: int) -> None:
    entry = wanted.entry
    if wanted.standing is not Standing.VERIFIED:
        info = await each.info(entry.name)
        if info is not None:
            # Decided before; what a former attempt of this run began carries the mark.
            may = wanted.standing in (Standing.HALF, Standing.OTHER) or mark_of(info["config"]) == putting.archive
            if not may and not config_of(entry.config).get("sealed"):
                raise NatsError("somebody made a stream of that name meanwhile: nothing was done to it")
            await each.ask(f"STREAM.DELETE.{entry.name}")
        config = marked(entry.config, putting.archive)
        payload = min(value for value in (each.client.nats.max_payload, wanted.member.payload) if value > 0)
        await give(each, config, entry.state, putting.content(entry), payload)
    await _settled(each, entry)
    if not config_of(entry.config).get("sealed"):
        await each.ask(f"STREAM.UPDATE.{entry.name}", config_of(entry.config))


async def _settled(each: JetStream, entry: StreamEntry) -> None:
    """Return once the stream is what was taken, on all its servers. Raises NatsError with what is not."""
    clock = asyncio.get_running_loop().time
    end = clock() + _SETTLING
    while True:
        try:
            info = await each.info(entry.name)
            found = ["it is not there"] if info is None else differences(entry, info, await each.consumers(entry.name))
            found += _behind(info or {})
        except (NoAnswer, Refused) as error:
            # Right after a restore a leader may still have to be elected.
            found = [str(error)]
        if not found:
            return
        if clock() > end:
            raise NatsError(f"after {_SETTLING:g} s it is not what was taken: {'; '.join(found)}")
        await asyncio.sleep(_PAUSE)


def _behind(info: Mapping[str, Any]) -> list[str]:
    replicas = (info.get("cluster") or {}).get("replicas") or []
    return [f"{each.get('name')} is behind by {each.get('lag', 0)}" for each in replicas if not each.get("current")]
