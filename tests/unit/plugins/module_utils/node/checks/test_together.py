# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can only be seen when all servers of a cluster are looked at."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import together
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader


def checked(*hosts: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Problems and warnings of n1, n2 and so on, as text."""
    readers = {f"n{number}": Reader(values) for number, values in enumerate(hosts, 1)}
    shared = Reader({})
    together.check(readers, shared)
    own = [f"{host}.{problem}" for host, reader in readers.items() for problem in reader.problems]
    return own + [str(problem) for problem in shared.problems], [str(warning) for warning in shared.warnings]


def server(number: int, **changes: Any) -> dict[str, Any]:
    ports = {"port": 4222, "cluster_port": 6222, "monitoring_port": 8222}
    return {"name": f"n{number}", "address": f"n{number}.example.com", **ports, **changes}


def three(**changes: Any) -> list[dict[str, Any]]:
    return [server(1), server(2), server(3, **changes)]


def test_three_good_servers() -> None:
    assert checked(*three()) == ([], [])


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        (three(name="n1"), "n3.nats_server_name: n1 has the same name n1"),
        (three(address="n2.example.com", port=1, monitoring_port=2), "n3.nats_server_cluster_port: 6222 is already"),
        (three(monitoring_port=4222), "n3.nats_server_monitoring_port: 4222 is already nats_server_port of this host"),
        (three(cluster_name="b", ansible_host="x"), ""),
    ],
)
def test_names_and_ports(hosts: list[dict[str, Any]], message: str) -> None:
    problems, _dummy = checked(*hosts)
    assert len(problems) == (1 if message else 0)
    assert not message or problems[0].startswith(message)


def test_three_servers_on_one_machine_need_ports_of_their_own() -> None:
    def local(number: int, step: int) -> dict[str, Any]:
        ports = {"port": 4222 + step, "cluster_port": 6222 + step, "monitoring_port": 8222 + step}
        return {"name": f"n{number}", "address": "127.0.0.1", "host": "127.0.0.1", **ports}

    assert checked(local(1, 0), local(2, 1), local(3, 2)) == ([], [])
    problems, _dummy = checked(local(1, 0), local(2, 1), local(3, 1))
    assert [problem.split(":")[0] for problem in problems] == [
        "n3.nats_server_port",
        "n3.nats_server_cluster_port",
        "n3.nats_server_monitoring_port",
    ]


def test_monitoring_on_loopback_may_share_a_port_with_another_address() -> None:
    hosts = [server(1, host="10.0.0.1", cluster_host="10.0.0.1", monitoring_host="127.0.0.1", monitoring_port=4222)]
    assert checked(*hosts, server(2), server(3))[0] == []


@pytest.mark.parametrize("name", ["cluster_name", "cluster_user", "cluster_tls", "auth", "hash_passwords"])
def test_what_must_be_the_same(name: str) -> None:
    hosts = three(**{name: "b"})
    hosts[0][name] = hosts[1][name] = "a"
    if name == "cluster_tls":
        hosts[0][name], hosts[1][name], hosts[2][name] = True, True, False
    problems, _dummy = checked(*hosts)
    assert len(problems) == 1
    assert problems[0].startswith(f"nats_server_{name}: must be the same on all servers of the cluster: n1 has")


def test_different_passwords_are_told_without_them() -> None:
    hosts = three(cluster_password="hush2")
    hosts[0]["cluster_password"] = hosts[1]["cluster_password"] = "hush1"
    problems, _dummy = checked(*hosts)
    assert problems == [
        "nats_server_cluster_password: must be the same on all servers of the cluster: n1 and n3 have different ones"
    ]


def test_one_server_with_jetstream_in_a_cluster_gets_no_leader() -> None:
    hosts = three(jetstream=False)
    hosts[1]["jetstream"] = False
    problems, _dummy = checked(*hosts)
    assert len(problems) == 1
    assert problems[0].startswith("n1.nats_server_jetstream: no other server of the cluster has JetStream")
    assert checked(*three(jetstream=False))[0] == []
    elsewhere = [{**host, "cluster_routes": ["n9.example.com:6222"]} for host in hosts]
    assert checked(*elsewhere)[0] == []


@pytest.mark.parametrize(
    ("hosts", "warning"),
    [
        ([server(1), server(2)], "nats_server_jetstream: two servers have no majority"),
        ([server(number) for number in range(1, 5)], "nats_server_jetstream: 4 servers survive no more losses than 3"),
        ([server(1)], "nats_server_cluster: is true for a single server"),
        (
            [server(number, version=f"2.15.{number}") for number in range(3)],
            "nats_server_version: the servers of the cluster are not of one version: 2.15.0, 2.15.1, 2.15.2",
        ),
    ],
)
def test_warnings(hosts: list[dict[str, Any]], warning: str) -> None:
    _dummy, warnings = checked(*hosts)
    assert len(warnings) == 1
    assert warnings[0].startswith(warning)


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({"cluster_advertise": "n3.example.com:6222"}, True),
        ({"cluster_advertise": "n3.internal:6222"}, False),
        ({"cluster_advertise": "n3.internal:6222", "certificate_names": ["n3.internal"]}, True),
        ({"cluster_advertise": "n3.internal:6222", "certificate_names": ["*.internal"]}, True),
        ({"cluster_advertise": "[fd00::3]:6222", "certificate_names": ["fd00::3"]}, True),
        ({"cluster_advertise": "10.0.0.3:6222"}, False),
        ({"cluster_advertise": "10.0.0.3:6222", "cluster_tls": False}, True),
        (
            {"cluster_advertise": "x:6222", "pki_dir": "/p", "tls_files": {"route_certificate": "/own/route.crt"}},
            True,
        ),
    ],
)
def test_what_is_advertised_is_in_the_certificate(changes: dict[str, Any], covered: bool) -> None:
    hosts = three(**changes)
    for values in hosts:
        values["cluster_tls"] = changes.get("cluster_tls", True)
    problems, _dummy = checked(*hosts)
    assert len(problems) == (0 if covered else 1)
    assert covered or "add it to nats_server_certificate_names" in problems[0]


@pytest.mark.parametrize(
    ("share", "problem", "warning"),
    [
        (1, "", ""),
        ("33%", "", ""),
        ("100%", "", "all 3 servers restart together, which is an outage"),
        (3, "", "all 3 servers restart together"),
        (2, "while 2 of 3 servers restart the others are no majority: write 1, or 100%", ""),
        ("many", "'many' is no share: write how many servers", ""),
        ("120%", "120% is out of range", ""),
    ],
)
def test_how_many_restart_at_a_time(share: object, problem: str, warning: str) -> None:
    problems, warnings = checked(*(server(number, restart_share=share) for number in (1, 2, 3)))
    assert [problem in found for found in problems] == ([True] if problem else [])
    assert [warning in found for found in warnings] == ([True] if warning else [])
