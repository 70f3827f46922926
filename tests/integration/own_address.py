# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An address that is not loopback's, though nobody else reaches it: it is on that interface. For tests only."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator

_IP = shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin")
#: Whether a test may give this machine one.
POSSIBLE = _IP is not None and os.geteuid() == 0
WHY_NOT = "only root with ip(8) may give this machine an address"


@contextlib.contextmanager
def own_address(address: str) -> Iterator[str]:
    """Of 198.51.100.0/24, which is for documentation (RFC 5737); each test has one of its own, and takes it away."""
    assert POSSIBLE, WHY_NOT
    with contextlib.suppress(subprocess.CalledProcessError):
        # What a killed run left behind.
        _ip("delete", address, capture_output=True)
    _ip("add", address)
    try:
        yield address
    finally:
        _ip("delete", address)


def _ip(verb: str, address: str, capture_output: bool = False) -> None:
    command = [str(_IP), "address", verb, f"{address}/32", "dev", "lo"]
    subprocess.run(command, check=True, capture_output=capture_output)
