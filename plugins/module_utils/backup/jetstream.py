# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of JetStream of one account, and its answers (nats-server server/jetstream_api.go)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ..client import libraries
from ..client.connect import Client
from ..plan.errors import NatsError

Words = dict[str, Any]
NOT_FOUND, NAME_IN_USE, OFFLINE = 10059, 10058, 10118
_NO_JETSTREAM = (10039, 10076, 10035)
_NO_MESSAGE = (10037, 10043)
_PAUSE = 0.25


class Refused(NatsError):
    """JetStream answered with an error. code: its err_code."""

    def __init__(self, what: str, error: Mapping[str, Any]) -> None:
        self.code = int(error.get("err_code", 0))
        super().__init__(f"{what}: {error.get('description', 'was refused')}")

    @property
    def no_jetstream(self) -> bool:
        """The account has no JetStream."""
        return self.code in _NO_JETSTREAM


class NoAnswer(NatsError):
    """Nobody answered in time: no leader, or a server that went away."""


@dataclass(frozen=True)
class Listed:
    """A list of streams or consumers, and the names of those whose leader does not answer."""

    found: list[Words]
    missing: list[str]


class JetStream:
    """JetStream as one client sees it. timeout: seconds that an answer may take."""

    def __init__(self, client: Client, timeout: float) -> None:
        self.client, self.timeout = client, timeout

    async def ask(self, subject: str, request: Optional[Mapping[str, Any]] = None, timeout: float = 0) -> Words:
        """The answer to a request. Raises Refused and NoAnswer."""
        what = subject.replace("$JS.API.", "").replace(".", " ").lower()
        payload = json.dumps(request).encode() if request is not None else b""
        try:
            reply = await self.client.nats.request(f"$JS.API.{subject}", payload, timeout=timeout or self.timeout)
        except (asyncio.TimeoutError, OSError, libraries.nats_error()) as error:
            text = str(error).replace("nats: ", "") or "no answer in time"
            violations = self.client.violations()
            if violations:
                text = f"permissions violation for {violations[-1][0]} to {violations[-1][1]}"
            raise NoAnswer(f"{what}: {text}") from None
        answer: Words = json.loads(reply.data)
        if "error" in answer:
            raise Refused(what, answer["error"])
        return answer

    async def streams(self, wanted: Callable[[str], bool] = lambda name: True) -> Listed:
        """Configuration and state of every stream. Waits for those that are wanted and do not answer yet."""
        end = asyncio.get_running_loop().time() + 4 * self.timeout
        while True:
            listed = await self._pages("STREAM.LIST", "streams")
            if not any(wanted(name) for name in listed.missing) or asyncio.get_running_loop().time() > end:
                return listed
            await asyncio.sleep(_PAUSE)

    async def consumers(self, stream: str) -> dict[str, Words]:
        """Configuration and state of every consumer of a stream, by name."""
        end = asyncio.get_running_loop().time() + 4 * self.timeout
        while True:
            listed = await self._pages(f"CONSUMER.LIST.{stream}", "consumers")
            if not listed.missing:
                return {each["name"]: _consumer(each) for each in listed.found}
            if asyncio.get_running_loop().time() > end:
                raise NoAnswer(f"{stream}: the leader of consumer {', '.join(listed.missing)} does not answer")
            await asyncio.sleep(_PAUSE)

    async def info(self, stream: str) -> Optional[Words]:
        """Configuration, state and place of a stream; None where there is none."""
        try:
            return await self.ask(f"STREAM.INFO.{stream}")
        except Refused as error:
            if error.code == NOT_FOUND:
                return None
            raise

    async def written_at(self, stream: str, sequence: int) -> str:
        """When a message was written, as the server says it; empty where it is not there any more."""
        try:
            answer = await self.ask(f"STREAM.MSG.GET.{stream}", {"seq": sequence})
        except Refused as error:
            if error.code in _NO_MESSAGE:
                return ""
            raise
        return str(answer["message"].get("time", ""))

    async def _pages(self, subject: str, name: str) -> Listed:
        found: list[Words] = []
        missing: list[str] = []
        while True:
            page = await self.ask(subject, {"offset": len(found) + len(missing)})
            found += page.get(name) or []
            silent = {str(each) for each in (*(page.get("missing") or ()), *(page.get("offline") or ()))}
            missing += sorted(silent)
            if len(found) + len(missing) >= page.get("total", 0) or not (page.get(name) or silent):
                return Listed(found, missing)


def _consumer(info: Mapping[str, Any]) -> Words:
    """What of a consumer outlives a restore."""
    places = {name: _place(info.get(name) or {}) for name in ("delivered", "ack_floor")}
    counts = {name: info.get(name, 0) for name in ("num_ack_pending", "num_pending")}
    return {"config": info.get("config") or {}, **places, **counts}


def _place(said: Mapping[str, Any]) -> Words:
    return {name: said.get(name, 0) for name in ("consumer_seq", "stream_seq")}
