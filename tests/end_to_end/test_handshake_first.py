# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that say nothing before TLS: deployed, proven, changed while they run, and met by a client that begins so."""

from __future__ import annotations

import asyncio
import ssl

import nats
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good
from ansible_collections.aegis.nats.tests.end_to_end.staying import CREDS, tls_context

ROTATE = str(ROOT / "playbooks/rotate_certificates.yml")


def gets_in(estate: Estate, **options: bool) -> bool:
    async def connect() -> None:
        client = await nats.connect(
            f"tls://127.0.0.1:{estate.ports['client'][1]}",
            tls=tls_context(estate),
            user_credentials=str(estate.root / CREDS),
            allow_reconnect=False,
            max_reconnect_attempts=1,
            connect_timeout=3,
            **options,
        )
        await client.flush()
        await client.close()

    try:
        asyncio.run(asyncio.wait_for(connect(), 10))
    except (OSError, ssl.SSLError, asyncio.TimeoutError, nats.errors.Error):
        return False
    return True


def test_servers_that_begin_with_the_handshake(estate: Estate) -> None:
    estate.settings["nats_server_tls_handshake_first"] = True
    for expected in (True, False):
        run = estate.deploy()
        good(run)
        assert bool(run.changes) == expected, run.changes
    assert gets_in(estate, tls_handshake_first=True) and not gets_in(estate)
    run = estate.deploy(playbook=ROTATE)
    good(run)
    servers = set(estate.processes())
    estate.settings["nats_server_tls_handshake_first"] = False
    run = estate.deploy()
    good(run)
    assert gets_in(estate) and set(estate.processes()) == servers
