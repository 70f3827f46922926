# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How what a client may do is judged; what servers really do is tested in tests/integration."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import run
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.permissions import _answered, _permitted, check_connect
from ansible_collections.aegis.nats.plugins.module_utils.probe.session import Sessions
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports


@pytest.mark.parametrize("allowed", [True, False])
def test_a_refusal_is_right_where_it_is_expected(allowed: bool) -> None:
    check = Check("x", "publish", allowed=allowed)
    assert _permitted(check, None).ok is allowed
    assert _permitted(check, "permissions violation").ok is not allowed


def test_replies() -> None:
    reply = SimpleNamespace(data=b"yes")
    assert _answered(Check("x", "request"), reply, "").ok
    assert _answered(Check("x", "request", reply="yes"), reply, "").ok
    assert not _answered(Check("x", "request", reply="no"), reply, "").ok
    assert not _answered(Check("x", "request", allowed=False), reply, "").ok
    assert not _answered(Check("x", "request"), None, "no responders").ok
    assert _answered(Check("x", "request", allowed=False), None, "no responders").ok


def test_a_server_that_is_down_refuses_nobody() -> None:
    url = f"tls://127.0.0.1:{free_ports(1)[0]}"
    sessions = Sessions({"order": Access((url,), timeout=2.0)}, Access((url,)))
    found = run(check_connect(Check("x", "connect", client="order", allowed=False), sessions, url))
    assert found.ok is None and "nothing listens there" in found.detail
