# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Putting streams back: decided for all of them first, then one at a time, each verified before the next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Callable, Optional

from ..client.access import Access
from ..client.connect import Unreachable
from ..plan.errors import NatsError
from ..plan.problems import Problems
from .comparing import config_of, differences, gone_on, mark_of, marked, never_written, telling_messages
from .jetstream import JetStream, Listed, NoAnswer, Refused
from .manifest import StreamEntry
from .members import Member
from .snapshot import Interrupted, give
from .sources import going_on
from .taking import jetstream
from .telling import Telling, megabytes

# What a restore that broke off left is removed by the server after 5 s of silence.
_ATTEMPTS = 5
_NAME_TAKEN = (10058, 10130)
# A server that has just learned of an account still has to make room for it.
_NO_STORE_YET = (10049,)
_ENABLING = 10
_SETTLING = 60.0
_PAUSE = 0.25
_UNDECIDED = "have its servers run, or leave it out"


class Standing(Enum):
    """How a stream stands before anything is done."""

    ABSENT = "is not there"
    SAME = "is there as it was taken"
    VERIFIED = "is there as it was taken, but for the mark of an earlier run"
    HALF = "was begun by a run that was ended: is restored again"
    EMPTY = "is there and was never written to: is made anew"
    LATER = "is there as it was taken, and was in use since: is left as it is"
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
        return self.standing in (Standing.SAME, Standing.LATER)

    def overwritten(self) -> Wanted:
        """The same where what is there may be overwritten: what came later is given up."""
        return replace(self, standing=Standing.OTHER) if self.standing is Standing.LATER else self


@dataclass(frozen=True)
class There:
    """What is there under the name of a stream. same: whether its messages tell that it is the one that was taken."""

    info: Mapping[str, Any]
    consumers: Mapping[str, Any]
    same: bool = False

    def is_later(self, entry: StreamEntry) -> bool:
        """Whether it is the stream that was taken, and was in use since."""
        return self.same and gone_on(entry, self.info, self.consumers)


def stand(entry: StreamEntry, archive: str, there: Optional[There]) -> Wanted:
    """How a stream stands; the member is filled in by the caller. archive: the id that marks what is half done."""
    nobody = Member(entry.account, "", lambda: None)
    if there is None:
        return Wanted(entry, nobody, Standing.ABSENT)
    mark = mark_of(there.info["config"])
    found = tuple(differences(entry, there.info, there.consumers))
    if mark not in ("", archive):
        found = (f"another archive ({mark}) is being restored into it", *found)
    return Wanted(entry, nobody, _standing(entry, there, mark == archive, bool(found)), found)


def _standing(entry: StreamEntry, there: There, begun: bool, differs: bool) -> Standing:
    """How a stream stands that is there. begun: it bears the mark of this archive."""
    if begun and (not differs or gone_on(entry, there.info, there.consumers)):
        return Standing.VERIFIED
    if not differs:
        return Standing.SAME
    if never_written(entry, there.info, there.consumers):
        return Standing.EMPTY
    if begun and not _written_since(entry, there.info):
        return Standing.HALF
    return Standing.LATER if not begun and there.is_later(entry) else Standing.OTHER


def _written_since(entry: StreamEntry, info: Mapping[str, Any]) -> bool:
    taken = max(int(each.get("last_seq", 0)) for each in (entry.state, entry.state_after))
    return int(info["state"].get("last_seq", 0)) > taken


async def look(
    entries: Sequence[StreamEntry], archive: str, members: Mapping[str, Member], access: Access
) -> list[Wanted]:
    """How every stream stands. Those with most replicas come first: they are what a cluster may be too small for."""
    found: list[Wanted] = []
    for account in dict.fromkeys(entry.account for entry in entries):
        async with jetstream(members[account], access) as each:
            here = [entry for entry in entries if entry.account == account]
            listed = await _listed(each, account, {entry.name for entry in here})
            names = {*listed.missing, *(info["config"]["name"] for info in listed.found)}
            for entry in here:
                there = await _there(each, entry) if entry.name in names else None
                found.append(replace(stand(entry, archive, there), member=members[account]))
    return sorted(found, key=lambda wanted: -int(wanted.entry.config.get("num_replicas", 1)))


async def _listed(each: JetStream, account: str, names: Set[str]) -> Listed:
    """The streams of an account; right after a deploy its JetStream may still be about to be enabled, or to lead."""
    for left in reversed(range(_ENABLING)):
        try:
            return await each.streams(names.__contains__)
        except Refused as error:
            if not error.no_jetstream or not left:
                raise NatsError(
                    f"{account}: {error}: give the account JetStream (limits.jetstream) and deploy"
                ) from None
        except NoAnswer:
            if not left:
                raise
        await asyncio.sleep(1)
    raise AssertionError


async def _there(each: JetStream, entry: StreamEntry) -> Optional[There]:
    try:
        info = await each.info(entry.name)
    except (NoAnswer, Refused) as error:
        raise NoAnswer(f"{entry.title}: is there, and its leader does not answer ({error}): {_UNDECIDED}") from None
    if info is None:
        return None
    telling = telling_messages(entry)
    same = not telling
    for sequence, when in telling:
        same = same or await each.written_at(entry.name, sequence) == when
    return There(info, await each.consumers(entry.name), same)


def refuse(wanted: Sequence[Wanted], overwrite: bool, named: bool, problems: Problems) -> None:
    """Add what stands in the way. named: whether just these streams were asked for, so that none is left as it is."""
    for each in wanted:
        if named and each.standing is Standing.LATER:
            problems.add(
                f"streams.{each.entry.title}",
                f"is there as it was taken, and was in use since ({'; '.join(each.why[:3])}): leave it out, or say "
                "overwrite, which goes back and loses what came later",
            )
        if each.standing is Standing.OTHER and not overwrite:
            more = f" and {len(each.why) - 3} more" if len(each.why) > 3 else ""
            problems.add(
                f"streams.{each.entry.title}",
                f"is there and is not what was taken ({'; '.join(each.why[:3])}{more}): leave it out, or say "
                "overwrite, which deletes it first",
            )


def fitted(entry: StreamEntry, replicas: Optional[int]) -> StreamEntry:
    """The entry as it is put back: going on with its sources, with no more replicas than a smaller cluster holds."""
    config = going_on(entry.config, entry.gathered)
    held = int(config.get("num_replicas", 1))
    return replace(entry, config={**config, "num_replicas": min(held, replicas)} if replicas else config)


def check_fit(entry: StreamEntry, problems: Problems) -> None:
    """Add consumers that servers would refuse: what they are is in the snapshot, and can't be changed there."""
    held = int(entry.config.get("num_replicas", 1))
    for name, consumer in sorted(entry.consumers.items()):
        wanted = consumer["config"].get("num_replicas", 0)
        if wanted > held:
            problems.add(
                "replicas",
                f"{held} is too few for {entry.title}: its consumer {name} asks for {wanted} replicas of its own: have "
                "more servers, or leave the stream out",
            )


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
                await _put(putting, each, wanted, where)
                return
        except (Interrupted, NoAnswer, Unreachable, Refused) as error:
            if attempt == _ATTEMPTS or not _passes(error):
                raise
            putting.progress(f"{where}: once more: {error}")
            await asyncio.sleep(2**attempt)


def _passes(error: Interrupted | NoAnswer | Unreachable | Refused) -> bool:
    return not isinstance(error, Refused) or error.no_jetstream or error.code in (*_NAME_TAKEN, *_NO_STORE_YET)


async def _put(putting: Putting, each: JetStream, wanted: Wanted, where: str) -> None:
    entry = wanted.entry
    if wanted.standing is not Standing.VERIFIED:
        info = await each.info(entry.name)
        if info is not None:
            await _make_room(putting, each, wanted, info)
        config = marked(entry.config, putting.archive)
        payload = min(value for value in (each.client.nats.max_payload, wanted.member.payload) if value > 0)
        telling = Telling(putting.progress, where, megabytes(entry.size))
        await give(each, config, entry.state, _counted(putting.content(entry), telling), payload)
    await _settled(each, entry)
    if not config_of(entry.config).get("sealed"):
        await each.ask(f"STREAM.UPDATE.{entry.name}", config_of(entry.config))


def _counted(content: Iterable[bytes], telling: Telling) -> Iterator[bytes]:
    for piece in content:
        telling.count(len(piece))
        yield piece


async def _make_room(putting: Putting, each: JetStream, wanted: Wanted, info: Mapping[str, Any]) -> None:
    """Delete what is there under the name, if that was decided or nothing is lost with it."""
    entry = wanted.entry
    # Decided before; what a former attempt of this run began carries the mark, unless it is sealed.
    may = wanted.standing in (Standing.HALF, Standing.OTHER, Standing.EMPTY) or config_of(entry.config).get("sealed")
    may = may or (mark_of(info["config"]) == putting.archive and not _written_since(entry, info))
    # Applications make their streams themselves when they find none.
    if not may and not never_written(entry, info, await each.consumers(entry.name)):
        raise NatsError("somebody made a stream of that name meanwhile and wrote to it: nothing was done to it")
    await each.ask(f"STREAM.DELETE.{entry.name}")


async def _settled(each: JetStream, entry: StreamEntry) -> None:
    """Return once the stream is what was taken, on all its servers. Raises NatsError with what is not."""
    clock = asyncio.get_running_loop().time
    end = clock() + _SETTLING
    while True:
        try:
            info = await each.info(entry.name)
            found = ["it is not there"] if info is None else _wrong(entry, info, await each.consumers(entry.name))
            found += _behind(info or {})
        except (NoAnswer, Refused) as error:
            # Right after a restore a leader may still have to be elected.
            found = [str(error)]
        if not found:
            return
        if clock() > end:
            raise NatsError(f"after {_SETTLING:g} s it is not what was taken: {'; '.join(found)}")
        await asyncio.sleep(_PAUSE)


def _wrong(entry: StreamEntry, info: Mapping[str, Any], consumers: Mapping[str, Any]) -> list[str]:
    """What is not as it was taken; applications may be at work with it already."""
    return [] if gone_on(entry, info, consumers) else differences(entry, info, consumers)


def _behind(info: Mapping[str, Any]) -> list[str]:
    replicas = (info.get("cluster") or {}).get("replicas") or []
    return [f"{each.get('name')} is behind by {each.get('lag', 0)}" for each in replicas if not each.get("current")]
