# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that goes through ssh to another host: ``ssh -W HOST:PORT``, its input and output as a socket.

TLS runs inside it, from end to end: the host in between sees what any wire sees, and holds no secret. Nothing listens
on this side, so nobody else here can use the connection.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Optional

from ..plan.problems import Problems


@dataclass(frozen=True)
class Tunnel:
    """host: its name, for messages. command: the words of ssh, up to what it forwards and to which address."""

    host: str
    command: tuple[str, ...]
    address: str

    def open(self, host: str, port: int) -> Passage:
        """A connection to a port as that host sees it. Whether it came about, the first bytes tell."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        ours, theirs = socket.socketpair()
        said = tempfile.TemporaryFile()  # noqa: SIM115 - the passage closes it
        words = [*self.command, "-W", target, "--", self.address]
        try:
            process = subprocess.Popen(words, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=said)
        except OSError:
            ours.close()
            said.close()
            raise
        finally:
            theirs.close()
        return Passage(self.host, ours, process, said)


class Passage:
    """One connection through a tunnel."""

    def __init__(self, host: str, connection: socket.socket, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self.connection = connection
        self._host, self._process, self._said = host, process, said

    def complaint(self) -> str:
        """What ssh said is wrong, in one line; empty while nothing is."""
        if self._said.closed:
            return ""
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().decode("utf-8", "replace").splitlines()]
        words = "; ".join(dict.fromkeys(line for line in lines if line))
        return f"ssh to {self._host}: {words}" if words else ""

    def close(self) -> None:
        """End ssh, whatever it does."""
        self.connection.close()
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._said.close()


@contextlib.contextmanager
def passage(tunnel: Tunnel, host: str, port: int) -> Iterator[Passage]:
    """A connection for the length of a block."""
    opened = tunnel.open(host, port)
    try:
        yield opened
    finally:
        opened.close()


def read_tunnel(params: Mapping[str, Any], problems: Problems) -> Optional[Tunnel]:
    """The tunnel that ``via`` asks for. ``way``: what the controller knows of that host, or what is wrong with it."""
    via, way = params.get("via"), params.get("way")
    if not via:
        return None
    if way is None:
        problems.add(
            "via", "goes with the controller's own connection to a host: leave it out where the task is delegated"
        )
    elif way.get("problem"):
        problems.add("via", way["problem"])
    else:
        return Tunnel(via, tuple(way["command"]), way["address"])
    return None
