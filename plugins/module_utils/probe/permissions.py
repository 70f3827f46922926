# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client may do once it is in: connect, publish, subscribe, request, and reach another account's service."""

from __future__ import annotations

from typing import Any

from ..client.connect import Unreachable, close_client, open_client
from .checks import Check
from .perimeter import Finding
from .session import Sessions, Watch, request


async def check_connect(check: Check, sessions: Sessions, url: str) -> Finding:
    """Log in afresh, with all that the client has."""
    try:
        client = await open_client(sessions.access(check.client), url)
    except Unreachable as error:
        why = str(error).split(": ", 1)[-1]
        # Only a verdict about this client is a refusal: a server that is down refuses nobody.
        return Finding(not check.allowed, f"refused ({why})") if error.turned_away else Finding(None, why)
    await close_client(client)
    return Finding(check.allowed, "let in")


async def check_publish(check: Check, sessions: Sessions, url: str) -> Finding:
    """Publish one message."""
    client = await sessions.client(check.client or "", url)
    watch = Watch(client, check.subject)
    await client.nats.publish(check.subject, check.payload.encode())
    return _permitted(check, await watch.settled(sessions.timeout))


async def check_subscribe(check: Check, sessions: Sessions, url: str) -> Finding:
    """Subscribe, and leave again."""
    client = await sessions.client(check.client or "", url)
    watch = Watch(client, check.subject)
    subscription = await client.nats.subscribe(check.subject)
    refusal = await watch.settled(sessions.timeout)
    if refusal is None:
        await subscription.unsubscribe()
    return _permitted(check, refusal)


def _permitted(check: Check, refusal: Any) -> Finding:
    return Finding((refusal is None) is check.allowed, refusal or "permitted")


async def check_request(check: Check, sessions: Sessions, url: str) -> Finding:
    """Request, and look at the reply."""
    client = await sessions.client(check.client or "", url)
    # Patient only where a reply is expected: where it is not, "no responders" is the answer.
    reply, why = await request(client, check.subject, check.payload.encode(), sessions.timeout, patient=check.allowed)
    return _answered(check, reply, why)


def _answered(check: Check, reply: Any, why: str) -> Finding:
    if reply is None:
        return Finding(not check.allowed, why)
    said = reply.data.decode("utf-8", "replace")
    if check.allowed and check.reply is not None and said != check.reply:
        return Finding(False, f"replied {said[:80]!r}")
    return Finding(check.allowed, "replied")


async def check_exchange(check: Check, sessions: Sessions) -> Finding:
    """A responder at the first server, a requester at the last: through the cluster and across accounts.

    That something can't be reached proves something only while it is there, so a responder that nobody else may reach
    is first reached by its own client.
    """
    first, last = sessions.servers[0], sessions.servers[-1]
    responder = await sessions.client(check.responder or "", first)
    watch = Watch(responder, check.subject)
    marker = b"reply to " + check.payload.encode()

    async def answer(message: Any) -> None:
        if message.data == check.payload.encode():
            await message.respond(marker)

    subscription = await responder.nats.subscribe(check.subject, cb=answer)
    try:
        refusal = await watch.settled(sessions.timeout)
        if refusal:
            return Finding(None, f"nothing can be concluded: {check.responder}: {refusal}")
        question = check.payload.encode()
        if not check.allowed:
            itself = await sessions.client(check.responder or "", last)
            own, why = await request(itself, check.subject, question, sessions.timeout, patient=True)
            if own is None:
                return Finding(None, f"nothing can be concluded: {check.responder} can't reach itself: {why}")
        requester = await sessions.client(check.client or "", last)
        subject = check.local_subject or check.subject
        reply, why = await request(requester, subject, question, sessions.timeout, patient=check.allowed)
        if reply is not None and reply.data != marker:
            return Finding(None, "somebody else replied: choose a subject that only this check uses")
        refusal = watch.refusal()
        return _answered(check, reply, f"{check.responder}: {refusal}" if refusal else why)
    finally:
        await subscription.unsubscribe()
