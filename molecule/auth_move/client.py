# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client with a password: client.py fill | serve | count.

fill makes two streams of 50 messages; count counts them; serve talks to itself and tells in client.json what it saw.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import time
from pathlib import Path
from typing import Any

import nats
from nats.errors import Error

STREAMS = {"KEPT": 3, "ALONE": 1}
MESSAGES = 50
STATE = Path(os.environ["CLIENT_STATE"])


async def connect(**options: Any) -> nats.NATS:
    """A connection to any of the servers."""
    folder = Path(os.environ["CLIENT_PKI"])
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    certificate = folder / "issued" / "clients" / "order-service"
    context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
    return await nats.connect(
        os.environ["CLIENT_URLS"].split(","),
        tls=context,
        user="app",
        password=os.environ["CLIENT_PASSWORD"],
        **options,
    )


async def fill() -> None:
    """Streams with messages, one replicated and one not."""
    client = await connect()
    for name, replicas in STREAMS.items():
        await client.jetstream().add_stream(name=name, subjects=[f"{name}.>"], num_replicas=replicas)
        for number in range(MESSAGES):
            await client.jetstream().publish(f"{name}.{number}", b"kept")
    await client.close()


async def count() -> None:
    """What is in the streams."""
    client = await connect(allow_reconnect=False, max_reconnect_attempts=1)
    found = [(await client.jetstream().stream_info(name)).state.messages for name in STREAMS]
    print(", ".join(f"{name} {number}" for name, number in zip(STREAMS, found)))
    await client.close()


async def serve() -> None:
    """Publish and hear until told to end; how long nothing was heard, and by which servers it was served."""
    heard: list[float] = []
    servers: set[str] = set()
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error).lower())

    async def hear(_message: Any) -> None:
        heard.append(time.monotonic())

    (STATE / "client.end").unlink(missing_ok=True)
    (STATE / "client.json").unlink(missing_ok=True)
    client = await connect(error_cb=note, max_reconnect_attempts=-1, reconnect_time_wait=0.2)
    await client.subscribe("tick", cb=hear)
    while not (STATE / "client.end").exists():
        await asyncio.sleep(0.1)
        if client.is_connected and client.connected_url is not None:
            servers.add(client.connected_url.netloc)
            await client.publish("tick", b"")
    pauses = [after - before for before, after in zip(heard, heard[1:])]
    saw = {
        "received": len(heard),
        "longest_pause": round(max(pauses), 2),
        "servers": sorted(servers),
        "end": "refused" if any("authorization" in error for error in errors) else "served",
    }
    (STATE / "client.new").write_text(json.dumps(saw), encoding="utf-8")
    (STATE / "client.new").rename(STATE / "client.json")


def main() -> None:
    """Do one of the three; what goes wrong is told in one line."""
    try:
        asyncio.run({"fill": fill, "serve": serve, "count": count}[sys.argv[1]]())
    except Error as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
