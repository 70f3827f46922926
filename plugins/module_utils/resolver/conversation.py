# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that every server of a cluster answers, all in flight on one connection."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ..client.connect import Client
from ..plan.errors import NatsError


class Refused(NatsError):
    """The servers forbid what the creds were used for."""


class Conversation:
    """One inbox for all answers; ``patience`` is the longest silence, in seconds, before waiting ends."""

    def __init__(self, client: Client, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._prefix = client.nats.new_inbox()
        self._numbers = itertools.count()
        self._answers: dict[str, list[bytes]] = {}
        self._arrived = asyncio.Event()

    async def start(self) -> None:
        """Listen on the inbox."""
        await self._client.nats.subscribe(f"{self._prefix}.*", cb=self._take)

    async def _take(self, message: Any) -> None:
        answers = self._answers.get(message.subject.rsplit(".", 1)[1])
        # 503 is the server saying that nobody listens on the subject.
        if answers is not None and (message.headers or {}).get("Status") != "503":
            answers.append(bytes(message.data))
            self._arrived.set()

    async def ask(self, requests: Sequence[tuple[str, bytes]], count: int) -> list[list[bytes]]:
        """The answers to each (subject, payload), in its order: ends when each has ``count``, or after a silence."""
        names = [str(next(self._numbers)) for _ in requests]
        self._answers.update({name: [] for name in names})
        try:
            for name, (subject, payload) in zip(names, requests):
                await self._client.nats.publish(subject, payload, reply=f"{self._prefix}.{name}")
            await self._client.round_trip(self._patience)
            await self._wait(names, count)
            self._check()
            return [self._answers[name] for name in names]
        finally:
            for name in names:
                del self._answers[name]

    async def _wait(self, names: Sequence[str], count: int) -> None:
        waiting = set(names)
        while True:
            self._arrived.clear()
            waiting = {name for name in waiting if len(self._answers[name]) < count}
            if not waiting or self._client.violations() or self._client.nats.is_closed:
                return
            try:
                await asyncio.wait_for(self._arrived.wait(), self._patience)
            except asyncio.TimeoutError:
                return

    def _check(self) -> None:
        violations = self._client.violations()
        if violations:
            kinds = sorted({f"{kind} {subject}" for kind, subject in violations})
            raise Refused(
                f"{self._client.url}: the creds are not allowed to {', '.join(kinds)}: use a user of the system account"
            )
        if self._client.nats.is_closed:
            raise Refused(f"{self._client.url}: the server closed the connection")


def by_server(answers: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Answers by the name of the server that gave each; a server without a name by its id."""
    found: dict[str, Mapping[str, Any]] = {}
    for answer in answers:
        server = answer.get("server") or {}
        found[str(server.get("name") or server.get("id") or "?")] = answer
    return found
