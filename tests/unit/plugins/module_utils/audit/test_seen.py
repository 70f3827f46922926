# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit has seen."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door, Seen


def seen(**hosts: Any) -> Seen:
    return Seen(datetime(2026, 11, 29, tzinfo=timezone.utc), hosts, (), ())


def test_a_door_is_named_by_what_it_is() -> None:
    door = Door("h1", "n1", "route", "10.0.0.1", 6222)
    assert door.subject == "route port of n1 (10.0.0.1:6222)"


def test_a_host_that_told_nothing() -> None:
    found = seen(h1={"msg": "unreachable"})
    assert found.config("h1") == {} and found.server("h1") == "h1" and found.operators == {}


def test_servers_and_operators() -> None:
    operator = {"key": "OABC", "name": "Acme", "signing_keys": ["ODEF"], "strict": True}
    told = {"server": {"server_name": "n1", "operators": [operator]}, "config": {"read": True}}
    found = seen(h1=told, h2={"server": {"server_name": "n2", "operators": [operator]}})
    assert found.server("h1") == "n1" and found.config("h1") == {"read": True}
    assert found.operators == {"OABC": operator}
