# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chooses nine free ports on loopback once, and keeps to them: ports.py FILE.

With NATS_QUICKSTART_PORT=4222 the client ports are that one and the next two, and a taken one is an error.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

KINDS = {"client": 4222, "cluster": 6222, "monitoring": 8222}


def free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wanted(first: int) -> dict[str, list[int]]:
    """Three ports a kind, counted from the port asked for."""
    return {kind: [start - 4222 + first + number for number in range(3)] for kind, start in KINDS.items()}


def choose() -> dict[str, list[int]]:
    """The usual ports where they are free, else the first free ones above them."""
    asked = os.environ.get("NATS_QUICKSTART_PORT")
    if asked:
        if not asked.isdigit() or not 1024 <= int(asked) <= 60000:
            sys.exit(f"error: NATS_QUICKSTART_PORT={asked} is not a port from 1024 to 60000")
        ports = wanted(int(asked))
        taken = [port for group in ports.values() for port in group if not free(port)]
        if taken:
            sys.exit(
                f"error: port {', '.join(map(str, taken))} on 127.0.0.1 is taken: choose another NATS_QUICKSTART_PORT"
            )
        return ports
    chosen: dict[str, list[int]] = {}
    for kind, start in KINDS.items():
        chosen[kind] = [port for port in range(start, start + 1000) if free(port)][:3]
    return chosen


def main() -> None:
    place = Path(sys.argv[1])
    if not place.exists():
        place.write_text(json.dumps({"quickstart_ports": choose()}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
