# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking the streams of accounts: seen first, then taken one at a time, each as it is at its moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable

from ..client.access import Access
from ..client.connect import Unreachable, connected
from ..plan.errors import NatsError
from ..plan.problems import Problems
from .archive import ArchiveWriter
from .jetstream import JetStream, NoAnswer, Refused
from .manifest import LeftOut, StreamEntry
from .members import Member
from .snapshot import Interrupted, take
from .sources import gathered
from .telling import Telling, megabytes

# A leader that moves is elected anew within seconds.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Seen:
    """A stream that is to be taken, or was found."""

    member: Member
    name: str
    info: dict[str, Any]

    @property
    def title(self) -> str:
        return f"{self.member.account}/{self.name}"

    @property
    def bytes(self) -> int:
        return int(self.info["state"].get("bytes", 0))


@asynccontextmanager
async def jetstream(member: Member, access: Access) -> AsyncIterator[JetStream]:
    """JetStream of an account, over a connection of its own."""
    async with connected(member.access(access)) as client:
        yield JetStream(client, access.timeout)


@dataclass(frozen=True)
class Choice:
    """Which streams are taken, as ACCOUNT/STREAM. only: nothing but these, where there are any; not_these: left out."""

    only: tuple[str, ...] = ()
    not_these: tuple[str, ...] = ()

    def takes(self, title: str) -> bool:
        return (not self.only or title in self.only) and title not in self.not_these

    def check(self, known: Collection[str], where: str, problems: Problems) -> None:
        """Add the titles that are wrong. where: what they were looked for in."""
        for option, titles in (("streams", self.only), ("leave_out", self.not_these)):
            for number, title in enumerate(titles):
                if title not in known:
                    problems.add(f"{option}[{number}]", f"there is no stream {title} {where}: write ACCOUNT/STREAM")


async def see(members: Sequence[Member], access: Access, choice: Choice, problems: Problems) -> list[Seen]:
    """The chosen streams of every account that has JetStream. Raises Unreachable, NoAnswer."""
    found: list[Seen] = []
    silent: list[str] = []
    for member in members:
        async with jetstream(member, access) as each:
            try:
                await each.ask("INFO")
            except Refused as error:
                if error.no_jetstream:
                    continue
                raise
            except NoAnswer as error:
                raise NoAnswer(f"{member.account}: {error}: does JetStream run, and has the account any?") from None
            account = member.account
            listed = await each.streams(lambda name: choice.takes(f"{account}/{name}"))  # noqa: B023 (called in here)
            found += [Seen(member, info["config"]["name"], info) for info in listed.found]
            silent += [f"{account}/{name}" for name in listed.missing]
    choice.check({*silent, *(each.title for each in found)}, "in the cluster", problems)
    for title in sorted(filter(choice.takes, silent)):
        problems.add(
            f"streams.{title}",
            "no server answers for it: have the servers run that hold it, or name it in leave_out, and the archive has "
            "nothing of it",
        )
    return sorted(
        (each for each in found if choice.takes(each.title)), key=lambda each: (each.member.account, each.name)
    )


@dataclass(frozen=True)
class Taking:
    """What taking needs beside the streams. now: the clock; progress: a line for whoever looks on."""

    access: Access
    writer: ArchiveWriter
    now: Callable[[], datetime]
    progress: Callable[[str], None]


async def take_all(taking: Taking, seen: Sequence[Seen]) -> tuple[list[StreamEntry], list[LeftOut]]:
    """Take streams into an archive. What servers give no snapshot of is left out, and named."""
    entries: list[StreamEntry] = []
    left: list[LeftOut] = []
    for number, each in enumerate(seen, 1):
        where = f"{each.title} ({number} of {len(seen)})"
        try:
            entry = await _patiently(taking, each, where)
        except Refused as error:
            if each.info["config"].get("storage") != "memory":
                raise
            left.append(LeftOut(each.member.account, each.name, f"is kept in memory ({error})"))
            taking.progress(f"{where}: left out, it is kept in memory")
            continue
        entries.append(entry)
        taking.progress(f"{where}: {entry.state.get('messages', 0)} messages, {megabytes(entry.size)} taken")
    return entries, left


async def _patiently(taking: Taking, seen: Seen, where: str) -> StreamEntry:
    for attempt in range(1, _ATTEMPTS + 1):
        taking.writer.begin("stream", seen.member.account, seen.name)
        try:
            return await _take(taking, seen, where)
        except Refused as error:
            taking.writer.give_up(str(error))
            raise
        except (Interrupted, NoAnswer, Unreachable) as error:
            taking.writer.give_up(str(error))
            if attempt == _ATTEMPTS:
                raise NatsError(f"{seen.title}: could not be taken in {attempt} attempts, the last: {error}") from None
            taking.progress(f"{where}: is taken once more: {error}")
            await asyncio.sleep(2 ** (attempt - 1))
    raise AssertionError


async def _take(taking: Taking, seen: Seen, where: str) -> StreamEntry:
    moment = taking.now()
    async with jetstream(seen.member, taking.access) as each:
        consumers = await each.consumers(seen.name)
        far = gathered(await each.info(seen.name) or {})
        telling = Telling(taking.progress, where, f"{megabytes(seen.bytes)} in the stream, before compression")

        def keep(piece: bytes) -> None:
            taking.writer.write(piece)
            telling.count(len(piece))

        said = await take(each, seen.name, keep)
        after = await each.info(seen.name)
        if after is None:
            raise NatsError(f"{seen.title}: was deleted while it was taken: run the backup again")
        consumers_after = await each.consumers(seen.name)
        server = (after.get("cluster") or {}).get("leader") or each.client.nats._server_info.get("server_name", "")
        release = each.client.nats._server_info.get("version", "")
    size, digest = taking.writer.end()
    return StreamEntry(
        account=seen.member.account,
        name=seen.name,
        config=said["config"],
        state=said["state"],
        state_after=_as_snapshots_say(after["state"], said["state"]),
        consumers=consumers,
        consumers_after=consumers_after,
        size=size,
        sha256=digest,
        server=f"{server} (nats-server {release})",
        taken=moment.isoformat(timespec="seconds"),
        gathered=far,
    )


def _as_snapshots_say(state: dict[str, Any], snapshot: dict[str, Any]) -> dict[str, Any]:
    """The counts that both tell: information on a stream tells some more, such as its subjects."""
    names = {*snapshot, "messages", "bytes", "first_seq", "last_seq", "num_deleted"}
    return {name: value for name, value in state.items() if name in names}
