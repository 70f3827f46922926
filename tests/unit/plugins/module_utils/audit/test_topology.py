# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners that are alike are told once."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import topology
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples


def one(**listener: Any) -> topology.Group:
    made = {"servers": [{"name": "a", "listeners": [samples.listener("client", 4222, **listener)]}]}
    return topology.groups(made)[0]


def test_listeners_that_are_alike_are_one() -> None:
    found = topology.groups(samples.broken().topology)
    told = [(group.listener.kind, group.listener.encrypted, group.at) for group in found]
    assert told == [
        ("client", "yes", (0, 2)), ("client", "no", (1,)), ("websocket", "yes", (2,)), ("leafnode", "yes", (2,)),
        ("route", "yes", (0, 1, 2)), ("monitoring", "no", (0, 1, 2)), ("profiling", "unknown", (2,)),
    ]  # fmt: skip


def test_a_hundred_servers_are_three_groups() -> None:
    found = topology.groups(samples.enormous().topology)
    assert [len(group.at) for group in found] == [100, 100, 100]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (True, "yes"), ("needed", "yes"), ("jwt", "yes"), (False, "no"), ("none", "no"), (None, "unknown"),
        ("unknown", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_what_is_asked_for(value: object, state: str) -> None:
    assert one(login=value).listener.login == state


@pytest.mark.parametrize(
    ("addresses", "local"),
    [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("", False), ("127.0.0.1.x", False)],
)
def test_loopback(addresses: str, local: bool) -> None:
    assert one(address=addresses).local is local


def test_what_one_of_its_servers_opens_is_open() -> None:
    doors = [samples.listener("monitoring", 8222, address=address) for address in ("127.0.0.1", "10.0.0.1")]
    servers = [samples.server(name, (), [door]) for name, door in zip("ab", doors)]
    assert [group.local for group in topology.groups({"servers": servers})] == [False]


@pytest.mark.parametrize("tls", ["TLS 1.3", "TLSv1.3"])
def test_versions_of_tls_are_called_the_same(tls: str) -> None:
    assert one(tls=tls).listener.tls == "TLS 1.3" and one(tls=tls).listener.encrypted == "yes"


def test_who_reached_it_may_be_one_or_many_or_nobody() -> None:
    assert one(reached_from="the controller").listener.origins == ("the controller",)
    assert one(reached_from=["a", "b"]).listener.origins == ("a", "b")
    assert one(reached_from=None).listener.origins == one(reached_from="").listener.origins == ()


def test_what_asks_for_less_is_weaker() -> None:
    assert one().weakness < one(client_certificate=None).weakness < one(client_certificate=False).weakness
    assert one(client_certificate=False).weakness < one(client_certificate=False, tls="none", login=False).weakness


def test_routes() -> None:
    servers = topology.servers(samples.broken().topology)
    assert topology.routes(servers) == ([(0, 1), (0, 2)], [(1, 2)])
    assert topology.of_routes(servers) == "1 pair of 3 name no route to each other: nats-2 and nats-3."
    assert topology.of_routes(topology.servers(samples.topology())) == (
        "Every server has a route to every other (3 routes)."
    )
    assert topology.of_routes(servers[:1]) == ""


def test_of_many_missing_routes_some_are_named() -> None:
    names = tuple(f"n{number}" for number in range(6))
    made = [topology.Server(name, "", "", ()) for name in names]
    assert topology.of_routes(made).endswith("n0 and n4; and 11 more pairs.")


def test_nothing_is_no_servers() -> None:
    assert topology.servers({}) == [] and topology.groups({}) == []
    assert topology.servers({"servers": [{}]})[0].name == "server 1"
