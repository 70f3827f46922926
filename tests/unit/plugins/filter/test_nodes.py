# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters over the servers of the inventory."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.nodes import FilterModule

filters = FilterModule().filters()
HOSTVARS = {"a": {"ansible_host": "192.0.2.1"}, "b": {"nats_server_address": "fd00::2", "nats_server_port": 5222}}


def test_the_servers_of_hosts() -> None:
    found = filters["nodes"](["a", "b"], HOSTVARS)
    assert [node["address"] for node in found] == ["192.0.2.1", "fd00::2"]
    assert filters["urls"](found) == ["tls://192.0.2.1:4222", "tls://[fd00::2]:5222"]
    assert filters["routes"](found, "a") == [{"address": "fd00::2", "port": 6222}]


def test_certificates_of_servers_and_clients() -> None:
    found = filters["certificates"](
        filters["nodes"](["a"], HOSTVARS), {"days": 30}, ["nats.example.com"], [{"name": "x"}]
    )
    assert [entry["name"] for entry in found] == ["a/server", "a/route", "clients/x"]
    assert all(entry["days"] == 30 for entry in found)
    kept = filters["certificates"](filters["nodes"](["a"], HOSTVARS), {}, [], [{"name": "x"}], keys="host")
    assert [entry.get("key") for entry in kept] == ["host", "host", None]


def test_certificates_for_further_listeners() -> None:
    profiles = ["server", "route", "gateway", "leafnode", "websocket", "mqtt", "monitoring"]
    servers = filters["nodes"](["a"], HOSTVARS)
    found = filters["certificates"](servers, {}, ["nats.example.com"], [], profiles=profiles)
    assert [entry["profile"] for entry in found] == profiles
    assert [entry["profile"] for entry in found if "nats.example.com" not in entry["dns"]] == ["route", "gateway"]
    assert all(entry["ip"] == ["192.0.2.1"] for entry in found)


def test_what_clients_are_told_to_dial_is_named() -> None:
    """nats-server hands it to clients, who go on to dial it; peers never do."""
    told = {
        "nats-1.example.com:4222": ("dns", "nats-1.example.com"),
        "nats-1.example.com": ("dns", "nats-1.example.com"),
        "[fd00::7]:4222": ("ip", "fd00::7"),
        "fd00::7": ("ip", "fd00::7"),
        "192.0.2.77:4222": ("ip", "192.0.2.77"),
    }
    for advertise, (kind, name) in told.items():
        hosts = {"a": {"ansible_host": "192.0.2.1", "nats_server_client_advertise": advertise}}
        server, route = filters["certificates"](filters["nodes"](["a"], hosts), {}, [], [])
        assert name in server[kind]
        assert name not in route[kind]
    hosts = {"a": {"nats_server_client_advertise": "not a host:1"}}
    assert filters["nodes"](["a"], hosts)[0]["advertised"] == []


def test_an_address_with_its_port() -> None:
    assert filters["host_port"]("fd00::1", "4222") == "[fd00::1]:4222"


def test_the_listeners_of_servers() -> None:
    issued = {"a/server": {"serial": "0A"}, "a/route": {"serial": "0B"}}
    found = filters["tls_listeners"](
        filters["nodes"](["a", "b"], HOSTVARS),
        issued,
        ["client", "route"],
        tls_first=True,
        verify=False,
        pinned=["route"],
    )
    assert [tuple(one.values()) for one in found] == [
        ("the client port of a", "client", "192.0.2.1", 4222, True, False, False, "0A"),
        ("the route port of a", "route", "192.0.2.1", 6222, False, True, True, "0B"),
        ("the client port of b", "client", "fd00::2", 5222, True, False, False, None),
        ("the route port of b", "route", "fd00::2", 6222, False, True, True, None),
    ]
    assert list(found[0]) == ["name", "kind", "address", "port", "tls_first", "verify", "pinned", "serial"]
    assert [one["kind"] for one in filters["tls_listeners"](filters["nodes"](["a"], HOSTVARS), {}, ["route"])] == [
        "route"
    ]


def test_peers_and_the_meta_group() -> None:
    servers = filters["nodes"](["a", "b", "c", "d"], {"a": {}, "b": {}, "c": {}, "d": {"nats_server_jetstream": False}})
    assert filters["peers"](servers, "b", ["a", "b", "d"]) == ["a", "d"]
    assert filters["meta_group"](servers, ["a", "b", "c", "d"]) == 3
    assert filters["meta_group"](servers, ["a", "b"]) == 2
    assert filters["meta_group"](servers, ["a", "d"]) == 0


def test_turns() -> None:
    assert filters["batches"](["a", "b", "c"], "50%", 4) == [["a", "b"], ["c"]]
    with pytest.raises(AnsibleFilterError, match="nats_server_restart_share: 0 is out of range: write"):
        filters["batches"](["a"], 0, 4)


def test_what_one_host_needs_is_needed() -> None:
    told = {
        "a": {"needs": {"user": False, "binary": True, "refused": []}},
        "b": {"needs": {"user": False, "binary": False, "refused": ["no openssl"]}},
        "c": {},
    }
    assert filters["needed"](["a", "b", "c"], told, "needs") == ["binary", "refused"]
    assert filters["needed"](["a"], told, "needs") == ["binary"]
    assert filters["needed"](["c"], told, "needs") == []


def test_hosts_whose_staged_configuration_changes_an_option() -> None:
    reasons = {"a": ["port 1 -> 2"], "b": ["cluster.port 1 -> 2", "system_account A -> B"], "c": []}
    hosts = [{"inventory_hostname": host, "nats_server_staged": {"reasons": of}} for host, of in reasons.items()]
    assert filters["hosts_changing"](hosts, r"system_account ") == ["b"]
    assert filters["hosts_changing"](hosts, r"port ") == ["a"]
    assert filters["hosts_changing"](hosts, r"(cluster\.)?port (unset|1)") == ["a", "b"]


def test_what_every_host_has_told() -> None:
    told = {"process": {"version": "2.15.1"}}
    hostvars = {"a": {"ansible_host": "192.0.2.1", "told": told}, "b": {"told": {}}, "c": {"nats_server_port": 5222}}
    servers = filters["nodes"](["a", "b", "c"], hostvars)
    found = filters["audited"](servers, hostvars, "told")
    silent = {"msg": "the host could not be reached"}
    assert {host: entry["facts"] for host, entry in found.items()} == {"a": told, "b": silent, "c": silent}
    assert [entry["address"] for entry in found.values()] == [server["address"] for server in servers]
    assert all(set(entry) == {"address", "facts"} for entry in found.values())


def test_of_no_server_nothing_is_told() -> None:
    assert filters["audited"]([], {}, "told") == {}
