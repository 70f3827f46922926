# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A hello that OpenSSL, here as Python's server, understands; and answers that are none."""

from __future__ import annotations

import contextlib
import ssl

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.probe.hello import (
    SUITES,
    Choice,
    Offer,
    client_hello,
    read_answer,
)
from ansible_collections.aegis.nats.plugins.module_utils.probe.wire import wanted
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*Authority(tmp_path_factory.mktemp("ca")).leaf("n1"))
    return context


def answer(server: ssl.SSLContext, offer: Offer) -> Choice:
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    up.write(client_hello(offer, bytes(range(64))))
    with contextlib.suppress(ssl.SSLError):  # it waits for more, or has refused
        server.wrap_bio(up, down, server_side=True).do_handshake()
    received = b""
    while missing := wanted(received):
        received += down.read(missing)
    return read_answer(received)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("group", ["X25519", "CurveP256", "CurveP384", "CurveP521"])
def test_what_is_offered_alone_is_chosen(server: ssl.SSLContext, suite: str, group: str) -> None:
    assert answer(server, Offer((suite,), (group,))) == Choice(suite, group)


def test_what_is_not_there_is_refused(server: ssl.SSLContext) -> None:
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        assert answer(server, Offer()).refusal == "protocol version"
    finally:
        server.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    server.set_ecdh_curve("prime256v1")
    assert answer(server, Offer(groups=("CurveP384",))).refusal == "handshake failure"


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.1 400 Bad Request",
        b"\x16\x03\x03\x00\x04\x02\x00\x00\x00",
        b"\x16\x03\x03\x00\x01\x0b",
        b"\x15\x03\x03\x00\x01\x02",
        b"\x17\x03\x03\x00\x00",
    ],
)
def test_what_is_no_answer(received: bytes) -> None:
    assert read_answer(received) == Choice()
