# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that every server of a cluster answers, all in flight on one connection."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..client.connect import Client
from ..plan.errors import NatsError

_MOMENT = 0.5


class Refused(NatsError):
    """The servers forbid what the creds were used for."""


class Conversation:
    """One inbox for all answers; ``patience`` is the longest silence, in seconds, before waiting ends.

    deaf_to: names of servers whose answers are as if they had not been given.
    """

    def __init__(self, client: Client, patience: float, deaf_to: Sequence[str] = ()) -> None:
        self._client = client
        self._deaf_to = frozenset(deaf_to)
        self._patience = patience
        self._prefix = client.nats.new_inbox()
        self._numbers = itertools.count()
        self._answers: dict[str, list[bytes]] = {}
        self._count = 0
        self._open = 0
        self._last = 0.0
        self._complete = asyncio.Event()

    async def start(self) -> None:
        """Listen on the inbox."""
        await self._client.nats.subscribe(f"{self._prefix}.*", cb=self._take)

    async def _take(self, message: Any) -> None:
        answers = self._answers.get(message.subject.rsplit(".", 1)[1])
        # 503 is the server saying that nobody listens on the subject.
        if answers is None or (message.headers or {}).get("Status") == "503":
            return
        if not self._is_deaf_to(message.data):
            answers.append(bytes(message.data))
            self._last = asyncio.get_running_loop().time()
            if len(answers) == self._count:
                self._open -= 1
            if self._open == 0:
                self._complete.set()

    def _is_deaf_to(self, answer: bytes) -> bool:
        return bool(self._deaf_to and answer.startswith(b"{") and self._deaf_to.intersection(by_server([answer])))

    async def ask(
        self, requests: Sequence[tuple[str, bytes]], count: int, linger: float = 0.0, silence: Optional[float] = None
    ) -> list[list[bytes]]:
        """The answers to each (subject, payload), in its order: ends when each has ``count``, or after a silence.

        linger: seconds to go on listening when each has ``count``, for servers that nobody has counted.
        silence: how many seconds of it end the waiting, where it is not to be the whole patience.
        """
        names = [str(next(self._numbers)) for _dummy in requests]
        self._answers.update({name: [] for name in names})
        self._count, self._open = count, len(names)
        self._last = asyncio.get_running_loop().time()
        self._complete.clear()
        try:
            for name, (subject, payload) in zip(names, requests):
                self._client.remember(subject)
                await self._client.nats.publish(subject, payload, reply=f"{self._prefix}.{name}")
            await self._client.round_trip(self._patience)
            await self._wait(self._patience if silence is None else silence)
            self._check()
            await asyncio.sleep(linger)
            return [self._answers[name] for name in names]
        finally:
            for name in names:
                del self._answers[name]

    async def _wait(self, patience: float) -> None:
        while self._open > 0 and not self._client.violations() and not self._client.nats.is_closed:
            silence = asyncio.get_running_loop().time() - self._last
            if silence >= patience:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                # Not longer than a moment at once: a refusal or a lost connection sets no event.
                await asyncio.wait_for(self._complete.wait(), min(_MOMENT, patience - silence))

    def _check(self) -> None:
        violations = self._client.violations()
        if violations:
            kinds = sorted({f"{kind} {subject}" for kind, subject in violations})
            raise Refused(
                f"{self._client.url}: the creds are not allowed to {', '.join(kinds)}: use a user of the system account"
            )
        if self._client.nats.is_closed:
            raise Refused(f"{self._client.url}: the server closed the connection")


def by_server(answers: Sequence[bytes]) -> dict[str, Mapping[str, Any]]:
    """Answers in JSON by the name of the server that gave each; a server without a name by its id."""
    found: dict[str, Mapping[str, Any]] = {}
    for answer in answers:
        try:
            said = json.loads(answer)
            server = said["server"]
            found[str(server.get("name") or server["id"])] = said
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("an answer is not what a resolver gives: is this a NATS server 2.10 or later?") from error
    return found
