# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client of the quickstart cluster: client.py listen SUBJECT | publish SUBJECT TEXT | request SUBJECT TEXT.

Reads .quickstart/client.env; an environment variable of the same name wins.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from pathlib import Path

import nats

SETTINGS = Path(__file__).resolve().parents[2] / ".quickstart" / "client.env"


def settings() -> dict[str, str]:
    """NATS_URL, NATS_CA, NATS_CERT, NATS_KEY, NATS_CREDS, NATS_INBOX_PREFIX."""
    if not SETTINGS.exists():
        sys.exit("error: there is no .quickstart/client.env: run ./quickstart first")
    lines = SETTINGS.read_text(encoding="utf-8").splitlines()
    found = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name: os.environ.get(name, value) for name, value in found.items()}


async def run(verb: str, subject: str, text: str) -> int:
    """Do one thing; 1 when the server refused it."""
    values = settings()
    context = ssl.create_default_context(cafile=values["NATS_CA"])
    context.load_cert_chain(values["NATS_CERT"], values["NATS_KEY"])
    refused: list[str] = []

    async def on_error(error: Exception) -> None:
        refused.append(str(error))

    client = await nats.connect(
        values["NATS_URL"].split(","),
        tls=context,
        user_credentials=values["NATS_CREDS"],
        inbox_prefix=values["NATS_INBOX_PREFIX"],
        error_cb=on_error,
    )
    print(f"connected to {client.connected_url.netloc}")
    if verb == "listen":
        subscription = await client.subscribe(subject)
        await client.flush()
        print(f"listening on {subject}; end with Ctrl-C", flush=True)
        while not refused:
            try:
                message = await subscription.next_msg(timeout=1)
                print(f"{message.subject}: {message.data.decode()}", flush=True)
            except nats.errors.TimeoutError:
                continue
    elif verb == "request":
        try:
            answer = await client.request(subject, text.encode(), timeout=5)
            print(f"answer: {answer.data.decode()}")
        except nats.errors.NoRespondersError:
            refused.append("nobody answers on this subject")
    else:
        await client.publish(subject, text.encode())
        await client.flush()
        await asyncio.sleep(0.1)
        print("refused" if refused else "published")
    await client.close()
    for reason in refused:
        print(reason, file=sys.stderr)
    return 1 if refused else 0


def main() -> int:
    if len(sys.argv) < 3 or sys.argv[1] not in ("listen", "publish", "request"):
        sys.exit(__doc__)
    try:
        return asyncio.run(run(sys.argv[1], sys.argv[2], " ".join(sys.argv[3:])))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
