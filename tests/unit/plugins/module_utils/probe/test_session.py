# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections of clients, as far as no server is needed; see tests/integration for the rest."""

from __future__ import annotations

import nats.errors
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import Client, Unreachable, run
from ansible_collections.aegis.nats.plugins.module_utils.probe.session import Sessions, Watch
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports

URL = f"tls://127.0.0.1:{free_ports(1)[0]}"
NOBODY = Access((URL,), timeout=2.0)


def test_a_check_without_client_has_no_creds() -> None:
    someone = Access((URL,), timeout=1.0)
    sessions = Sessions({"order": someone}, NOBODY)
    assert sessions.access(None) is NOBODY and sessions.access("order") is someone
    assert sessions.servers == (URL,) and sessions.timeout == 2.0


def test_a_server_that_is_not_there() -> None:
    async def work() -> None:
        sessions = Sessions({"order": NOBODY}, NOBODY)
        try:
            await sessions.client("order", URL)
        finally:
            await sessions.close()

    with pytest.raises(Unreachable, match="nothing listens there"):
        run(work())


def test_a_watch_sees_only_what_comes_after_it() -> None:
    client = Client(URL)
    client.errors.append(nats.errors.Error('nats: permissions violation for publish to "old"'))
    watch = Watch(client)
    assert watch.refusal() is None
    client.errors.append(nats.errors.Error('nats: permissions violation for subscription to "new.>"'))
    assert watch.refusal() == 'permissions violation for subscription to "new.>"'
