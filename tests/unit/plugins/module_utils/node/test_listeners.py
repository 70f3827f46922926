# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts get for websocket, MQTT, leaf nodes and gateways, and how their blocks name it."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.node import listeners

OWN = {"websocket_certificate": "/own/ws.crt", "websocket_key": "/own/ws.key"}


def test_only_listeners_are_delivered() -> None:
    asked = ["server", "route", "monitoring", "mqtt", "gateway"]
    assert listeners.delivered(asked, {}) == ["gateway", "mqtt"]
    assert listeners.delivered([], OWN) == ["websocket"]


def test_keys_of_the_controller_travel_as_secrets() -> None:
    found = listeners.files(["mqtt"], "/pki/issued/n1", {}, keys="controller", reissued=["mqtt"])
    assert found == [
        {"path": "tls/mqtt.crt", "src": "/pki/issued/n1/mqtt.crt", "mode": "0644", "pending": True},
        {"path": "tls/mqtt.key", "src": "/pki/issued/n1/mqtt.key", "mode": "0600", "secret": True, "pending": True},
    ]


def test_keys_of_hosts_stay_there() -> None:
    (certificate,) = listeners.files(["mqtt"], "/pki/issued/n1", {}, keys="host")
    assert certificate["path"] == "tls/mqtt.crt" and not certificate["pending"]


def test_own_files_are_delivered_as_they_are() -> None:
    found = listeners.files(["websocket"], "/pki", OWN, keys="host", reissued=["websocket"])
    assert [(entry["src"], entry["pending"]) for entry in found] == [("/own/ws.crt", False), ("/own/ws.key", False)]
    alone = listeners.files([], "/pki", {"websocket_certificate": "/own/ws.crt"}, keys="controller")
    assert [entry["path"] for entry in alone] == ["tls/websocket.crt"]


def test_blocks_ask_servers_for_a_certificate_and_nobody_else() -> None:
    found = listeners.blocks(
        "/etc/nats/current", {}, {}, keys="controller", options={"min_version": "", "timeout": 5, "cipher_suites": []}
    )
    assert found["gateway"] == {
        "cert_file": "/etc/nats/current/tls/gateway.crt",
        "key_file": "/etc/nats/current/tls/gateway.key",
        "ca_file": "/etc/nats/current/tls/ca.crt",
        "verify": True,
        "timeout": 5,
    }
    assert {profile for profile, block in found.items() if block.get("verify")} == {"gateway", "leafnode"}


def test_blocks_name_the_key_on_the_host() -> None:
    certified = {"n1/leafnode": {"spki_sha256": "ab" * 32}, "n1/mqtt": {"spki_sha256": None}}
    keys = listeners.host_keys("n1", "/etc/nats", certified, {"websocket": "/own/ws.key"})
    assert keys["leafnode"] == f"/etc/nats/keys/leafnode-{'ab' * 8}/tls.key"
    assert keys["mqtt"] == "/etc/nats/keys/mqtt-to-be-made/tls.key"
    found = listeners.blocks("/etc/nats/current", {}, keys, keys="host", options={})
    assert found["leafnode"]["key_file"] == keys["leafnode"]
    assert found["websocket"]["key_file"] == "/own/ws.key"


SERVER = {"host": "h1", "name": "n1", "address": "192.0.2.1"}


def test_where_they_are_met() -> None:
    tls = listeners.blocks("/etc/nats/current", {}, {}, keys="controller", options={})
    extra = {
        "websocket": {"listen": "0.0.0.0:8443", "tls": tls["websocket"]},
        "mqtt": {"host": "198.51.100.7", "port": 8883, "tls": tls["mqtt"]},
        "leafnodes": {"port": "7422", "tls": {**tls["leafnode"], "handshake_first": True, "pinned_certs": ["a"]}},
        "gateway": {"listen": "[2001:db8::1]:7222", "tls": {"cert_file": "/own/gateway.crt"}},
        "http": 8222,
    }
    found = listeners.met(extra, SERVER, "/etc/nats/current", {"h1/websocket": {"serial": "0A"}})
    common = {"tls_first": False, "verify": False, "pinned": False, "serial": None}
    assert found == [
        {
            **common,
            "name": "the websocket port of n1",
            "kind": "websocket",
            "address": "192.0.2.1",
            "port": 8443,
            "serial": "0A",
        },
        {**common, "name": "the mqtt port of n1", "kind": "mqtt", "address": "198.51.100.7", "port": 8883},
        {
            **common,
            "name": "the leafnode port of n1",
            "kind": "leafnode",
            "address": "192.0.2.1",
            "port": 7422,
            "tls_first": True,
            "verify": True,
            "pinned": True,
        },
    ]


def test_what_does_not_listen_is_not_met() -> None:
    tls = listeners.blocks("/etc/nats/current", {}, {}, keys="controller", options={})
    assert listeners.met({"leafnodes": {"remotes": [], "tls": tls["leafnode"]}}, SERVER, "/etc/nats/current", {}) == []
