# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster that staples: deployed beside a real responder, its routes hold each other to it, its list is published."""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, good
from ansible_collections.aegis.nats.tests.integration.ocsp_responder import free_port, responder
from ansible_collections.aegis.nats.tests.integration.test_revocation import staple

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl program")


@pytest.mark.long
def test_a_cluster_that_staples(estate: Estate) -> None:
    port, pki = free_port(), estate.root / "nats/pki"
    estate.settings.update(
        nats_pki_ocsp_urls=[f"http://127.0.0.1:{port}"],
        nats_pki_crl_urls=["http://127.0.0.1:1/ca.crl"],
        nats_pki_must_staple=True,
        nats_pki_publish={"path": str(estate.root / "web")},
        nats_server_ocsp={"mode": "always"},
    )
    pki.mkdir(mode=0o700, parents=True)
    with responder(pki, port):
        run = estate.deploy()
        good(run)
        assert "does not start while its responder is unreachable" in run.text
        for client in estate.ports["client"]:
            assert "Cert Status: good" in staple(pki, client)
        logs = [log.read_text() for log in estate.root.glob("nodes/*/log/*.log") if log.stat().st_size]
        assert len(logs) == 3
        assert all("OCSP Stapling enabled for Router connections" in log for log in logs)
        assert {path.name for path in (estate.root / "web").iterdir()} == {"ca.crl", "ca.crt"}
        before = estate.snapshot()
        again = estate.deploy()
        good(again)
        assert again.changes == [] and estate.snapshot() == before
