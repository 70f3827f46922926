# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import HttpMonitor, Unreachable, parse_time
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


@pytest.mark.parametrize(
    ("text", "microsecond", "hour"),
    [
        ("2026-11-23T14:03:22.091981009Z", 91981, 14),
        ("2026-11-23T14:03:22Z", 0, 14),
        ("2026-11-23T14:03:22.5+02:00", 500000, 12),
        ("2026-11-23T14:03:22.123456-01:30", 123456, 15),
    ],
)
def test_times_as_go_writes_them(text: str, microsecond: int, hour: int) -> None:
    found = parse_time(text)
    assert found is not None
    assert (found.microsecond, found.hour, found.tzinfo) == (microsecond, hour, timezone.utc)


@pytest.mark.parametrize("text", [None, "", "0001-01-01T00:00:00Z", "yesterday"])
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text) is None


def test_a_time_is_the_moment_it_names() -> None:
    assert parse_time("1970-01-01T00:00:01Z") == datetime.fromtimestamp(1, timezone.utc)


def test_a_url_is_needed() -> None:
    with pytest.raises(NatsError, match="is not a URL"):
        HttpMonitor("127.0.0.1:8222")


def test_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monitor = HttpMonitor(f"http://127.0.0.1:{taken.getsockname()[1]}/", timeout=1)
        with pytest.raises(Unreachable, match="does not answer"):
            monitor.varz()
        with pytest.raises(Unreachable):
            monitor.health()


ANSWERS = {"/varz": b'{"server_id": "N", "new": [1]}', "/connz?auth=1": b'{"connections": []}', "/page": b"<html>"}


@pytest.fixture
def answering() -> Iterator[HttpMonitor]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in ANSWERS else 404)
            self.end_headers()
            self.wfile.write(ANSWERS.get(self.path, b"not found"))

        def log_message(self, *_dummy: object) -> None:
            pass

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield HttpMonitor(f"http://127.0.0.1:{server.server_address[1]}", timeout=5)
        server.shutdown()
        thread.join()


def test_any_endpoint_as_it_answers(answering: HttpMonitor) -> None:
    assert answering.raw("/varz") == {"server_id": "N", "new": [1]}
    assert answering.raw("/connz?auth=1") == {"connections": []}


@pytest.mark.parametrize(
    ("path", "words"), [("/absent", "/absent answers 404"), ("/page", "does not answer with JSON")]
)
def test_what_is_no_endpoint_of_a_server(answering: HttpMonitor, path: str, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        answering.raw(path)
