# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates that an audit looks at, and the one that has to be refused."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.audit.certificates import described, stranger
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import make

NOW = datetime.now(timezone.utc)


def test_serial_and_end(tmp_path: Path) -> None:
    pki, serial = make(tmp_path, "An authority")
    found = described(ssl.PEM_cert_to_DER_cert(Path(pki.file("server")).read_text()))
    assert str(found["serial"]).lstrip("0") == serial.lstrip("0")
    ends = found["ends"]
    assert isinstance(ends, datetime) and ends - NOW > timedelta(days=300)


def test_a_stranger_can_be_shown_and_is_nobody_s(tmp_path: Path) -> None:
    place = tmp_path / "stranger.pem"
    place.write_bytes(stranger(NOW))
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(place)
    one, other = (
        described(ssl.PEM_cert_to_DER_cert(stranger(NOW).decode().split("-----BEGIN PRIVATE")[0])) for _dummy in "ab"
    )
    assert one["serial"] != other["serial"]
    assert isinstance(one["ends"], datetime) and one["ends"] - NOW <= timedelta(hours=1)
