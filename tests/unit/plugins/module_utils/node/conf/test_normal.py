# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations that mean the same have one form."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.normal import normal
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('listen: "127.0.0.1:4222"', 'host: "127.0.0.1", port: 4222'),
        ('listen: "[::1]:4222"', 'net: "::1", port: 4222'),
        ("listen: 4222", "port: 4222"),
        ('host: "1.2.3.4"\nhttp_port: 8222', 'net: "1.2.3.4"\nhttp: "1.2.3.4:8222"'),
        ("monitor_port: 8222", 'http: "0.0.0.0:8222"'),
        ('ping_interval: "120s"', 'ping_interval: "2m"'),
        ("tls { timeout: 2 }", 'tls { timeout: "2s" }'),
        ("jetstream: enabled", "jetstream { }"),
        ("jetstream: off", "jetstream { enabled: false }"),
        ("jetstream { disabled: true }", "jetstream { enable: false }"),
        ('jetstream { max_mem: "4G" }', "jetstream { max_memory_store: 4GiB }"),
        ("system: SYS", "system_account: SYS"),
        ("server_tags: a", "server_tags: [a]"),
        ("SERVER_NAME: a", "server_name: a"),
        (
            "accounts { A { users: [ { username: a, pass: b } ] } }",
            "accounts { A { users: [ { user: a, password: b } ] } }",
        ),
        ("cluster { net: a, authorization { pass: x } }", "cluster { host: a, authorization { password: x } }"),
    ],
)
def test_the_same_meaning(one: str, other: str) -> None:
    assert normal(parse(one)) == normal(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("max_payload: 1MB", "max_payload: 1m"),
        ('ping_interval: "2m"', 'ping_interval: "2h"'),
        ("accounts { a {} }", "accounts { A {} }"),
        ("jetstream { store_dir: a }", "jetstream { store_dir: A }"),
    ],
)
def test_another_meaning(one: str, other: str) -> None:
    assert normal(parse(one)) != normal(parse(other))
