# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of a cluster as the inventory describes them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.aegis.nats.plugins.module_utils.node.nodes import (
    DEFAULT_CLUSTER_PORT,
    DEFAULT_JETSTREAM,
    DEFAULT_PORT,
    certificates,
    host_port,
    is_host,
    node,
    nodes,
    routes,
    urls,
)

ROOT = Path(__file__).resolve().parents[5]


def test_the_defaults_are_those_of_the_role() -> None:
    role = yaml.safe_load((ROOT / "roles/nats_server/defaults/main.yml").read_text())
    assert (role["nats_server_port"], role["nats_server_cluster_port"]) == (DEFAULT_PORT, DEFAULT_CLUSTER_PORT)
    assert role["nats_server_jetstream"] is DEFAULT_JETSTREAM


def test_a_host_that_says_nothing() -> None:
    found = node("n1.example.com", {})
    assert (found.name, found.address, found.port, found.cluster_port) == (
        "n1.example.com",
        "n1.example.com",
        4222,
        6222,
    )
    assert found.names == ("n1.example.com",)


def test_a_host_that_says_everything() -> None:
    found = node(
        "n1",
        {
            "ansible_host": "192.0.2.9",
            "nats_server_address": "nats-1.internal",
            "nats_server_name": "east-1",
            "nats_server_port": "5222",
            "nats_server_cluster_port": 7222,
            "nats_server_certificate_names": ["10.0.0.1", "n1"],
        },
    )
    assert (found.address, found.port, found.cluster_port) == ("nats-1.internal", 5222, 7222)
    assert found.names == ("nats-1.internal", "n1", "east-1", "10.0.0.1")


@pytest.mark.parametrize("value", [False, "false", "no", 0])
def test_a_host_without_jetstream(value: object) -> None:
    assert node("n1", {}).jetstream and node("n1", {"nats_server_jetstream": "yes"}).jetstream
    assert not node("n1", {"nats_server_jetstream": value}).jetstream


def test_a_certificate_carries_no_name_that_is_no_host_name() -> None:
    assert node("nats_1", {"ansible_host": "192.0.2.1"}).names == ("192.0.2.1",)


@pytest.mark.parametrize("name", ["a", "a-b.c", "192.0.2.1", "fd00::1", "A9"])
def test_host_names(name: str) -> None:
    assert is_host(name)


@pytest.mark.parametrize("name", ["", "a_b", "-a", "a-", "a..b", "a b", "x" * 64, "a.", "*.b"])
def test_what_is_no_host_name(name: str) -> None:
    assert not is_host(name)


def test_routes_go_to_the_others_in_order() -> None:
    servers = [found.as_dict() for found in nodes(["c", "a", "b"], {"a": {}, "b": {}, "c": {}})]
    assert [route["address"] for route in routes(servers, "a", [])] == ["c", "b"]
    assert routes([], "a", ["[fd00::1]:7000"]) == [{"address": "fd00::1", "port": 7000}]
    assert urls(servers, "nats")[0] == "nats://c:4222"


def test_two_certificates_a_server_one_a_client() -> None:
    servers = [node("n1", {"ansible_host": "192.0.2.1"}).as_dict()]
    server, route, client = certificates(servers, {"days": 10}, ["lb.example.com"], [{"name": "app", "days": 5}])
    assert server["dns"] == ["n1", "lb.example.com"] and server["ip"] == ["192.0.2.1"]
    assert route["dns"] == ["n1"] and route["profile"] == "route"
    assert client == {"days": 5, "common_name": "app", "name": "clients/app", "profile": "client"}


@pytest.mark.parametrize(("address", "text"), [("a", "a:1"), ("fd00::1", "[fd00::1]:1"), ("[fd00::1]", "[fd00::1]:1")])
def test_an_address_with_its_port(address: str, text: str) -> None:
    assert host_port(address, 1) == text
