# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import verb_cluster
from ansible_collections.aegis.nats.plugins.module_utils.node.gates import (
    Group,
    JetStream,
    Peer,
    Replica,
    View,
    Waited,
)
from ansible_collections.aegis.nats.plugins.module_utils.node.monitor import Health, Varz
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_cluster import _expected, describe
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform


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
        Varz("N1", "n1", "2.15.1", datetime(2026, 1, 1, tzinfo=timezone.utc), None, None, None, tls=True),
        (Peer("n2", "N2"),),
        JetStream(True, "", 3, replicas[:1], groups, (("A", "S"),)),
        Health(True, 200, ""),
    )
    found = describe(view)
    assert found["server"]["start"] == "2026-01-01T00:00:00Z"
    assert found["server"]["config_load_time"] is None
    assert (found["server"]["tls"], found["server"]["cluster_tls"]) == (True, False)
    assert found["routes"] == [{"remote_name": "n2", "remote_id": "N2"}]
    assert found["jetstream"]["meta_leader"] is None
    assert found["jetstream"]["streams"] == 3
    assert found["jetstream"]["streams_alone"] == [{"account": "A", "stream": "U"}]
    assert found["jetstream"]["streams_held"] == [{"account": "A", "stream": "S"}]
    assert found["jetstream"]["streams_behind"] == [{"account": "A", "stream": "S", "replica": "n3", "lag": 14}]


def waited_for(
    monkeypatch: pytest.MonkeyPatch, check_mode: bool = False, **params: Any
) -> tuple[float, dict[str, Any]]:
    """The bound of the wait for a cluster that is never whole, and the result."""
    bounds: list[float] = []

    def wait(monitor: Any, expected: Any, *, timeout: float, **_others: Any) -> Waited:
        bounds.append(timeout)
        return Waited(False, ("n1 has no route to n2",), timeout + 0.1, None)

    monkeypatch.setattr(verb_cluster, "wait", wait)
    given = {"monitor": "http://127.0.0.1:1", "monitor_ca": None, "peers": None, "timeout": 60.0}
    given |= {"jetstream": True, "jetstream_servers": None}
    seen = Surroundings(check_mode=check_mode, now=datetime.now(timezone.utc), seal=NoSeal())
    result = perform(
        verb_cluster.CLUSTER_WAIT, {**given, "interval": 0.5, "report_after": None, "waited": 0.0, **params}, seen
    )
    return bounds[0], result


def test_without_slices_it_waits_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    bound, result = waited_for(monkeypatch)
    assert bound == 60.0
    assert result["msg"] == "the cluster is not whole after 60 s:\n  - n1 has no route to n2"


def test_a_slice_returns_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    bound, result = waited_for(monkeypatch, report_after=8.0, waited=12.0)
    assert bound == 8.0
    assert not result.get("failed")
    assert (result["missing"], result["seconds"], result["timeout"]) == (["n1 has no route to n2"], 20.1, 60.0)


@pytest.mark.parametrize(
    ("waited", "report_after", "bound"),
    [(55.0, 8.0, 5.0), (52.0, 8.0, 8.0), (61.0, 8.0, 0.0), (12.0, None, 48.0), (0.1, 59.9, 59.9)],
)
def test_the_last_slice_fails_with_the_seconds_of_all(
    monkeypatch: pytest.MonkeyPatch, waited: float, report_after: Optional[float], bound: float
) -> None:
    found, result = waited_for(monkeypatch, report_after=report_after, waited=waited)
    assert found == pytest.approx(bound)
    assert result["msg"].startswith(f"the cluster is not whole after {max(waited, 60.0):.0f} s:")


def test_check_mode_looks_once_and_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    bound, result = waited_for(monkeypatch, check_mode=True)
    assert bound == 0.0
    assert not result.get("failed")
