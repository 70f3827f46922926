# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the server is and where it listens."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import identity
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(identity.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"version": "latest"}, "version", "write it like 2.15.1"),
        ({"version": "2.9.25"}, "version", "2.10.0 is the lowest"),
        ({"version": "2.11.11", "metadata": {"a": "b"}}, "metadata", "does not know server_metadata"),
        ({"metadata": {"a": 1}}, "metadata.a", "put the value in quotes"),
        ({"metadata": "a=b"}, "metadata", "where a dictionary is expected"),
        ({"name": "n 1"}, "name", "holds a space"),
        ({"name": ""}, "name", "is empty"),
        ({"name": ["a"]}, "name", "a list where text is expected"),
        ({"cluster_name": "a b"}, "cluster_name", "holds a space"),
        ({"tags": ["az:a", "b c"]}, "tags[1]", "write a tag like az:a"),
        ({"tags": "az:a"}, "tags", "where a list is expected"),
        ({"tags": [5]}, "tags[0]", "is not text"),
        ({"address": ""}, "address", "set nats_server_address or ansible_host"),
        ({"address": "0.0.0.0"}, "address", "none to connect to"),
        ({"address": "n1.example.com:4222"}, "address", "holds a port"),
        ({"address": "nats://n1"}, "address", "neither a name nor an address"),
        ({"port": 0}, "port", "from 1 to 65535"),
        ({"port": "http"}, "port", "is not a whole number"),
        ({"cluster_port": 65536}, "cluster_port", "from 1 to 65535"),
        ({"monitoring_port": True}, "monitoring_port", "is not a whole number"),
        ({"host": "0.0.0.0 4222"}, "host", "is no address to listen on"),
        ({"log_file": "nats.log"}, "log_file", "not an absolute path"),
        ({"data_dir": "./data"}, "data_dir", "not an absolute path"),
        ({"resolver_dir": "/etc/nats/jwt/accounts"}, "resolver_dir", "put it below nats_server_data_dir"),
        ({"install_method": "apt"}, "install_method", "is not one of archive, local, package, preinstalled"),
        ({"install_method": "local", "binary_src": ""}, "binary_src", "names the nats-server file"),
        ({"service_manager": "openrc"}, "service_manager", "is not one of systemd, process"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"tags": ["AZ:a"]}, "tags[0]", "becomes az:a"),
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
        {"version": "2.15.1", "name": "n1", "address": "10.0.0.1", "port": "4222", "tags": ["az:a"], "host": "::"},
        {"version": "2.12.0", "metadata": {"a": "b"}, "address": "fd00::1", "log_file": ""},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
