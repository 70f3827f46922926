# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.gates import Group, JetStream, Peer, Replica, View
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_cluster import _expected, describe
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError


@pytest.mark.parametrize(
    ("given", "wanted"), [(None, None), ([], None), (3, 3), ("3", 3), (["n1", "n2"], ["n1", "n2"]), (["3"], ["3"])]
)
def test_peers_are_names_or_a_count(given: Any, wanted: Any) -> None:
    assert _expected(given) == wanted


@pytest.mark.parametrize("given", [True, "n1,n2", {"n1": 1}, [1, 2], 1.5])
def test_what_is_neither(given: Any) -> None:
    with pytest.raises(NatsError, match=r"peers: .* write"):
        _expected(given)


def test_a_view_is_described() -> None:
    replicas = (Replica("n2", True, False, 0), Replica("n3", False, False, 14))
    groups = (Group("A", "S", "n1", replicas), Group("A", "T", "n2", replicas), Group("A", "U", "n1", ()))
    view = View(
        Varz("N1", "n1", "2.15.1", datetime(2026, 1, 1, tzinfo=timezone.utc), None, None, None),
        (Peer("n2", "N2"),),
        JetStream(True, "", 3, replicas[:1], groups, (("A", "S"),)),
        Health(True, 200, ""),
    )
    found = describe(view)
    assert found["server"]["start"] == "2026-01-01T00:00:00Z"
    assert found["server"]["config_load_time"] is None
    assert found["routes"] == [{"remote_name": "n2", "remote_id": "N2"}]
    assert found["jetstream"]["meta_leader"] is None
    assert found["jetstream"]["streams"] == 3
    assert found["jetstream"]["streams_alone"] == [{"account": "A", "stream": "U"}]
    assert found["jetstream"]["streams_held"] == [{"account": "A", "stream": "S"}]
    assert found["jetstream"]["streams_behind"] == [{"account": "A", "stream": "S", "replica": "n3", "lag": 14}]
