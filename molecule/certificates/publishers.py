# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twenty clients that publish to a replicated stream until told to end: publishers.py publish.

When the file publishers.end is there, the stream is read back and publishers.json tells what became of it all.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig

STREAM = "ROTATION"
CLIENTS = 20
#: Seconds between two messages of a client.
PAUSE = 0.2
STATE = Path(os.environ["CLIENT_STATE"])
URLS = os.environ["CLIENT_URLS"].split(",")


@dataclass
class Seen:
    """What one client saw. waits: seconds until each acknowledgement."""

    acknowledged: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    disconnects: int = 0


def tls() -> ssl.SSLContext:
    """What a client connects with, once: who reconnected later would bring this same certificate."""
    folder = Path(os.environ["CLIENT_PKI"])
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    certificate = folder / "issued" / "clients" / "order-service"
    context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
    return context


async def connect(number: int, seen: Seen) -> nats.NATS:
    """A client of its own server: they are spread over all."""

    async def note(error: Exception) -> None:
        seen.errors.append(f"{type(error).__name__}: {error}")

    async def lost() -> None:
        seen.disconnects += 1

    first = number % len(URLS)
    return await nats.connect(
        URLS[first:] + URLS[:first],
        dont_randomize=True,
        tls=tls(),
        user_credentials=os.environ["CLIENT_CREDS"],
        error_cb=note,
        disconnected_cb=lost,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
    )


async def publish(client: nats.NATS, name: str, seen: Seen) -> None:
    """One message after the other, each only when the one before was acknowledged or not."""
    jetstream = client.jetstream()
    number = 0
    while not (STATE / "publishers.end").exists():
        number += 1
        text = f"{name} {number}"
        began = time.monotonic()
        try:
            await jetstream.publish(f"orders.rotation.{name}", text.encode(), timeout=30)
            seen.acknowledged.append(text)
            seen.waits.append(time.monotonic() - began)
        except (Error, OSError) as error:
            seen.errors.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(PAUSE)


async def kept(client: nats.NATS) -> Counter[str]:
    """Every message of the stream, and how often it is there."""
    jetstream = client.jetstream()
    wanted = (await jetstream.stream_info(STREAM)).state.messages
    reader = await jetstream.pull_subscribe(
        "", stream=STREAM, config=ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=60)
    )
    found: Counter[str] = Counter()
    while found.total() < wanted:
        found.update(message.data.decode() for message in await reader.fetch(500, timeout=10))
    return found


def told(seen: list[Seen], found: Counter[str]) -> dict[str, Any]:
    """The figures that the scenario judges by."""
    acknowledged = [text for each in seen for text in each.acknowledged]
    return {
        "clients": len(seen),
        "acknowledged": len(acknowledged),
        "fewest": min(len(each.acknowledged) for each in seen),
        "lost": sum(found[text] == 0 for text in acknowledged),
        "twice": sum(count > 1 for count in found.values()),
        "disconnects": sum(each.disconnects for each in seen),
        "errors": sorted({error for each in seen for error in each.errors}),
        "longest_wait": round(max(wait for each in seen for wait in each.waits), 3),
    }


async def main() -> None:
    """Publish until told to end, then tell."""
    for name in ("end", "json", "ready"):
        (STATE / f"publishers.{name}").unlink(missing_ok=True)
    seen = [Seen() for _number in range(CLIENTS)]
    clients = [await connect(number, each) for number, each in enumerate(seen)]
    await clients[0].jetstream().add_stream(name=STREAM, subjects=["orders.rotation.>"], num_replicas=3)
    work = [publish(client, f"client-{n}", each) for n, (client, each) in enumerate(zip(clients, seen))]
    running = asyncio.gather(*work)
    (STATE / "publishers.ready").touch(mode=0o600)
    await running
    result = told(seen, await kept(clients[0]))
    result["reconnects"] = sum(client.stats["reconnects"] for client in clients)
    (STATE / "publishers.new").write_text(json.dumps(result), encoding="utf-8")
    (STATE / "publishers.new").rename(STATE / "publishers.json")
    for client in clients:
        await client.close()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (Error, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
