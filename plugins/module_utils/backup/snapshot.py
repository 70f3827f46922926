# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot of a stream, both ways, as nats-server does it (server/jetstream_api.go; jsm.go snapshots.go).

Taking: the server sends chunks to a subject of ours and wants each acknowledged; the number at the end of the reply
subject tells whether one was lost. An empty message ends it, with a status where something went wrong.
Giving back: each chunk is answered; some are under way at a time. An empty one ends it, and the new stream answers it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, Optional

from ..client import libraries
from ..plan.errors import NatsError
from .jetstream import JetStream, NoAnswer, Refused

# A server reads a whole block of messages before it goes on, and checks all of them where that is asked for.
_SILENCE = 20.0
_CHUNK = 128 * 1024
_UNDER_WAY = 32
# The last answer comes when the server has indexed the messages.
_SLOWEST = 4 * 1024 * 1024


class Interrupted(NatsError):
    """A snapshot did not come to its end, as when its leader moves: it can be tried again."""


async def take(jetstream: JetStream, stream: str, sink: Callable[[bytes], None]) -> dict[str, Any]:
    """Hand the snapshot of a stream to ``sink``; its config and state. Raises Interrupted, Refused, NoAnswer."""
    nats = jetstream.client.nats
    inbox = nats.new_inbox()
    subscription = await nats.subscribe(inbox)
    try:
        # Both ends ask for the same way: the interest must be known to the leader's server before it begins.
        await nats.flush()
        request = {"deliver_subject": inbox, "chunk_size": _CHUNK, "no_consumers": False}
        answer = await jetstream.ask(f"STREAM.SNAPSHOT.{stream}", request, timeout=_SILENCE)
        await _receive(nats, subscription, sink)
    finally:
        if not nats.is_closed:
            await subscription.unsubscribe()
    return {"config": answer["config"], "state": answer["state"]}


async def _receive(nats: Any, subscription: Any, sink: Callable[[bytes], None]) -> None:
    expected, seen_last = 1, False
    while True:
        try:
            message = await subscription.next_msg(timeout=_SILENCE)
        except asyncio.TimeoutError:
            raise Interrupted(f"no more of it came for {_SILENCE:g} s") from None
        except libraries.nats_error() as error:
            raise Interrupted(f"the connection was lost ({error})") from None
        if not message.data:
            status = (message.headers or {}).get("Status", "")
            if status not in ("", "204"):
                raise Interrupted(f"the server ended it: {status} {(message.headers or {}).get('Description', '')}")
            return
        if message.reply:
            number = int(message.reply.rpartition(".")[2])
            if number != expected or seen_last:
                raise Interrupted(f"chunk {expected} was lost on its way")
            expected += 1
            await nats.publish(message.reply, b"")
        elif seen_last:
            raise Interrupted("chunks came out of order")
        else:
            seen_last = True
        sink(message.data)


async def give(
    jetstream: JetStream, config: Mapping[str, Any], state: Mapping[str, Any], content: Iterable[bytes], payload: int
) -> None:
    """Have the servers make a stream of its snapshot. payload: bytes of the longest message that may be sent."""
    name = config["name"]
    answer = await jetstream.ask(f"STREAM.RESTORE.{name}", {"config": config, "state": state}, timeout=_SILENCE)
    sending = _Sending(jetstream, name, answer["deliver_subject"])
    await sending.open()
    try:
        total = 0
        for piece in _pieces(content, min(_CHUNK, payload)):
            await sending.send(piece)
            total += len(piece)
        await sending.end(max(120.0, total / _SLOWEST))
    finally:
        await sending.close()


def _pieces(content: Iterable[bytes], longest: int) -> Iterator[bytes]:
    for each in content:
        for at in range(0, len(each), longest):
            yield each[at : at + longest]


class _Sending:
    """Chunks under way, each answered on a subject of its own."""

    def __init__(self, jetstream: JetStream, stream: str, subject: str) -> None:
        self._nats, self._stream, self._subject = jetstream.client.nats, stream, subject
        self._inbox = self._nats.new_inbox()
        self._slots = asyncio.Semaphore(_UNDER_WAY)
        self._last: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._failed: Optional[NatsError] = None
        self._sent = 0
        self._subscription: Any = None

    async def open(self) -> None:
        self._subscription = await self._nats.subscribe(f"{self._inbox}.*", cb=self._answered)

    async def close(self) -> None:
        self._last.cancel()
        if not self._nats.is_closed:
            await self._subscription.unsubscribe()

    async def _answered(self, message: Any) -> None:
        if message.subject.endswith(".last"):
            if not self._last.done():
                self._last.set_result(message.data)
        elif message.data:
            self._failed = _refusal(self._stream, message.data)
        self._slots.release()

    async def send(self, piece: bytes) -> None:
        try:
            await asyncio.wait_for(self._slots.acquire(), _SILENCE)
        except asyncio.TimeoutError:
            raise self._failed or Interrupted(f"the server took no more of it for {_SILENCE:g} s") from None
        if self._failed is not None:
            raise self._failed
        self._sent += 1
        await self._publish(str(self._sent), piece)

    async def end(self, patience: float) -> None:
        await self._publish("last", b"")
        clock = asyncio.get_running_loop().time
        end = clock() + patience
        while not self._last.done():
            if self._failed is not None:
                raise self._failed
            if self._nats.is_closed:
                raise Interrupted("the connection was lost before the server said that the stream is there")
            if clock() > end:
                raise Interrupted(f"the server did not say within {patience:.0f} s that the stream is there")
            await asyncio.wait({self._last}, timeout=0.5)
        refusal = _refusal(self._stream, self._last.result())
        if refusal is not None:
            raise refusal

    async def _publish(self, token: str, piece: bytes) -> None:
        try:
            await self._nats.publish(self._subject, piece, reply=f"{self._inbox}.{token}")
        except libraries.nats_error() as error:
            raise self._failed or Interrupted(f"the connection was lost ({error})") from None


def _refusal(stream: str, answer: bytes) -> Optional[NatsError]:
    try:
        said = json.loads(answer)
    except ValueError:
        return NoAnswer(f"{stream}: the answer to a chunk is no JSON")
    return Refused(f"{stream}", said["error"]) if isinstance(said, dict) and "error" in said else None
