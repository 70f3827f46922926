# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connected client: one attempt a server, no reconnecting, nothing on stderr, reasons in words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Optional, TypeVar
from urllib.parse import urlsplit

from ..plan.errors import NatsError
from . import libraries
from .access import Access, tls_context
from .tunnel import Passage, Tunnel

Result = TypeVar("Result")
_PERMISSION = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"', re.IGNORECASE)


class Unreachable(NatsError):
    """No connection: for each URL its reason.

    turned_away: a server answered and would not have this client; False when nobody answered, or this side refused.
    """

    def __init__(self, message: str, turned_away: bool = False) -> None:
        super().__init__(message)
        self.turned_away = turned_away


class NotEncrypted(Exception):
    """The server does not ask for TLS though the URL does: nothing was sent to it."""


class Client:
    """A nats-py client with what went wrong on its connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.nats: Any = libraries.new_client()
        self.errors: list[Exception] = []
        self.passages: list[Passage] = []
        self._spelling: dict[str, str] = {}

    async def note(self, error: Exception) -> None:
        """Called by nats-py with errors that arrive on their own."""
        self.errors.append(error)

    async def round_trip(self, timeout: float) -> None:
        """Return once the server has handled all that was sent; its errors have arrived by then."""
        # nats-py writes the PING of flush() past what still waits in its own buffer, so that is let out first.
        end = asyncio.get_running_loop().time() + timeout
        while self.nats.pending_data_size and not self.nats.is_closed:
            if asyncio.get_running_loop().time() >= end:
                raise asyncio.TimeoutError
            await asyncio.sleep(0.001)
        await self.nats.flush(timeout=max(1, round(timeout)))

    def remember(self, *subjects: str) -> None:
        """Keep how subjects are spelled: nats-py hands on what a server says in small letters."""
        self._spelling.update({subject.lower(): subject for subject in subjects})

    def pass_through(self, tunnel: Tunnel) -> None:
        """Connect through a tunnel, once."""

        def connect(host: str, port: int) -> socket.socket:
            if self.passages:
                raise ConnectionAbortedError  # nats-py tries again what failed
            self.passages.append(tunnel.open(host, port))
            return self.passages[0].connection

        self.nats._transport = libraries.transport_over(connect)

    def complaint(self) -> str:
        """What ssh said is wrong, where the connection goes through it."""
        return next((said for said in (each.complaint() for each in self.passages) if said), "")

    def violations(self) -> list[tuple[str, str]]:
        """What the server forbade so far: (publish or subscription, subject)."""
        found = (_PERMISSION.search(str(error)) for error in self.errors)
        return [
            (match.group(1).lower(), self._spelling.get(match.group(2), match.group(2))) for match in found if match
        ]


async def open_client(access: Access, url: str) -> Client:
    """A client connected to ``url``; raises Unreachable with the reason."""
    client = Client(url)
    try:
        await asyncio.wait_for(_connect(client, access), access.timeout)
    except (OSError, asyncio.TimeoutError, NotEncrypted, libraries.nats_error()) as error:
        complaint = client.complaint()
        # Nobody on the other side takes part in closing a connection that never came about.
        await close_client(client, 0.05)
        if complaint:
            raise Unreachable(f"{url}: {complaint}") from None
        first = client.errors[0] if client.errors else error
        raise Unreachable(f"{url}: {reason(first, access)}", _turned_away(first)) from None
    return client


async def _connect(client: Client, access: Access) -> None:
    encrypted = urlsplit(client.url).scheme == "tls"
    arguments: dict[str, Any] = {}
    context = tls_context(access.ca, access.pair)

    def answer(nonce: str) -> bytes:
        # Called after the TLS handshake and before CONNECT leaves: the last moment to keep a token off a plain wire.
        if encrypted and not client.nats._server_info.get("tls_required"):
            raise NotEncrypted
        return access.login.answer(nonce).encode() if access.login else b""

    if access.tunnel is not None:
        client.pass_through(access.tunnel)
    if access.login is not None:
        token = access.login.token.encode()
        arguments = {"user_jwt_cb": lambda: token, "signature_cb": answer}
    inbox = access.inbox or (access.login.inbox if access.login else None)
    if inbox:
        arguments["inbox_prefix"] = inbox.encode()
    await client.nats.connect(
        servers=[client.url],
        error_cb=client.note,
        allow_reconnect=False,
        # nats-py retries a refused connection until it has failed more often than this.
        max_reconnect_attempts=1,
        reconnect_time_wait=0,
        connect_timeout=access.timeout,
        dont_randomize=True,
        tls=context,
        tls_hostname=access.tls_hostname,
        tls_handshake_first=access.tls_first,
        name="aegis.nats",
        **arguments,
    )
    if encrypted and not client.nats._server_info.get("tls_required"):
        raise NotEncrypted


async def open_any(access: Access) -> Client:
    """A client connected to the first server that takes it; raises Unreachable with the reason of every URL."""
    reasons = []
    for url in access.servers:
        try:
            return await open_client(access, url)
        except Unreachable as error:
            reasons.append(str(error))
    lines = "".join(f"\n  - {line}" for line in reasons)
    raise Unreachable(f"no server could be reached:{lines}")


async def close_client(client: Client, patience: float = 1.0) -> None:
    """Close, waiting no longer than ``patience`` seconds for the other side."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(client.nats.close(), patience)
    for each in client.passages:
        each.close()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run asynchronous work to its end, with nothing on stderr: asyncio warns of each TLS connection that ends."""
    logger = logging.getLogger("asyncio")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        return asyncio.run(work)
    finally:
        logger.setLevel(level)


@contextlib.asynccontextmanager
async def connected(access: Access, url: Optional[str] = None) -> AsyncIterator[Client]:
    """A client for the length of a block: to ``url``, or to any of the servers."""
    client = await (open_client(access, url) if url else open_any(access))
    try:
        yield client
    finally:
        await close_client(client)


def reason(error: BaseException, access: Access) -> str:
    """Why a connection failed, in words, with what to look at."""
    if isinstance(error, NotEncrypted):
        return "the server does not use TLS: nothing was sent to it (is this the right port?)"
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return f"no answer within {access.timeout:g} s"
    if isinstance(error, OSError):
        return _network(error, access)
    text = str(error).replace("nats: ", "").strip().strip("'")
    if "authorization" in text.lower():
        hint = "the server does not accept the creds" if access.login else "creds are needed and none were given"
        return f"authorization: {hint}"
    if text == "connection closed":
        return "the server closed the connection"
    return text or type(error).__name__


def _turned_away(error: BaseException) -> bool:
    if isinstance(error, (ssl.SSLCertVerificationError, ConnectionRefusedError)):
        return False
    return isinstance(error, (ssl.SSLError, ConnectionError)) or "authorization" in str(error).lower()


def _network(error: OSError, access: Access) -> str:
    # With TLS 1.3 a server that wants a certificate says so only after the handshake, and the loss may be seen first.
    hint = "" if access.pair else " (no client certificate was given)"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the server's certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or str(error)).replace('_', ' ').lower()}{hint}"
    if isinstance(error, socket.gaierror):
        return "the name can't be resolved"
    if isinstance(error, ConnectionRefusedError):
        return "refused: nothing listens there"
    if isinstance(error, ConnectionError):
        return f"the server closed the connection{hint}"
    return (error.strerror or str(error) or type(error).__name__).lower()
