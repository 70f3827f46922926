# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knocking where no NATS server answers as it should. Real servers are knocked at in tests/integration."""

from __future__ import annotations

import socket
import threading

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.probe.knock import Answer, knock
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports

ACCESS = Access((), timeout=0.5)
INFO = b'INFO {"server_id": "N", "tls_required": %s}\r\n'


def knock_at(said: bytes, encrypt: bool, hold: bool = False) -> Answer:
    """The answer where a listener says one thing and then closes, or holds its tongue."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def speak() -> None:
            connection, _dummy = listener.accept()
            with connection:
                connection.sendall(said)
                if hold:
                    done.wait(5)

        thread = threading.Thread(target=speak)
        thread.start()
        try:
            return knock(f"tls://127.0.0.1:{listener.getsockname()[1]}", ACCESS, encrypt).answer
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    ("said", "encrypt", "hold", "answer"),
    [
        (b"", True, False, Answer.NOTHING),
        (b"", True, True, Answer.NOTHING),
        (b"", False, True, Answer.CLOSED),
        (b"SSH-2.0\r\n", True, False, Answer.NOTHING),
        (b"SSH-2.0\r\n", False, False, Answer.NOTHING),
        (b"INFO junk\r\n", False, False, Answer.NOTHING),
        (b"INFO []\r\n", False, False, Answer.NOTHING),
        (INFO % b"false", True, True, Answer.NO_TLS),
        (INFO % b"true" + b"PONG\r\n", False, True, Answer.ADMITTED),
        (INFO % b"true" + b"-ERR 'Secure Connection - TLS Required'\r\n", False, True, Answer.ERROR),
        (INFO % b"true", False, True, Answer.NOTHING),
        (INFO % b"true" + b"x" * 70_000, True, True, Answer.TLS_ALERT),
    ],
)
def test_answers(said: bytes, encrypt: bool, hold: bool, answer: Answer) -> None:
    assert knock_at(said, encrypt, hold) is answer


def test_nobody_there() -> None:
    found = knock(f"tls://127.0.0.1:{free_ports(1)[0]}", ACCESS, True)
    assert found.answer is Answer.NOTHING and "nothing listens there" in found.evidence


def test_a_name_that_nobody_has() -> None:
    assert knock("tls://nowhere.invalid:4222", ACCESS, True).answer is Answer.NOTHING
