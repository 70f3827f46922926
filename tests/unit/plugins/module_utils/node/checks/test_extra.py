# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nats_server_extra_config."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import extra
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(extra.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"extra_config": {"http_port": 8222}}, "extra_config.http_port", "set nats_server_monitoring_port instead"),
        ({"extra_config": {"monitor_port": 8222}}, "extra_config.monitor_port", "nats_server_monitoring_port"),
        ({"extra_config": {"LISTEN": "x:1"}}, "extra_config.LISTEN", "set nats_server_host instead"),
        ({"extra_config": {"max_conn": 5}}, "extra_config.max_conn", "set nats_server_max_connections instead"),
        ({"extra_config": {"cluster": {"net": "x"}}}, "extra_config.cluster.net", "nats_server_cluster_host"),
        (
            {"extra_config": {"cluster": {"tls": {"timeout": 2}}}},
            "extra_config.cluster.tls.timeout",
            "nats_server_cluster_tls_timeout",
        ),
        ({"extra_config": {"jetstream": {"ek": "hush"}}}, "extra_config.jetstream.ek", "nats_server_jetstream_key"),
        ({"extra_config": {"resolver": {"ttl": "1h"}}}, "extra_config.resolver", "nats_server_resolver_dir"),
        ({"extra_config": {"foo": 1}, "version": "2.15.1"}, "extra_config.foo", "no nats-server knows"),
        (
            {"extra_config": {"proxy_protocol": False}, "version": "2.11.11"},
            "extra_config.proxy_protocol",
            "2.12.2 is the first",
        ),
        ({"extra_config": {"https": "x:1"}}, "extra_config.https", "can't stand beside plain monitoring"),
        ({"extra_config": {"max_traced_msg_len": "1KB"}}, "extra_config.max_traced_msg_len", "write a number of bytes"),
        ({"extra_config": {"leafnodes": {"reconnect": 2}}}, "extra_config.leafnodes.reconnect", 'such as "2s"'),
        ({"extra_config": {"leafnodes": {"reconnect": "1d"}}}, "extra_config.leafnodes.reconnect", "write 24h"),
        ({"extra_config": {"leafnodes": {"reconnect": "x"}}}, "extra_config.leafnodes.reconnect", "is not a duration"),
        (
            {"extra_config": {"leafnodes": {"remotes": [{}, {"dial_timeout": 5}]}}},
            "extra_config.leafnodes.remotes[1].dial_timeout",
            "is a bare number",
        ),
        (
            {"extra_config": {"websocket": {"tls": {"verify": False, "verify_and_map": True}}}},
            "extra_config.websocket.tls",
            "counts at random",
        ),
        ({"extra_config": {"cluster": {"ping_max": 2}}, "cluster": False}, "extra_config.cluster", "has nowhere to go"),
        ({"extra_config": {"no_auth_user": ""}}, "extra_config.no_auth_user", "can't stand beside an operator"),
        ({"extra_config": ["x"]}, "extra_config", "where a dictionary is expected"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"extra_config": {"prof_port": 1}}, "extra_config.prof_port", "no authentication"),
        ({"extra_config": {"websocket": {"no_tls": True}}}, "extra_config.websocket.no_tls", "in clear text"),
        (
            {"extra_config": {"gateway": {"authorization": {"pass": "hush"}}}},
            "extra_config.gateway.authorization.pass",
            "Ansible Vault",
        ),
    ],
)
def test_what_is_warned_about(values: dict[str, Any], path: str, message: str) -> None:
    reader = checked(values)
    assert list(reader.problems) == []
    assert [problem.path for problem in reader.warnings] == [f"nats_server_{path}"]
    assert message in next(iter(reader.warnings)).message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"extra_config": {"cluster": {"ping_interval": "20s"}, "tls": {"ocsp_peer": False}}, "version": "2.15.1"},
        {"extra_config": {"authorization": {"proxy_required": False}, "mappings": {"port": "x"}}, "version": "2.15.1"},
        {"extra_config": {"https": "x:1"}, "monitoring": False},
        {"extra_config": {"jetstream": {"strict": True}, "gateway": {"authorization": {"timeout": 2}}}},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []


def test_no_secret_is_told() -> None:
    options = {"jetstream": {"key": "hush"}, "gateway": {"authorization": {"password": "hush"}}, "hush2": "hush"}
    reader = checked({"extra_config": options, "version": "2.15.1"})
    messages = [problem.message for problem in (*reader.problems, *reader.warnings)]
    assert len(messages) == 3
    assert "hush" not in " ".join(messages)


def test_every_variable_that_is_named_is_one_of_the_role() -> None:
    text = (Path(__file__).resolve().parents[6] / "roles/nats_server/defaults/main.yml").read_text()
    known = set(re.findall(r"^nats_server_(\w+):", text, re.MULTILINE))
    assert set(extra.VARIABLES.values()) <= known
