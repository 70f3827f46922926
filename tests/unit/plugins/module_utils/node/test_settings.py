# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems and warnings of a whole cluster, each told once."""

from __future__ import annotations

from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.node import settings


def host(number: int, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version": "2.15.1",
        "name": f"n{number}",
        "address": f"10.0.0.{number}",
        "cluster_name": "c",
        "cluster_password": "p" * 40,
        "jetstream_key": "k" * 40,
        "port": 4222,
        "cluster_port": 6222,
        "monitoring_port": 8222,
    }
    return {**values, **changes}


def cluster(**changes: Any) -> dict[str, dict[str, Any]]:
    return {f"n{number}": host(number, **changes) for number in (1, 2, 3)}


def test_a_good_cluster() -> None:
    assert settings.cluster_problems(cluster()) == []
    assert settings.cluster_warnings(cluster()) == []


def test_what_all_hosts_share_is_told_once_and_what_one_has_with_its_name() -> None:
    hosts = cluster(tls_curve_preferences=["P-256"], tls_verify=False)
    hosts["n2"].update(max_payload="1X", trace=True)
    assert [problem.path for problem in settings.cluster_problems(hosts)] == [
        "nats_server_tls_curve_preferences[0]",
        "n2.nats_server_max_payload",
    ]
    assert [warning.path for warning in settings.cluster_warnings(hosts)] == [
        "nats_server_tls_verify",
        "n2.nats_server_trace",
    ]


def test_one_server() -> None:
    assert [problem.path for problem in settings.problems(host(1, name="n 1", port=0))] == [
        "nats_server_name",
        "nats_server_port",
    ]
    assert [warning.path for warning in settings.warnings(host(1, tls=False))] == ["nats_server_tls"]


def test_no_secret_is_told() -> None:
    hush = "$2a$10$hush"
    hosts = cluster(cluster_password=hush, jetstream_key="/etc/hush", auth="accounts")
    for number, values in enumerate(hosts.values()):
        values["accounts"] = [{"name": "A", "users": [{"password": hush + str(number)}]}]
    hosts["n2"]["cluster_password"] = hush + "2"
    hosts["n3"]["jetstream_key"] = "hush"
    told = [str(found) for found in (*settings.cluster_problems(hosts), *settings.cluster_warnings(hosts))]
    assert len(told) >= 5
    assert "hush" not in " ".join(told)
