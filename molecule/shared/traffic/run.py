# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten publishers that wait for their acknowledgements and ten durable consumers, until told to end: run.py.

What they see goes into traffic.jsonl, a line each, which judge.py reads. A message that is not acknowledged in time is
sent again with the same Nats-Msg-Id until it is. When the file traffic.end is there, the publishers stop, the consumers
take what is left, the streams are read back, and traffic.json tells what became of it all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
import sys
import time
from collections import Counter
from pathlib import Path

import nats
from judge import PAIRS, Log, read, told, write
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

STREAMS = 5
#: Seconds between two messages of a publisher, until one is sent again, until an unacknowledged one is delivered again.
PAUSE, PATIENCE, ACK_WAIT = 0.1, 1.0, 10.0
#: Seconds after which a publisher gives a message up, and that the consumers are given at the end for what is left.
GIVE_UP, DRAIN = 300.0, 60.0
#: Seconds until a stream that can't be read back is a failure.
READING = 30.0
STATE = Path(os.environ["CLIENT_STATE"])
URLS = os.environ["CLIENT_URLS"].split(",")


def tls() -> ssl.SSLContext:
    """What a client connects with where a server asks for TLS; made once, as an application does when it starts."""
    folder = Path(os.environ["CLIENT_PKI"])
    certificate = folder / "issued" / "clients" / "order-service"
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
    return context


async def connect(name: str, number: int, log: Log) -> nats.NATS:
    """A client of its own server: they are spread over all. One that is cut off notices after three seconds."""

    async def note(error: Exception) -> None:
        log.add(error=f"{type(error).__name__}: {error}", client=name)

    async def lost() -> None:
        log.add(disconnected=name)

    first = number % len(URLS)
    return await nats.connect(
        URLS[first:] + URLS[:first],
        name=name,
        dont_randomize=True,
        tls=tls(),
        user_credentials=os.environ["CLIENT_CREDS"],
        inbox_prefix=os.environ["CLIENT_INBOX"],
        error_cb=note,
        disconnected_cb=lost,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
        connect_timeout=1,
        ping_interval=1,
        max_outstanding_pings=2,
    )


def stream(number: int) -> str:
    """The stream of a publisher and of its consumer."""
    return f"TRAFFIC-{number % STREAMS}"


def subject(number: int) -> str:
    """What a publisher publishes to, and its consumer hears."""
    return f"orders.traffic.{number % STREAMS}.{number}"


async def publish(client: nats.NATS, number: int, log: Log) -> None:
    """One message after the other, each until it is acknowledged."""
    jetstream, count = client.jetstream(), 0
    while not (STATE / "traffic.end").exists():
        count += 1
        message, began, tries = f"{number}-{count}", time.monotonic(), 0
        acknowledged = False
        while not acknowledged and time.monotonic() < began + GIVE_UP:
            tries += 1
            try:
                sent = jetstream.publish(
                    subject(number), message.encode(), timeout=PATIENCE, headers={"Nats-Msg-Id": message}
                )
                await asyncio.wait_for(sent, 2 * PATIENCE)
                acknowledged = True
            except (Error, OSError, asyncio.TimeoutError) as error:
                log.add(error=f"{type(error).__name__}: {error}", client=f"publisher {number}")
                await asyncio.sleep(PAUSE)
        if acknowledged:
            log.add(acknowledged=message, began=began, tries=tries)
        await asyncio.sleep(max(0.0, began + PAUSE - time.monotonic()))


async def consume(client: nats.NATS, number: int, log: Log, ended: asyncio.Event) -> None:
    """Take and acknowledge, each acknowledgement confirmed; told is what was delivered and whether it was confirmed."""
    name = f"consumer-{number}"
    reader = await client.jetstream().pull_subscribe_bind(name, stream(number))
    while not ended.is_set():
        try:
            messages = await reader.fetch(20, timeout=1)
        except (Error, OSError, asyncio.TimeoutError):
            continue  # there was none, or its leader is on its way
        for message in messages:
            confirmed = True
            try:
                await message.ack_sync(timeout=PATIENCE)
            except (Error, OSError, asyncio.TimeoutError):
                confirmed = False
            log.add(
                delivered=message.data.decode(),
                consumer=number,
                sequence=message.metadata.sequence.stream,
                confirmed=confirmed,
            )


async def make(client: nats.NATS) -> None:
    """Streams of three replicas, and durable consumers as safe as they; of those of an earlier time nothing is kept."""
    jetstream = client.jetstream()
    for number in range(STREAMS):
        with contextlib.suppress(NotFoundError):
            await jetstream.delete_stream(stream(number))
        await jetstream.add_stream(name=stream(number), subjects=[f"orders.traffic.{number}.>"], num_replicas=3)
    for number in range(PAIRS):
        wanted = ConsumerConfig(
            durable_name=f"consumer-{number}",
            filter_subject=subject(number),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT,
            num_replicas=3,
        )
        await jetstream.add_consumer(stream(number), wanted)


async def held(client: nats.NATS, name: str) -> Counter[str]:
    """Every message of a stream, and how often it is there."""
    jetstream, found = client.jetstream(), Counter[str]()
    wanted = (await jetstream.stream_info(name)).state.messages
    reader = await jetstream.pull_subscribe(
        "", stream=name, config=ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=60)
    )
    while found.total() < wanted:
        found.update(message.data.decode() for message in await reader.fetch(500, timeout=10))
    return found


async def kept(client: nats.NATS) -> Counter[str]:
    """Every message of the streams. A server that was just started may not answer for its consumers at first."""
    found = Counter[str]()
    for number in range(STREAMS):
        end = time.monotonic() + READING
        while True:
            try:
                found.update(await held(client, stream(number)))
                break
            except (Error, OSError, asyncio.TimeoutError):
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(1)
    return found


async def drained() -> None:
    """Until every acknowledged message was delivered, or the time is over."""
    end = time.monotonic() + DRAIN
    while time.monotonic() < end and read(STATE).waiting():
        await asyncio.sleep(1)


async def main() -> None:
    """Publish and consume until told to end, then tell."""
    for ending in ("end", "json", "ready", "jsonl"):
        (STATE / f"traffic.{ending}").unlink(missing_ok=True)
    with Log(STATE) as log:
        publishers = [await connect(f"publisher {number}", number, log) for number in range(PAIRS)]
        await make(publishers[0])
        consumers = [await connect(f"consumer {number}", number + 1, log) for number in range(PAIRS)]
        ended = asyncio.Event()
        taking = [consume(client, number, log, ended) for number, client in enumerate(consumers)]
        taken = asyncio.gather(*taking)
        given = asyncio.gather(*(publish(client, number, log) for number, client in enumerate(publishers)))
        (STATE / "traffic.ready").touch(mode=0o600)
        ending, _still = await asyncio.wait({taken, given}, return_when=asyncio.FIRST_COMPLETED)
        for each in ending:
            each.result()  # consumers that end by themselves have failed
        await drained()
        ended.set()
        await taken
        log.add(
            kept=await kept(publishers[0]), reconnects=sum(each.stats["reconnects"] for each in publishers + consumers)
        )
        write(STATE / "traffic.json", json.dumps(told(read(STATE))))
        for client in publishers + consumers:
            await client.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
