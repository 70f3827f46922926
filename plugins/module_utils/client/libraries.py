# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nats-py, imported in this one place so that its absence is told in words."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Callable

from ..plan.errors import MissingLibrary

try:
    import nats.aio.client as nats_client
    import nats.aio.transport as nats_transport
    import nats.errors as nats_errors
    import nats.js.errors as jetstream_errors
except ImportError:
    nats_client = None
    nats_transport = None
    nats_errors = None
    jetstream_errors = None


def require() -> None:
    """Raise MissingLibrary unless a client can be made here."""
    if nats_client is None:
        raise MissingLibrary("nats-py", "to talk to NATS servers")


def new_client() -> Any:
    """An unconnected client of nats-py."""
    require()
    return nats_client.Client()


def transport_over(connect: Callable[[str, int], socket.socket]) -> Any:
    """A transport of nats-py over sockets that ``connect`` makes to a host and port."""
    require()

    class OverSocket(nats_transport.TcpTransport):  # type: ignore[misc]
        async def connect(self, uri: Any, buffer_size: int, connect_timeout: int) -> None:
            made = connect(uri.hostname, uri.port)
            reader, writer = await asyncio.open_connection(sock=made, limit=buffer_size)
            self._bare_io_reader = self._io_reader = reader
            self._bare_io_writer = self._io_writer = writer

        def __bool__(self) -> bool:
            # A client puts a transport of its own in place of one that is not true yet.
            return True

    return OverSocket()


def nats_error() -> type[Exception]:
    """The base class of what nats-py raises."""
    require()
    found: type[Exception] = nats_errors.Error
    return found


def no_responders() -> type[Exception]:
    """Raised when nobody listens on the subject of a request."""
    require()
    found: type[Exception] = nats_errors.NoRespondersError
    return found


def not_found() -> type[Exception]:
    """Raised by JetStream for what does not exist."""
    require()
    found: type[Exception] = jetstream_errors.NotFoundError
    return found


def jetstream_error() -> Any:
    """The base class of what JetStream answers; has ``code`` and ``err_code``."""
    require()
    return jetstream_errors.APIError
