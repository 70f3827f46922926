# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream made for the test: written through one server with acknowledgements, read back through another, deleted."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from ..client import libraries
from .checks import Check
from .perimeter import Finding
from .session import Sessions, Watch

_AGAIN = 0.2
_MARK = "made by aegis.nats client_probe"
_MESSAGES = 10
_VERBS = ("STREAM.INFO", "STREAM.CREATE", "STREAM.DELETE", "STREAM.MSG.GET")
_NO_PEERS = 10005


class _Wrong(Exception):
    """The check is not met, for this reason."""


async def check_stream(check: Check, sessions: Sessions) -> Finding:
    """Make the stream, write at the first server, read at the last, and delete it unless it is to be kept."""
    writer = await sessions.client(check.client or "", sessions.servers[0])
    reader = await sessions.client(check.client or "", sessions.servers[-1])
    watch = Watch(writer, check.subject, *(f"$JS.API.{verb}.{check.stream}" for verb in _VERBS))
    there, here = writer.nats.jetstream(timeout=sessions.timeout), reader.nats.jetstream(timeout=sessions.timeout)
    made = False
    try:
        await _make(check, there, sessions.timeout)
        made = True
        sequences = await _write(check, there)
        await _read(check, here, sequences)
        await _replicated(check, here, sessions.timeout)
        if not check.keep:
            await there.delete_stream(check.stream)
            made = False
        kept = "kept" if check.keep else "deleted"
        return Finding(True, f"{_MESSAGES} messages written and read, {check.replicas} replicas current, {kept}")
    except _Wrong as error:
        return Finding(False, str(error))
    except (libraries.nats_error(), asyncio.TimeoutError) as error:
        return Finding(False, watch.refusal() or _words(error))
    finally:
        if made and not check.keep:
            with contextlib.suppress(Exception):
                await there.delete_stream(check.stream)


async def _make(check: Check, jetstream: Any, timeout: float) -> None:
    """Make the stream; one that an earlier check left is made anew, anybody else's is not touched."""
    clock = asyncio.get_running_loop().time
    end = clock() + timeout
    while True:
        try:
            await _clear(check, jetstream)
            await jetstream.add_stream(
                name=check.stream, subjects=[check.subject], num_replicas=check.replicas, description=_MARK
            )
            return
        except libraries.jetstream_error() as error:
            # A cluster that has just started elects its meta leader and learns of all peers within seconds. No code at
            # all is nobody there, as in an account that its server has loaded this moment.
            if clock() >= end or not (error.code in (None, 503) or error.err_code == _NO_PEERS):
                raise
            await asyncio.sleep(_AGAIN)


async def _clear(check: Check, jetstream: Any) -> None:
    try:
        existing = await jetstream.stream_info(check.stream)
    except libraries.not_found():
        return
    if existing.config.description != _MARK:
        raise _Wrong(f"there is a stream {check.stream} already and it is not touched: name another")
    await jetstream.delete_stream(check.stream)


async def _write(check: Check, jetstream: Any) -> list[int]:
    sequences = []
    for number in range(_MESSAGES):
        acknowledged = await jetstream.publish(check.subject, f"{check.payload} {number}".encode())
        if acknowledged.stream != check.stream:
            raise _Wrong(f"the message went into the stream {acknowledged.stream}")
        sequences.append(acknowledged.seq)
    return sequences


async def _read(check: Check, jetstream: Any, sequences: list[int]) -> None:
    for number, sequence in enumerate(sequences):
        message = await jetstream.get_msg(check.stream, sequence)
        if message.data != f"{check.payload} {number}".encode():
            raise _Wrong(f"message {sequence} came back changed")


async def _replicated(check: Check, jetstream: Any, timeout: float) -> None:
    clock = asyncio.get_running_loop().time
    end = clock() + timeout
    while True:
        cluster = (await jetstream.stream_info(check.stream)).cluster
        replicas = (cluster.replicas or []) if cluster else []
        current = 1 + sum(bool(replica.current) and not replica.lag for replica in replicas)
        if current == check.replicas:
            return
        if clock() >= end:
            raise _Wrong(f"{current} of {check.replicas} replicas are current")
        await asyncio.sleep(_AGAIN)


def _words(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    if isinstance(error, libraries.jetstream_error()) and error.code is None:
        return "nobody answers for JetStream: is it on in this account?"
    return str(getattr(error, "description", None) or error).replace("nats: ", "") or type(error).__name__
