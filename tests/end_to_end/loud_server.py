# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server full of secrets, and what makes it tell of them: clients that must not get in, refused reloads."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.tests.end_to_end.estate import free_ports, wait_until
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority

#: Every value begins like this, in the configuration before and after a reload, and in what clients send.
PLANTED = "planted-Zq8"


class LoudServer:
    """One server: mTLS, accounts, JetStream with a key, a gateway, leaf nodes, a route to nobody."""

    def __init__(self, folder: Path, program: str, log_size: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.program, self.log_size = folder, program, log_size
        self.log = folder / "nats-server.log"
        self.authority = Authority(folder)
        self.certificate, self.key = self.authority.leaf("server")
        self.port, self.cluster, self.gateway, self.leaf, self.nobody = free_ports(5)
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.configure()

    def configure(self, **changed: str) -> None:
        """Write the configuration; what is named is another secret than before."""
        secret = {
            name: f"{PLANTED}-{name}{changed.get(name, '')}"
            for name in ("user", "route", "peer", "gateway", "leaf", "js", "sys")
        }
        tls = (
            f'{{cert_file: "{self.certificate}", key_file: "{self.key}", ca_file: "{self.authority.path}", '
            "verify: true, timeout: 1}"
        )
        rotation = f"log_size_limit: {self.log_size}\nlog_max_num: 100" if self.log_size else ""
        (self.folder / "nats.conf").write_text(
            f"""server_name: n1
listen: "127.0.0.1:{self.port}"
log_file: "{self.log}"
logtime_utc: true
{rotation}
max_connections: 8
max_pending: 1MB
max_payload: 64KB
write_deadline: "1s"
tls {tls}
authorization {{ timeout: 2 }}
accounts {{
  APP {{ jetstream: enabled, users: [ {{ user: app, password: "{secret["user"]}",
    permissions: {{ publish: "ok.>", subscribe: ["ok.>", "_INBOX.>"] }} }} ] }}
  SYS {{ users: [ {{ user: sys, password: "{secret["sys"]}" }} ] }}
}}
system_account: SYS
cluster {{ name: c, listen: "127.0.0.1:{self.cluster}", authorization {{ user: r, password: "{secret["route"]}" }}
  routes: ["nats://r:{secret["peer"]}@127.0.0.1:{self.nobody}"] }}
gateway {{ name: c, listen: "127.0.0.1:{self.gateway}", tls {tls}
  authorization {{ user: g, password: "{secret["gateway"]}" }} }}
leafnodes {{ listen: "127.0.0.1:{self.leaf}", authorization {{ user: l, password: "{secret["leaf"]}" }} }}
jetstream {{ store_dir: "{self.folder}/js", key: "{secret["js"]}", max_memory_store: 16MB, max_file_store: 64MB }}
{changed.get("more", "")}
"""
        )

    def start(self) -> None:
        self.process = subprocess.Popen([self.program, "-c", str(self.folder / "nats.conf")])
        assert wait_until(lambda: self.log.exists() and "Server is ready" in self.log.read_text(), 20)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)

    def reload(self, **changed: str) -> None:
        """Another configuration and HUP, until the server has said what it thinks of it."""
        before = self._said_of_reloads()
        self.configure(**changed)
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGHUP)
        assert wait_until(lambda: self._said_of_reloads() > before, 10)

    def _said_of_reloads(self) -> int:
        text = self.log.read_text()
        return text.count("Failed to reload server configuration") + text.count("Reloaded server configuration")

    def connect(self, certificate: bool = True, buffer: int = 0) -> ssl.SSLSocket:
        """A connection that has shaken hands."""
        context = ssl.create_default_context(cafile=str(self.authority.path))
        context.check_hostname = False
        if certificate:
            context.load_cert_chain(self.certificate, self.key)
        plain = socket.create_connection(("127.0.0.1", self.port), 5)
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        while plain.recv(1) != b"\n":
            pass
        return context.wrap_socket(plain)

    def login(self, fields: Mapping[str, Any], buffer: int = 0) -> ssl.SSLSocket:
        """A connection that has said who it is and has heard an answer."""
        client = self.connect(buffer=buffer)
        client.settimeout(5)
        client.sendall(f"CONNECT {json.dumps({'verbose': False, 'pedantic': False, **fields})}\r\nPING\r\n".encode())
        with contextlib.suppress(OSError):
            client.recv(4096)
        return client

    def fail_to_log_in(self, names: Iterator[str]) -> None:
        for name in names:
            self.login({"user": name, "pass": f"{PLANTED}-guess"}).close()

    def _app(self, buffer: int = 0) -> ssl.SSLSocket:
        return self.login({"user": "app", "pass": f"{PLANTED}-user"}, buffer)

    def come_without_certificate(self) -> None:
        with contextlib.suppress(OSError), self.connect(certificate=False) as client:
            client.recv(10)

    def overstep(self) -> None:
        """Two subjects that are not allowed, then a message that is too large."""
        with contextlib.suppress(OSError), self._app() as client:
            client.sendall(b"PUB no.x 1\r\nx\r\nSUB no.y 1\r\nPING\r\n")
            client.recv(4096)
            client.sendall(b"PUB ok.a 70000\r\n" + b"x" * 70000 + b"\r\n")
            client.recv(4096)

    def read_slowly(self) -> None:
        """One that subscribes and reads nothing of what another sends."""
        with contextlib.suppress(OSError), self._app(buffer=4096) as slow, self._app() as sender:
            slow.sendall(b"SUB ok.s 1\r\nPING\r\n")
            slow.recv(10)
            for _dummy in range(100):
                sender.sendall(b"PUB ok.s 60000\r\n" + b"y" * 60000 + b"\r\n")
            end = time.monotonic() + 5
            while "Slow Consumer Detected" not in self.log.read_text() and time.monotonic() < end:
                time.sleep(0.1)

    def crowd(self) -> None:
        """More connections than there may be."""
        with contextlib.ExitStack() as stack:
            for _dummy in range(10):
                with contextlib.suppress(OSError):
                    stack.enter_context(self._app())


@contextlib.contextmanager
def loud_server(folder: Path, program: str, log_size: int = 0) -> Iterator[LoudServer]:
    """A running one, for the length of a block."""
    server = LoudServer(folder, program, log_size)
    try:
        server.start()
        yield server
    finally:
        server.stop()
