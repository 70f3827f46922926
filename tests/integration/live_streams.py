# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of one account with durable consumers, and somebody who publishes into them until it is acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import nats
from ansible_collections.aegis.nats.plugins.module_utils.client.login import read_creds
from nats.js.errors import APIError

Result = TypeVar("Result")
#: What passes while leaders change: the same is asked again.
PASSING = (nats.errors.Error, APIError, OSError, asyncio.TimeoutError, AttributeError)


async def until(attempt: Callable[[], Coroutine[Any, Any, Result]], seconds: float = 60) -> Result:
    """Try again until it works."""
    end = time.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except PASSING:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.1)


class Streams:
    """replicas: by the name of each stream. Half of the first messages of each is acknowledged by its durable ``d``."""

    def __init__(self, urls: list[str], context: ssl.SSLContext, creds: str, replicas: dict[str, int]) -> None:
        self._urls, self._context, self._creds, self.replicas = urls, context, creds, replicas
        self.acknowledged: dict[str, list[int]] = {name: [] for name in replicas}
        self.longest_wait = 0.0
        self._ends = threading.Event()

    async def connected(self) -> Any:
        return await nats.connect(
            self._urls,
            tls=self._context,
            user_credentials=self._creds,
            inbox_prefix=read_creds(Path(self._creds).read_bytes()).inbox or "_INBOX",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            error_cb=_quiet,
        )

    def run(self, work: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
        """Work with JetStream over a connection of its own."""

        async def over() -> Result:
            connection = await until(self.connected)
            try:
                return await work(connection.jetstream())
            finally:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(connection.close(), 2)

        return asyncio.run(over())

    def fill(self, messages: int = 20) -> None:
        """Make the streams with a durable each; the durable has acknowledged the first half."""

        async def work(js: Any) -> None:
            for name, replicas in self.replicas.items():
                subjects = [f"orders.{name}.>"]
                await until(lambda: js.add_stream(name=name, subjects=subjects, num_replicas=replicas))  # noqa: B023
                for number in range(messages):
                    await self._publish(js, name, number)
                sub = await until(lambda: js.pull_subscribe(f"orders.{name}.>", durable="d"))  # noqa: B023
                for message in await until(lambda: sub.fetch(messages // 2, timeout=5)):  # noqa: B023
                    await message.ack_sync(timeout=10)

        self.run(work)

    async def _publish(self, js: Any, name: str, number: int) -> None:
        """The same message until it is acknowledged: its id keeps it from being there twice."""
        begun = time.monotonic()
        headers = {"Nats-Msg-Id": f"{name}-{number}"}
        await until(lambda: js.publish(f"orders.{name}.x", str(number).encode(), timeout=2, headers=headers))
        self.longest_wait = max(self.longest_wait, time.monotonic() - begun)
        self.acknowledged[name].append(number)

    @contextlib.contextmanager
    def traffic(self) -> Iterator[None]:
        """Somebody publishes into every stream for the length of a block."""

        async def work(js: Any) -> None:
            number = max(len(each) for each in self.acknowledged.values())
            while not self._ends.is_set():
                await asyncio.gather(*(self._publish(js, name, number) for name in self.replicas))
                number += 1
                await asyncio.sleep(0.05)

        self.longest_wait = 0.0
        self._ends.clear()
        failed: list[BaseException] = []

        def body() -> None:
            try:
                self.run(work)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ends.set()
            thread.join(90)
        assert not failed and not thread.is_alive(), failed

    def check(self, *gone: str) -> dict[str, list[str]]:
        """Every acknowledged message is there once and in its order, and the durable goes on where it was.

        gone: names of servers that may hold nothing any more. Returns the servers that hold each stream.
        """

        async def work(js: Any) -> dict[str, list[str]]:
            found = {}
            for name in self.replicas:
                info = await until(lambda: js.stream_info(name))  # noqa: B023
                consumer = await until(lambda: js.consumer_info(name, "d"))  # noqa: B023
                numbers = [
                    int((await until(lambda: js.get_msg(name, sequence))).data)  # noqa: B023
                    for sequence in range(info.state.first_seq, info.state.last_seq + 1)
                ]
                assert numbers == self.acknowledged[name], f"{name}: {numbers} is not {self.acknowledged[name]}"
                assert consumer.ack_floor.stream_seq >= 10, f"{name}: {consumer.ack_floor}"
                found[name] = holders(info)
                assert len(found[name]) == self.replicas[name], f"{name}: {found[name]}"
                assert not {*found[name], *holders(consumer)} & set(gone), f"{name}: {found[name]} {consumer.cluster}"
            return found

        return self.run(work)


def holders(info: Any) -> list[str]:
    return sorted([info.cluster.leader, *(each.name for each in info.cluster.replicas or [])])


def place_alone(streams: Streams, server: str) -> list[str]:
    """Streams of one replica, made until two of them lie on the server; their names."""

    async def work(js: Any) -> list[str]:
        found: list[str] = []
        for number in range(20):
            name = f"ALONE{number}"
            info = await until(lambda: js.add_stream(name=name, subjects=[f"orders.{name}"], num_replicas=1))  # noqa: B023
            if info.cluster.leader == server:
                found.append(name)
            if len(found) == 2:
                return found
        raise AssertionError(found)

    return streams.run(work)


async def _quiet(_error: Exception) -> None:
    """Lost connections are what the tests are about."""
