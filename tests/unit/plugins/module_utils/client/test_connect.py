# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons of failed connections, and what a server forbids."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl

import nats.errors
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client import connect
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports

ANYONE = Access(("tls://n1:4222",), timeout=3.0)


def tls_error(kind: type[ssl.SSLError], reason: str) -> ssl.SSLError:
    error = kind(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "x"), "refused: nothing listens there"),
        (ConnectionResetError(104, "x"), "the server closed the connection (no client certificate was given)"),
        (socket.gaierror(-2, "x"), "the name can't be resolved"),
        (asyncio.TimeoutError(), "no answer within 3 s"),
        (tls_error(ssl.SSLError, "TLSV1_ALERT_UNKNOWN_CA"), "TLS: tlsv1 alert unknown ca (no client certificate"),
        (nats.errors.Error("nats: 'Authorization Violation'"), "authorization: creds are needed and none were given"),
        (nats.errors.Error("nats: 'maximum connections exceeded'"), "maximum connections exceeded"),
        (OSError(113, "No route to host"), "no route to host"),
        (connect.NotEncrypted(), "does not use TLS"),
    ],
)
def test_reasons(error: BaseException, words: str) -> None:
    assert words in connect.reason(error, ANYONE)


def test_a_certificate_that_was_given_is_not_said_to_be_missing() -> None:
    access = Access(("tls://n1:4222",), pair=Pair(b"", b""))
    assert connect.reason(ConnectionResetError(), access) == "the server closed the connection"


def test_every_url_has_its_reason() -> None:
    urls = tuple(f"tls://127.0.0.1:{port}" for port in free_ports(2))
    with pytest.raises(connect.Unreachable) as raised:
        connect.run(connect.open_any(Access(urls, timeout=2.0)))
    assert all(f"{url}: refused" in str(raised.value) for url in urls)
    assert not raised.value.turned_away


def test_a_listener_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = Access((f"tls://127.0.0.1:{silent.getsockname()[1]}",), timeout=0.3)
        with pytest.raises(connect.Unreachable, match=r"no answer within 0.3 s"):
            connect.run(connect.open_any(access))


def test_violations_are_read_from_the_server_s_words() -> None:
    client = connect.Client("tls://n1:4222")
    client.errors = [
        nats.errors.Error('nats: permissions violation for publish to "a.b"'),
        nats.errors.Error('nats: \'Permissions Violation for Subscription to "c.>" using queue "q"\''),
        nats.errors.Error("nats: something else"),
    ]
    assert client.violations() == [("publish", "a.b"), ("subscription", "c.>")]
    client.remember("A.b")
    assert client.violations() == [("publish", "A.b"), ("subscription", "c.>")]


def test_the_log_of_asyncio_is_quiet_only_meanwhile() -> None:
    logger = logging.getLogger("asyncio")
    before = logger.level

    async def inside() -> bool:
        return logger.isEnabledFor(logging.CRITICAL)

    assert connect.run(inside()) is False
    assert logger.level == before
