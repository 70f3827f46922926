# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names by which servers are dialled, and the certificates that must carry them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import listeners as delivery
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import covering
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader

BLOCKS = delivery.blocks("/etc/nats/current", {}, {}, keys="controller", options={})


def told(**changes: Any) -> list[str]:
    """What is said of a cluster of two whose first server has the changes."""
    hosts = {
        name: Reader({"name": name, "address": f"{name}.example.com", "ansible_host": f"10.0.0.{number}"})
        for number, name in ((1, "n1"), (2, "n2"))
    }
    hosts["n1"] = Reader({**hosts["n1"].values, "config_dir": "/etc/nats", "pki_dir": "/pki", **changes})
    covering.check_together(hosts, hosts)
    return [
        f"{name}.{problem.path}: {problem.message}" for name, reader in hosts.items() for problem in reader.problems
    ]


def block(kind: str, profile: str, **more: Any) -> dict[str, Any]:
    return {"extra_config": {kind: {"tls": BLOCKS[profile], **more}}}


CLUSTERS = [
    {"name": "east", "urls": ["nats://n1.example.com:7222", "nats://east.example.com:7222"]},
    {"name": "west", "urls": ["nats://west.elsewhere.com:7222"]},
]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"cluster_advertise": "n1.example.com:6222", "client_advertise": "[fd00::1]:4222"}, ""),
        ({"client_advertise": "nats_1:4222"}, "n1.nats_server_client_advertise: nats_1 is not in the certificate of"),
        ({"client_advertise": "nats_1:4222", "tls": False}, ""),
        ({"cluster_advertise": "db.example.com:6222"}, "not in the route certificate of this server"),
        (
            {"cluster_advertise": "db.example.com:6222", "tls_files": {"route_certificate": "/own/r.crt"}},
            "",
        ),
        (block("websocket", "websocket", advertise="ws.example.com:443"), "n1.nats_server_extra_config.websocket.adv"),
        (block("websocket", "websocket", advertise="ws.example.com") | {"nats_pki_names": ["ws.example.com"]}, ""),
        (block("gateway", "gateway", advertise="ws.example.com") | {"nats_pki_names": ["ws.example.com"]}, "gateway"),
        (block("leafnodes", "leafnode", leafnode_advertise="hub.example.com"), "leafnodes.leafnode_advertise: hub."),
        (
            block("leafnodes", "leafnode", advertise="hub.example.com") | {"certificate_names": ["*.example.com"]},
            "",
        ),
        ({"extra_config": {"websocket": {"tls": {"cert_file": "/own"}, "advertise": "x.example.com"}}}, ""),
        ({"cluster_routes": ["10.0.0.2:6222"]}, "n1.nats_server_cluster_routes[0]: 10.0.0.2 is not in the route cert"),
        ({"cluster_routes": ["n2:6222", "n2.example.com:6222", "n9.elsewhere.com:6222"]}, ""),
        (
            block("gateway", "gateway", name="east", gateways=CLUSTERS),
            "n1.nats_server_extra_config.gateway.gateways[0].urls[1]: east.example.com is not in the certificate",
        ),
        (block("gateway", "gateway", name="west", gateways=CLUSTERS[:1]), ""),
    ],
)
def test_what_is_dialled_is_carried(changes: dict[str, Any], problem: str) -> None:
    found = told(**changes)
    assert len(found) == bool(problem), found
    assert not problem or (problem in found[0] and "nats_server_certificate_names" in found[0])


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("n1.example.com", "n1.example.com"),
        ("n1.example.com:6222", "n1.example.com"),
        ("[fd00::1]:6222", "fd00::1"),
        ("fd00::1", "fd00::1"),
        ("tls://user:secret@n1:7222/", "n1"),
        ("", ""),
    ],
)
def test_hosts_of_what_is_advertised(text: str, host: str) -> None:
    assert covering.host_of(text) == host


def test_addresses_are_compared_as_addresses() -> None:
    assert covering.covered("fd00:0::1", ["FD00::1"])
    assert not covering.covered("10.0.0.1", ["*.0.0.1"])
    assert not covering.covered("a.b.example.com", ["*.example.com"])
