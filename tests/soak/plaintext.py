# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocks at ports without TLS, again and again, and notes whoever lets it in."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Optional


def served_in_clear(port: int) -> Optional[str]:
    """How a NATS port takes a client without TLS; None when it does not, or nobody listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as client:
        client.settimeout(0.5)
        first = client.recv(65536)
        if not first.startswith(b"INFO "):
            return None
        info = json.loads(first[5:].split(b"\r\n")[0])
        if not info.get("tls_required"):
            return f"port {port} does not ask for TLS"
        client.sendall(b'CONNECT {"verbose":false,"pedantic":false,"lang":"x","version":"0","protocol":1}\r\nPING\r\n')
        if b"PONG" in client.recv(65536):
            return f"port {port} answers without TLS"
    return None


class Knocking:
    """Knocks at the ports while the block runs. heard: how often somebody answered at all."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = ports
        self.found: set[str] = set()
        self.heard = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._knock, daemon=True)

    def __enter__(self) -> Knocking:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self._end.set()
        self._thread.join()

    def _knock(self) -> None:
        while not self._end.wait(0.05):
            for port in self.ports:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    self.heard += 1
                found = served_in_clear(port)
                if found:
                    self.found.add(found)
