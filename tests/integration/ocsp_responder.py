# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The responder of examples/ocsp, running."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples/ocsp/responder.sh"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


@contextlib.contextmanager
def responder(pki: Path, port: int, minutes: int = 60, log: str = "ocsp.log") -> Iterator[str]:
    """Its URL. It answers once its files are there; until then nobody waits for it."""
    path = pki.parent / log
    with path.open("w") as output:
        process = subprocess.Popen(
            ["sh", str(SCRIPT), str(pki), str(port)],
            stdout=output, stderr=output, env={**os.environ, "MINUTES": str(minutes)},
        )  # fmt: skip
    try:
        if (pki / "issued/ocsp.key").exists():
            listening(path)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def listening(log: Path, times: int = 1) -> None:
    """Wait until it was started so often. Not by a connection: one that asks nothing stops openssl ocsp."""
    end = time.monotonic() + 15
    while time.monotonic() < end and log.read_text().count("waiting for OCSP") < times:
        time.sleep(0.05)
    assert log.read_text().count("waiting for OCSP") >= times, log.read_text()
