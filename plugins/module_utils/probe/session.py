# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of the clients that take part in checks: one a client and server, opened when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Optional

from ..client import libraries
from ..client.access import Access
from ..client.connect import Client, close_client, open_client

_AGAIN = 0.1
_NOBODY = "no responders"


class Sessions:
    """Clients by name, each at any server."""

    def __init__(self, accesses: Mapping[str, Access], nobody: Access) -> None:
        self._accesses = accesses
        self._nobody = nobody
        self._open: dict[tuple[str, str], Client] = {}

    @property
    def servers(self) -> tuple[str, ...]:
        return self._nobody.servers

    @property
    def timeout(self) -> float:
        return self._nobody.timeout

    def access(self, client: Optional[str]) -> Access:
        """How a client reaches servers; without a name: with the certificate that all share, and no creds."""
        return self._nobody if client is None else self._accesses[client]

    async def client(self, name: str, url: str) -> Client:
        """The connection of a client at a server; raises Unreachable."""
        found = self._open.get((name, url))
        if found is None or found.nats.is_closed:
            found = await open_client(self._accesses[name], url)
            self._open[name, url] = found
        return found

    async def close(self) -> None:
        """Close what is open."""
        await asyncio.gather(*(close_client(client) for client in self._open.values()))
        self._open.clear()


class Watch:
    """What the server forbids on one connection from now on."""

    def __init__(self, client: Client, *subjects: str) -> None:
        client.remember(*subjects)
        self._client = client
        self._from = len(client.violations())

    async def settled(self, timeout: float) -> Optional[str]:
        """After a round trip: the first refusal in words, or None."""
        await self._client.round_trip(timeout)
        return self.refusal()

    def refusal(self) -> Optional[str]:
        """The first refusal so far."""
        found = self._client.violations()[self._from :]
        return f'permissions violation for {found[0][0]} to "{found[0][1]}"' if found else None


async def request(
    client: Client, subject: str, payload: bytes, timeout: float, patient: bool = False
) -> tuple[Optional[Any], str]:
    """The reply to a request, or None and why there is none.

    patient: ask again while nobody answers, for as long as a reply may take: interest takes a moment to reach the
    other servers, and a server that has just loaded an account knows for a moment of nobody behind its imports.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + timeout
    while True:
        reply, why = await _ask(client, subject, payload, timeout)
        if not patient or why != _NOBODY or clock() >= end:
            return reply, why
        await asyncio.sleep(_AGAIN)


async def _ask(client: Client, subject: str, payload: bytes, timeout: float) -> tuple[Optional[Any], str]:
    watch = Watch(client, subject)
    asked = asyncio.ensure_future(client.nats.request(subject, payload, timeout=timeout))
    try:
        # A forbidden request gets no reply; the violation tells at once what waiting would tell late.
        await asyncio.sleep(0)
        refusal = await watch.settled(timeout)
        if refusal:
            return None, refusal
        return await asked, ""
    except libraries.no_responders():
        return None, _NOBODY
    except asyncio.TimeoutError:
        return None, watch.refusal() or f"no reply within {timeout:g} s"
    finally:
        asked.cancel()
