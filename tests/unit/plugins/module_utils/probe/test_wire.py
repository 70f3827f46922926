# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What messages of TLS are made of, and records read one by one."""

from __future__ import annotations

import socket

from ansible_collections.aegis.nats.plugins.module_utils.probe.wire import extension, numbers, record, vector, wanted

ALERT = b"\x15\x03\x03\x00\x02\x02\x28"


def test_how_much_is_still_to_come() -> None:
    assert [wanted(b""), wanted(b"\x15\x03\x03"), wanted(b"\x15\x03\x03\x00\x02\x02")] == [5, 2, 1]


def test_what_messages_are_made_of() -> None:
    assert numbers([0x1301, 0x1D]) == b"\x13\x01\x00\x1d"
    assert (vector(1, b""), vector(2, b"ab")) == (b"\x00", b"\x00\x02ab")
    assert extension(43, b"\x02\x03\x04") == b"\x00\x2b\x00\x03\x02\x03\x04"


def test_a_record_and_nothing_behind_it() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(ALERT + b"more")
        assert record(here) == ALERT
        assert here.recv(4) == b"more"


def test_half_a_record() -> None:
    here, there = socket.socketpair()
    with here:
        with there:
            there.sendall(ALERT[:6])
        assert record(here) == ALERT[:6] and wanted(ALERT[:6]) == 1
