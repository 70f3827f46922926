# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order service in Python: certificate and creds, or certificate and NKey. README.md says how to run it."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg


def login() -> dict[str, Any]:
    """How the client says who it is. Files, not their contents: they are read again at each reconnect."""
    if os.environ.get("NATS_CREDS"):
        return {"user_credentials": os.environ["NATS_CREDS"]}
    if os.environ.get("NATS_JWT"):
        # The library takes these two files with no newline at their end, as the official tools write them.
        return {"user_credentials": (os.environ["NATS_JWT"], os.environ["NATS_NKEY"])}
    return {"nkeys_seed": os.environ["NATS_NKEY"]}


async def connect(refused: asyncio.Queue[str]) -> Client:
    """A connection that survives its servers; what they refuse goes to ``refused``."""
    tls = ssl.create_default_context(cafile=os.environ["NATS_CA"])
    tls.load_cert_chain(os.environ["NATS_CERT"], os.environ["NATS_KEY"])

    async def on_error(error: Exception) -> None:
        # Where the server's refusals arrive: publish() and flush() have long returned without an error.
        if "permissions violation" in str(error).lower():
            await refused.put(str(error))
        else:
            print(f"error: {error!r}", file=sys.stderr)

    async def on_disconnect() -> None:
        print("disconnected", file=sys.stderr)

    connecting = nats.connect(
        os.environ["NATS_URL"].split(","),
        name="order-service",
        tls=tls,
        inbox_prefix=os.environ.get("NATS_INBOX_PREFIX", "_INBOX"),  # where the user may hear replies
        max_reconnect_attempts=-1,  # for ever; the library does so for the first connection too
        reconnect_time_wait=2,
        error_cb=on_error,
        disconnected_cb=on_disconnect,
        **login(),
    )
    return await asyncio.wait_for(connecting, timeout=10)  # a wrong setting is told by on_error, and ends here


async def main() -> None:
    refused: asyncio.Queue[str] = asyncio.Queue()
    client = await connect(refused)
    print(f"connected to {client.connected_url.netloc}")

    async def price(request: Msg) -> None:
        await request.respond(b"99.99")

    await client.subscribe("orders.price", cb=price)
    created = await client.subscribe("orders.created")

    await client.publish("orders.created", json.dumps({"orderId": "12345"}).encode())
    message = await created.next_msg(timeout=5)
    print(f"heard {message.subject}: {message.data.decode()}")

    answer = await client.request("orders.price", b"12345", timeout=5)
    print(f"answer: {answer.data.decode()}")

    await client.publish("payments.process", b"100")  # not permitted, and no error here
    print(f"refused: {await asyncio.wait_for(refused.get(), timeout=5)}")

    await client.drain()


if __name__ == "__main__":
    asyncio.run(main())
