# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of every kind in two accounts, and a record of all that a client can see of them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

import nats
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate
from ansible_collections.aegis.nats.tests.end_to_end.staying import tls_context
from ansible_collections.aegis.nats.tests.integration.live_streams import until
from nats.js.api import KeyValueConfig, ObjectStoreConfig

Result = TypeVar("Result")
Words = dict[str, Any]
#: A text that is in messages, and may be readable nowhere but there.
MARKER = "holdings-marker-7d1c"
#: Creds below the trust store, by account. Their files are not taken along: a restore brings them back.
CREDS = {
    "TeamAlpha": "nats/trust/keys/creds/MyCompany/TeamAlpha/order-service.creds",
    "ExternalPartner": "nats/trust/keys/creds/MyCompany/ExternalPartner/gateway.creds",
}
# What servers write themselves, and differs between two restores of the same.
_SERVER_S = ("_nats.", "aegis.nats.")


def widen(estate: Estate) -> None:
    """Let the two users do all that their accounts may."""
    for account in estate.settings["nats_trust_accounts"]:
        account["users"][0].update(publish={"allow": [">"]}, subscribe={"allow": [">"]})


class Holder:
    """One account of an estate, reached by the creds that lie on its controller."""

    def __init__(self, estate: Estate, account: str = "TeamAlpha") -> None:
        self._estate, self._creds = estate, str(estate.root / CREDS[account])

    def run(self, work: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
        """Work over a connection of its own."""
        urls = [f"tls://127.0.0.1:{port}" for port in self._estate.ports["client"]]
        context: ssl.SSLContext = tls_context(self._estate)

        async def over() -> Result:
            connection = await until(lambda: nats.connect(urls, tls=context, user_credentials=self._creds))
            try:
                return await work(connection)
            finally:
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(connection.close(), 2)

        return asyncio.run(over())

    def record(self, *names: str) -> Words:
        """Everything of these streams, or of all: configuration, state, each message, how far consumers are."""

        async def work(connection: Any) -> Words:
            there = (await ask(connection, "STREAM.NAMES"))["streams"] or []
            return {name: await _recorded(connection, name) for name in sorted(there) if not names or name in names}

        return self.run(work)


async def ask(connection: Any, subject: str, request: object = None) -> Words:
    """An answer of JetStream; an error raises."""
    payload = b"" if request is None else json.dumps(request).encode()
    answer: Words = json.loads((await connection.request(f"$JS.API.{subject}", payload, timeout=15)).data)
    if "error" in answer:
        raise AssertionError(f"{subject}: {answer['error']}")
    return answer


async def make(connection: Any, name: str, **config: Any) -> None:
    """A stream; a replica of three unless said otherwise."""
    whole = {"name": name, "subjects": [f"in.{name}.>"], "num_replicas": 3, "storage": "file", **config}
    config = {key: value for key, value in whole.items() if value is not None}
    for left in reversed(range(20)):
        try:
            await ask(connection, f"STREAM.CREATE.{name}", config)
            return
        except AssertionError as error:
            # The first streams of an account that the servers have just learned of.
            if not left or not any(f"'err_code': {code}" in str(error) for code in (10039, 10049)):
                raise
            await asyncio.sleep(0.5)


async def put(js: Any, subject: str, content: bytes, **more: Any) -> None:
    """Publish; the leader of a stream that was just made may not listen yet."""
    await until(lambda: js.publish(subject, content, **more))


async def consume(connection: Any, stream: str, name: str, acks: Mapping[int, bool], **config: Any) -> None:
    """A durable to which the first messages were delivered; those that say so were acknowledged. acks: by position."""
    wanted = {"durable_name": name, "ack_policy": "explicit", "ack_wait": 15_000_000_000, **config}
    await ask(connection, f"CONSUMER.CREATE.{stream}.{name}", {"stream_name": stream, "config": wanted})
    subscription = await connection.jetstream().pull_subscribe_bind(name, stream)
    for position, message in enumerate(await subscription.fetch(len(acks), timeout=10), 1):
        if acks[position]:
            await message.ack_sync(timeout=10)


async def _recorded(connection: Any, name: str) -> Words:
    info = await ask(connection, f"STREAM.INFO.{name}", {"deleted_details": True, "subjects_filter": ">"})
    consumers = (await ask(connection, f"CONSUMER.LIST.{name}"))["consumers"] or []
    state = info["state"]
    gone = set(state.get("deleted") or ())
    messages = {}
    for sequence in range(max(1, state["first_seq"]), state["last_seq"] + 1):
        if sequence not in gone:
            found = (await ask(connection, f"STREAM.MSG.GET.{name}", {"seq": sequence}))["message"]
            messages[sequence] = (found["subject"], found.get("hdrs"), _digest(found.get("data", "")), found["time"])
    return {
        "config": _plain(info["config"]),
        "state": _state(state),
        "messages": messages,
        "consumers": {
            each["name"]: {"config": _plain(each["config"]), "floor": _floor(each)}
            for each in consumers
            if each["config"].get("durable_name")
        },
    }


def _state(state: Mapping[str, Any]) -> Words:
    """Consumers of whoever is connected do not count; the last time is that of the last message still there."""
    kept = {key: value for key, value in state.items() if key not in ("consumer_count", "last_ts")}
    return kept if state["messages"] else {"last_seq": state["last_seq"]}


def _plain(config: Mapping[str, Any]) -> Words:
    metadata = {key: value for key, value in (config.get("metadata") or {}).items() if not key.startswith(_SERVER_S)}
    found = {**{key: value for key, value in config.items() if key != "metadata"}, "metadata": metadata}
    if "sources" in config:
        # Where a source begins is what a restore changes, so that nothing is gathered twice.
        found["sources"] = [{**each, "opt_start_seq": 0} for each in config["sources"]]
    return found


def _floor(consumer: Mapping[str, Any]) -> tuple[int, int]:
    return consumer["ack_floor"]["consumer_seq"], consumer["ack_floor"]["stream_seq"]


def _digest(text: str) -> str:
    return text if len(text) < 200 else hashlib.sha256(text.encode()).hexdigest()


def fill(estate: Estate) -> None:
    """Streams of every kind that is kept, in two accounts."""

    async def team(connection: Any) -> None:
        js = connection.jetstream()
        await make(connection, "ORDERS", metadata={"owner": "team"}, compression="s2", duplicate_window=3600 * 10**9)
        for number in range(60):
            headers = {"Nats-Msg-Id": f"m{number}", "Number": str(number), "Text": "ä b"}
            await put(js, "in.ORDERS.x", f"{MARKER} {number}".encode(), headers=headers)
        await consume(connection, "ORDERS", "half", {n: n <= 20 or n in (25, 26) for n in range(1, 41)})
        await consume(connection, "ORDERS", "all", dict.fromkeys(range(1, 61), True), num_replicas=3)
        await ask(connection, "CONSUMER.CREATE.ORDERS.new", _consumer("ORDERS", "new", filter_subject="in.ORDERS.*"))
        pushed = _consumer("ORDERS", "pushed", deliver_subject="out.orders", deliver_group="g")
        await ask(connection, "CONSUMER.DURABLE.CREATE.ORDERS.pushed", pushed)
        await make(connection, "QUEUE", num_replicas=1, retention="workqueue")
        await make(connection, "INTEREST", retention="interest")
        for durable in ("one", "two"):
            await ask(connection, f"CONSUMER.CREATE.INTEREST.{durable}", _consumer("INTEREST", durable))
        for number in range(30):
            await put(js, "in.QUEUE.x", str(number).encode())
            await put(js, "in.INTEREST.x", str(number).encode())
        await consume(connection, "QUEUE", "worker", {n: n % 2 == 1 for n in range(1, 21)})
        await consume(connection, "INTEREST", "one", dict.fromkeys(range(1, 31), True))
        await consume(connection, "INTEREST", "two", {n: n <= 10 for n in range(1, 16)})
        await make(connection, "EMPTY", num_replicas=1)
        await make(connection, "PURGED", num_replicas=1)
        await put(js, "in.PURGED.x", b"gone")
        await ask(connection, "STREAM.PURGE.PURGED")
        await make(connection, "GAPS", num_replicas=1, allow_direct=True)
        for number in range(40):
            await put(js, f"in.GAPS.{number % 4}", str(number).encode())
        await ask(connection, "STREAM.PURGE.GAPS", {"seq": 11})
        for sequence in (15, 16, 17, 30, 40):
            await ask(connection, "STREAM.MSG.DELETE.GAPS", {"seq": sequence})
        await make(connection, "SEALED", num_replicas=1)
        await put(js, "in.SEALED.x", b"for ever")
        sealed = (await ask(connection, "STREAM.INFO.SEALED"))["config"]
        await ask(connection, "STREAM.UPDATE.SEALED", {**sealed, "sealed": True})
        await make(connection, "MIRROR", num_replicas=1, subjects=None, mirror={"name": "ORDERS"})
        await make(connection, "GATHER", subjects=None, sources=[{"name": "GAPS"}, {"name": "QUIET"}])
        await make(connection, "QUIET", num_replicas=1)
        for number in range(5):
            await put(js, "in.QUIET.x", str(number).encode())
        await _stores(js)
        await until(lambda: _counts(connection, {"MIRROR": 60, "GATHER": 30}))

    async def partner(connection: Any) -> None:
        await make(connection, "NOTES", num_replicas=1)
        for number in range(7):
            await put(connection.jetstream(), "in.NOTES.x", str(number).encode())

    Holder(estate).run(team)
    Holder(estate, "ExternalPartner").run(partner)


async def _stores(js: Any) -> None:
    bucket = await js.create_key_value(KeyValueConfig(bucket="settings", history=5, replicas=3))
    for number in range(7):
        await bucket.put("colour", f"c{number}".encode())
    await bucket.put("gone", b"x")
    await bucket.delete("gone")
    objects = await js.create_object_store("files", ObjectStoreConfig(replicas=1))
    await objects.put("picture", bytes(range(256)) * 2000)


async def _counts(connection: Any, wanted: Mapping[str, int]) -> None:
    for name, count in wanted.items():
        if (await ask(connection, f"STREAM.INFO.{name}"))["state"]["messages"] < count:
            raise TimeoutError(name)


def _consumer(stream: str, name: str, **config: Any) -> Words:
    return {"stream_name": stream, "config": {"durable_name": name, "ack_policy": "explicit", **config}}


def stores_of(holder: Holder) -> tuple[list[tuple[int, str]], bytes]:
    """The history of the key that was written most, and the object, by the client's own stores."""

    async def work(connection: Any) -> tuple[list[tuple[int, str]], bytes]:
        js = connection.jetstream()
        bucket = await js.key_value("settings")
        history = [(each.revision, each.value.decode()) for each in await until(lambda: bucket.history("colour"), 10)]
        return history, (await (await js.object_store("files")).get("picture")).data

    return holder.run(work)


def delivered_again(holder: Holder, stream: str, durable: str) -> set[int]:
    """The stream sequences that a durable is given from here on; none is acknowledged.

    By their release, servers begin behind what was acknowledged, or go on and come back to what was not.
    """

    async def work(connection: Any) -> set[int]:
        subscription = await connection.jetstream().pull_subscribe_bind(durable, stream)
        found: set[int] = set()
        end = time.monotonic() + 20
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError, nats.errors.TimeoutError):
            # What is not acknowledged comes again and again: once is enough.
            while time.monotonic() < end:
                found |= {each.metadata.sequence.stream for each in await subscription.fetch(100, timeout=2)}
        return found

    return holder.run(work)


def destroy(estate: Estate) -> None:
    """The servers with all that they have, and all that the controller keeps."""
    estate.close()
    for name in ("nodes", "nats"):
        shutil.rmtree(estate.root / name)
