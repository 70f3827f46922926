# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether servers can prove to each other who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_peers as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Seen
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    FAIL,
    config,
    facts,
    found,
    listener,
    only,
    seen,
)

NAMES = ("n1.internal", "*.apps.internal", "10.0.0.1")


def cluster(*routes: str, names: Any = NAMES, dials: Any = True, kind: str = "route", **tls: Any) -> Seen:
    """Two servers, one with its routes, none of which is up; ``names`` and ``dials`` are of the certificates."""
    told = facts(
        config=config(routes=list(routes), listeners=[listener("route", ca_file="/ca", **tls)]),
        server={"reached": True, "server_name": "n1", "routes": 0},
    )
    shown = {"names": list(names) if isinstance(names, tuple) else names, "dials": dials}
    return seen({"h1": told}, [found(kind, shown), found(kind, {**shown, "dials": True}, host="h2")])


def test_nothing_seen_nothing_said() -> None:
    assert list(judge.peers(seen())) == []
    for told in DAMAGED:
        assert list(judge.peers(seen({"h1": told}))) == []
    assert list(judge.peers(seen(knocked=[found("route", {"dials": True})]))) == []


@pytest.mark.parametrize(
    ("kind", "dials", "routes", "told"),
    [
        ("route", False, ["tls://10.0.0.1:6222"], True),
        ("route", True, ["tls://10.0.0.1:6222"], False),
        ("route", None, ["tls://10.0.0.1:6222"], False),
        ("route", False, [], False),  # a seed never dials
        ("gateway", False, [], True),
        ("leafnode", False, [], False),
    ],
)
def test_a_certificate_for_servers_only(kind: str, dials: Any, routes: list[str], told: bool) -> None:
    findings = list(judge.peers(cluster(*routes, dials=dials, kind=kind)))
    assert [finding.verdict for finding in findings] == ([FAIL] if told else [])
    for finding in findings:
        assert finding.subject.startswith(f"{kind} port of n1") and "no clientAuth" in finding.evidence


@pytest.mark.parametrize(
    ("route", "strange"),
    [
        ("tls://n1.internal:6222", False),
        ("tls://N1.internal:6222", False),
        ("tls://a.apps.internal:6222", False),
        ("tls://10.0.0.1:6222", False),
        ("tls://a.b.apps.internal:6222", True),
        ("tls://apps.internal:6222", True),
        ("tls://n2.internal:6222", True),
        ("tls://10.0.0.2:6222", True),
    ],
)
def test_names_that_routes_are_dialled_by(route: str, strange: bool) -> None:
    findings = list(judge.peers(cluster(route)))
    assert [finding.verdict for finding in findings] == ([FAIL] if strange else [])
    for finding in findings:
        assert finding.subject == "routes of n1" and "which no certificate of a route is for" in finding.evidence


def test_names_are_not_judged_where_they_do_not_count_or_are_not_known() -> None:
    assert list(judge.peers(cluster("tls://n2.internal:6222", insecure=True))) == []
    assert list(judge.peers(cluster("tls://n2.internal:6222", names=None))) == []
    # A server that was not looked at may have that name.
    three = [f"tls://n{number}.internal:6222" for number in (1, 2, 3)]
    assert list(judge.peers(cluster(*three))) == []
    told = cluster("tls://n2.internal:6222")
    assert list(judge.peers(replace(told, knocked=told.knocked[:1]))) == []


@pytest.mark.parametrize("routes", [None, 1])
def test_a_route_that_is_up_is_by_a_name_that_is_right(routes: Any) -> None:
    told = cluster("tls://n2.internal:6222")
    server = {**told.hosts["h1"]["server"], "routes": routes}
    assert list(judge.peers(replace(told, hosts={"h1": {**told.hosts["h1"], "server": server}}))) == []


@pytest.mark.parametrize("kind", ["route", "gateway", "leafnode"])
def test_a_name_without_a_password(kind: str) -> None:
    told = facts(config=config(listeners=[{**listener(kind), "by_name": True}, {**listener(kind), "by_name": False}]))
    finding = only(judge.peers(seen({"h1": told})))
    assert (finding.subject, finding.verdict, finding.host) == (f"{kind} port of n1", FAIL, "h1")
    assert "a name without a password" in finding.evidence and finding.change
