# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old hellos: written so that a real TLS server reads them, and its answers read back."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.probe.old_hello import (
    STRONG,
    VERSIONS,
    WEAK,
    Chosen,
    client_hello,
    read_answer,
)
from ansible_collections.aegis.nats.plugins.module_utils.probe.wire import record
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki, accepting, make

WEAK_ONE, STRONG_ONE = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make(tmp_path_factory.mktemp("pki"), "An authority")[0]


@contextlib.contextmanager
def serving(pki: Pki, ciphers: str, lowest: ssl.TLSVersion) -> Iterator[int]:
    """The port of OpenSSL as a server that takes these ciphers, from this version on up to TLS 1.2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.file("server"), pki.file("server", "key"))
    context.set_ciphers(ciphers)
    context.minimum_version, context.maximum_version = lowest, ssl.TLSVersion.TLSv1_2

    def serve(plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError):
            plain.settimeout(5)
            context.wrap_socket(plain, server_side=True)

    with accepting(serve) as port:
        yield port


def asked(port: int, version: str, *suites: str) -> Chosen:
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        plain.sendall(client_hello(version, suites, os.urandom(32)))
        return read_answer(record(plain))


def test_what_a_server_takes(pki: Pki) -> None:
    with serving(pki, "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0", ssl.TLSVersion.TLSv1) as port:
        assert asked(port, "TLS 1.2", WEAK_ONE) == Chosen("TLS 1.2", WEAK_ONE)
        assert asked(port, "TLS 1.2", *WEAK) == Chosen("TLS 1.2", WEAK_ONE)
        assert asked(port, "TLS 1.2", STRONG_ONE) == Chosen("TLS 1.2", STRONG_ONE)
        assert asked(port, "TLS 1.1", WEAK_ONE) == Chosen("TLS 1.1", WEAK_ONE)
        assert asked(port, "TLS 1.0", *WEAK, *STRONG) == Chosen("TLS 1.0", WEAK_ONE)


def test_what_a_server_refuses(pki: Pki) -> None:
    with serving(pki, "ECDHE-ECDSA-AES128-GCM-SHA256", ssl.TLSVersion.TLSv1_2) as port:
        assert asked(port, "TLS 1.2", *WEAK).refused
        assert asked(port, "TLS 1.1", *WEAK, *STRONG).refused
        assert asked(port, "TLS 1.2", *STRONG) == Chosen("TLS 1.2", STRONG_ONE)


@pytest.mark.parametrize(
    ("received", "chosen"),
    [
        (b"", Chosen(refused=True)),
        (b"\x15\x03\x03\x00\x02\x02\x28", Chosen(refused=True)),
        (b"HTTP/1.1 400 Bad Request\r\n", Chosen()),
        (b"\x16\x03\x03\x00\x04\x0b\x00\x00\x00", Chosen()),
        (b"\x16\x03\x03\x00\x28\x02\x00\x00\x24\x03\x03" + bytes(32) + b"\x20", Chosen()),
    ],
)
def test_answers_that_are_none(received: bytes, chosen: Chosen) -> None:
    assert read_answer(received) == chosen


def test_weak_and_strong_have_nothing_in_common() -> None:
    assert not set(WEAK) & set(STRONG) and not set(WEAK.values()) & set(STRONG.values())
    assert list(VERSIONS.values()) == sorted(VERSIONS.values())
