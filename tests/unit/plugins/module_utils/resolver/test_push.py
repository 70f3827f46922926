# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who must answer. Pushing itself is tested against real servers in tests/integration."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import Unreachable
from ansible_collections.aegis.nats.plugins.module_utils.resolver.push import Expected, run_push
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports


def test_expected_by_name() -> None:
    expected = Expected(("n1", "n2", "n3"))
    assert expected.met_by(["n3", "n2", "n1"]) and expected.met_by(["n1", "n2", "n3", "n4"])
    assert not expected.met_by(["n1", "n2", "n4"])
    assert expected.shortfall(["n1", "n4"]) == "2 of 3 servers answered (n1, n4), missing: n2, n3"


def test_expected_by_number() -> None:
    expected = Expected((), 2)
    assert expected.met_by(["a", "b"]) and not expected.met_by(["a"])
    assert expected.shortfall([]) == "0 of 2 servers answered (none)"


def test_nobody_there() -> None:
    url = f"tls://127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(Unreachable, match="nothing listens there"):
        run_push(Access((url,), timeout=2.0), Expected((), 1), (), False)
