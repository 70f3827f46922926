# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's part in the cluster."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import clustering
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(clustering.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"cluster_name": ""}, "cluster_name", "share one name"),
        ({"cluster_user": "N" + "A" * 55}, "cluster_user", "is an nkey"),
        ({"cluster_user": "UBXYZ123ABCDEF456789GHIJKLMNOPQRSTUVWXYZ123456789"}, "cluster_user", "write a plain name"),
        ({"cluster_user": ""}, "cluster_user", "routes log in with user and password"),
        ({"cluster_password": ""}, "cluster_password", "the role makes a password"),
        ({"cluster_password": "$2a$11$" + "a" * 53}, "cluster_password", "is a bcrypt hash"),
        ({"cluster_timeout": 90}, "cluster_timeout", "at most 60"),
        ({"cluster_compression": False}, "cluster_compression", "quote it"),
        ({"cluster_compression": "gzip"}, "cluster_compression", "is not one of off, accept"),
        ({"cluster_pool_size": 0}, "cluster_pool_size", "write 1 or more"),
        ({"cluster_routes": ["tls://n2:6222"]}, "cluster_routes[0]", "write host:port alone"),
        ({"cluster_routes": ["n2:6222", "u:hush@n2:6222"]}, "cluster_routes[1]", "the role adds it"),
        ({"cluster_routes": ["n2"]}, "cluster_routes[0]", "write it like"),
        ({"cluster_routes": ["n2:99999"]}, "cluster_routes[0]", "write it like"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"cluster_user": "route", "cluster_password": "NATS", "cluster_routes": ["[::1]:6222", "n4.example.com:6222"]},
        {"cluster": False, "cluster_user": "", "cluster_name": ""},
        {"cluster_pool_size": -1, "cluster_compression": "off"},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
