# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile passwords log in, and hostile route passwords form a cluster. AEGIS_NATS_SERVERS names the programs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.filter.route_url import route_url
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.render import render

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")

PASSWORDS = [
    "plain",
    'say "hello"',
    "it's",
    "back\\slash",
    "\\",
    '\\"',
    "\\x41",
    "\\n",
    "line\nend",
    "tab\tbed",
    "return\r",
    "bell\x07",
    "delete\x7f",
    "$HOME",
    "$2b$ is no hash",
    "# no comment",
    "// neither",
    "{ brace }",
    "[ list ], ; ",
    "key: value",
    "true",
    "12k",
    " spaces around ",
    "pässwörd 日本 😀",
    "%41%2F&<>@:/?#",
    "a" * 300,
]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(program: str, config: dict[str, Any], folder: Path) -> Iterator[None]:
    folder.mkdir()
    path = folder / "nats.conf"
    path.write_text(render(config), encoding="utf-8", newline="")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "-c", str(path)], stdout=log, stderr=log)
        try:
            wait(lambda: "Server is ready" in (folder / "log").read_text(errors="replace"))
            yield
        finally:
            server.kill()
            server.wait()


def wait(done: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


def answer(port: int, user: str, password: str) -> str:
    """What the server says to a login: PONG, or an error."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client, client.makefile("rwb") as stream:
        assert stream.readline().startswith(b"INFO")
        connect = json.dumps({"user": user, "pass": password, "verbose": False, "pedantic": False})
        stream.write(f"CONNECT {connect}\r\nPING\r\n".encode())
        stream.flush()
        return stream.readline().decode().strip()


@pytest.mark.parametrize("program", SERVERS)
def test_hostile_passwords_log_in(program: str, tmp_path: Path) -> None:
    port = free_port()
    users = [{"user": f"u{number}", "password": password} for number, password in enumerate(PASSWORDS)]
    with running(program, {"listen": f"127.0.0.1:{port}", "authorization": {"users": users}}, tmp_path / "n"):
        answers = [answer(port, f"u{number}", password) for number, password in enumerate(PASSWORDS)]
        assert answers == ["PONG"] * len(PASSWORDS)
        assert answer(port, "u0", "wrong").startswith("-ERR")


@pytest.mark.parametrize("program", SERVERS[-1:])
@pytest.mark.parametrize("password", PASSWORDS)
def test_hostile_route_passwords_join(program: str, password: str, tmp_path: Path) -> None:
    routes, monitors = (free_port(), free_port()), (free_port(), free_port())

    def config(number: int) -> dict[str, Any]:
        return {
            "server_name": f"n{number}",
            "listen": "127.0.0.1:-1",
            "http": f"127.0.0.1:{monitors[number]}",
            "cluster": {
                "name": "c",
                "listen": f"127.0.0.1:{routes[number]}",
                "authorization": {"user": "r@ute:", "password": password},
                "routes": [route_url("127.0.0.1", routes[1 - number], "r@ute:", password, "nats")],
            },
        }

    def joined() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{monitors[0]}/routez", timeout=5) as page:
                return bool(json.load(page)["num_routes"] > 0)
        except urllib.error.URLError:
            return False

    with running(program, config(0), tmp_path / "n0"), running(program, config(1), tmp_path / "n1"):
        wait(joined)
