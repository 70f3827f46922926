# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server is verified."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verifying import verifying_context
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate


def test_the_server_and_its_name_are_verified(tmp_path: Path) -> None:
    authority(tmp_path)
    context = verifying_context((tmp_path / "ca.crt").read_text())
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1


def test_a_pair_that_does_not_fit(tmp_path: Path) -> None:
    authority(tmp_path, passphrase="a passphrase of a test")
    certificate(
        tmp_path,
        [{"name": name, "profile": "client"} for name in ("one", "other")],
        passphrase="a passphrase of a test",
    )
    text = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.suffix in (".crt", ".key")}
    verifying_context(None, text["one.crt"] + text["one.key"])
    # The key of the authority is encrypted: nobody is asked at a terminal.
    for pair in (text["one.crt"] + text["other.key"], text["ca.crt"] + text["ca.key"]):
        with pytest.raises(ssl.SSLError):
            verifying_context(None, pair)
