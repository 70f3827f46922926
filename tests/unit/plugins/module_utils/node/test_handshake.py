# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handshakes with a real TLS server: what each end of one is called."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.handshake import (
    GREETS,
    Answer,
    Identity,
    Listener,
    shake,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import (
    TLS_1_2,
    TLS_1_3,
    Pki,
    listening,
)


def at(port: int, kind: str = "client", *, address: str = "127.0.0.1", tls_first: bool = False) -> Listener:
    return Listener("n1", kind, address, port, tls_first)


@pytest.mark.parametrize("kind", GREETS)
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_what_is_accepted_shows_its_serial(ours: tuple[Pki, str], kind: str, version: ssl.TLSVersion) -> None:
    pki, serial = ours
    greeting = {"greeting": b""} if not GREETS[kind] else {}
    with listening(pki, version=version, **greeting) as port:
        found = shake(at(port, kind), pki.client(), 5)
    assert (found.answer, int(found.serial, 16)) == (Answer.ACCEPTED, int(serial, 16))
    assert found.evidence == f"{'TLSv1.2' if version is TLS_1_2 else 'TLSv1.3'}, serial {found.serial}"


def test_a_certificate_is_verified_by_the_name_that_is_given(ours: tuple[Pki, str]) -> None:
    with listening(ours[0]) as port:
        named = replace(at(port), verified_as="127.0.0.1", address="localhost")
        assert shake(named, ours[0].client(), 5).answer is Answer.ACCEPTED
        assert shake(replace(at(port), verified_as="elsewhere"), ours[0].client(), 5).answer is Answer.DISTRUST


def test_a_kind_that_greets_may_begin_with_the_handshake(ours: tuple[Pki, str]) -> None:
    with listening(ours[0], greeting=b"") as port:
        assert shake(at(port, tls_first=True), ours[0].client(), 5).answer is Answer.ACCEPTED
        assert shake(at(port), ours[0].client(), 0.3).answer is Answer.NOTHING


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_client_certificate_that_is_refused(ours: tuple[Pki, str], theirs: Pki, version: ssl.TLSVersion) -> None:
    """With TLS 1.3 this side of the handshake has succeeded by then."""
    with listening(ours[0], version=version) as port:
        unknown = shake(at(port), theirs.client(ours[0].ca), 5)
        without = shake(at(port), Identity("nobody", ours[0].ca), 5)
    assert {unknown.answer, without.answer} <= {Answer.REFUSED, Answer.CLOSED}
    assert unknown.answer is Answer.CLOSED or "unknown ca" in unknown.evidence
    assert bool(unknown.serial) is (version is TLS_1_3)


def test_a_server_that_is_not_trusted(ours: tuple[Pki, str], theirs: Pki) -> None:
    with listening(ours[0]) as port:
        found = shake(at(port), ours[0].client(theirs.ca), 5)
        assert (found.answer, found.serial) == (Answer.DISTRUST, "")
        assert found.evidence.startswith("its certificate is not accepted here: ")
        named = shake(at(port, address="localhost"), ours[0].client(), 5)
        assert named.answer is Answer.DISTRUST and "localhost" in named.evidence


def test_a_server_that_says_nothing_after_the_handshake(ours: tuple[Pki, str]) -> None:
    with listening(ours[0], answer=b"") as port:
        found = shake(at(port), ours[0].client(), 5)
    assert found.answer is Answer.CLOSED and "closed without a word" in found.evidence


@pytest.mark.parametrize(
    ("greeting", "words"), [(b"HTTP/1.1 400\r\n", "no NATS server greets"), (b"x" * 70_000, "no NATS server greets")]
)
def test_somebody_else_at_the_port(ours: tuple[Pki, str], greeting: bytes, words: str) -> None:
    with listening(ours[0], greeting=greeting, tls=False) as port:
        found = shake(at(port), ours[0].client(), 2)
    assert found.answer is Answer.NOTHING and words in found.evidence


def test_a_port_without_tls_refuses_nobody(ours: tuple[Pki, str]) -> None:
    with listening(ours[0], greeting=b"HTTP/1.1 400\r\n\r\n", tls=False) as port:
        found = shake(at(port, "websocket"), ours[0].client(), 2)
    assert (found.answer, found.evidence) == (Answer.NOTHING, "TLS: wrong version number")


def test_nobody_there(ours: tuple[Pki, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert shake(at(port), ours[0].client(), 0.2).evidence == "no answer in 0.2 s"
        assert shake(at(port, "route"), ours[0].client(), 0.2).answer is Answer.NOTHING
    found = shake(at(port), ours[0].client(), 1)
    assert (found.answer, found.evidence) == (Answer.NOTHING, "Connection refused")


def test_what_openssl_can_t_use(ours: tuple[Pki, str], theirs: Pki, tmp_path: Path) -> None:
    other_key = Path(theirs.file("app", "key")).read_bytes()
    for identity in (
        Identity("no authority", "nonsense"),
        Identity("another key", ours[0].ca, Path(ours[0].file("app")).read_bytes() + other_key),
    ):
        with pytest.raises(ssl.SSLError):
            shake(at(1), identity, 1)
    assert "PRIVATE" not in repr(ours[0].client())
