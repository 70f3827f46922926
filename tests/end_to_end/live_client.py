# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An application that is connected all the time: it sends to itself and notes every message, gap and refusal."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nats
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, wait_until


class LiveClient:
    """creds: as they are now; what becomes of the file later does not reach it. Reconnects as applications do."""

    def __init__(self, estate: Estate, creds: str, folder: Path) -> None:
        pki = estate.root / "nats/pki"
        self._context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        deploy = pki / "issued/clients/deploy"
        self._context.load_cert_chain(f"{deploy}.crt", f"{deploy}.key")
        self._servers = [f"tls://127.0.0.1:{port}" for port in estate.ports["client"]]
        folder.mkdir(exist_ok=True)
        self._creds = shutil.copy(estate.root / "nats/trust/keys/creds/MyCompany" / creds, folder)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        self.heard: list[float] = []
        self.errors: list[str] = []
        self.connected_to: list[str] = []
        self.closed = False

    @property
    def refusals(self) -> list[str]:
        return [each for each in self.errors if "authorization" in each.lower() or "revoked" in each.lower()]

    @property
    def longest_silence(self) -> float:
        """Seconds between two messages that it heard of itself."""
        return max((later - earlier for earlier, later in zip(self.heard, self.heard[1:])), default=0.0)

    def hears(self, within: float = 10.0) -> bool:
        """Whether it hears itself again from now on."""
        count = len(self.heard)
        return wait_until(lambda: len(self.heard) > count + 1, within)

    async def _live(self) -> None:
        async def note(error: Exception) -> None:
            self.errors.append(f"{type(error).__name__}: {error}")

        async def hear(_message: object) -> None:
            self.heard.append(time.monotonic())

        async def gone() -> None:
            self.closed = True

        connection = await nats.connect(
            self._servers,
            tls=self._context,
            user_credentials=str(self._creds),
            error_cb=note,
            closed_cb=gone,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
        )
        await connection.subscribe("orders.live", cb=hear)
        while not self._ends.is_set() and not self.closed:
            with contextlib.suppress(nats.errors.Error, OSError):
                await connection.publish("orders.live", b"x")
            await asyncio.sleep(0.05)
        with contextlib.suppress(Exception):
            await connection.close()

    @contextlib.contextmanager
    def running(self) -> Iterator[LiveClient]:
        self._thread.start()
        try:
            assert self.hears(), self.errors
            yield self
        finally:
            self._ends.set()
            self._thread.join(10)
