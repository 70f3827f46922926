# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where accounts come from."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import resolver
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.reader import Reader
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

URL = "https://accounts.example.com/jwt/v1/accounts/"


checked = reads(resolver.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"resolver": "nats"}, "resolver", "is not one of full, cache, memory, url"),
        ({"resolver_interval": 120}, "resolver_interval", "write a number with its unit"),
        ({"resolver_timeout": "0s"}, "resolver_timeout", "is zero"),
        ({"resolver": "cache", "resolver_ttl": "0s"}, "resolver_ttl", "is zero"),
        ({"resolver_hard_delete": True, "resolver_allow_delete": False}, "resolver_hard_delete", "has no meaning"),
        ({"resolver_limit": -1}, "resolver_limit", "at least 0"),
        ({"resolver": "memory", "resolver_allow_delete": True}, "resolver_allow_delete", "only with full"),
        ({"resolver": "cache", "resolver_hard_delete": True}, "resolver_hard_delete", "only with full"),
        ({"resolver": "memory", "resolver_limit": 5}, "resolver_limit", "only with full or cache"),
        ({"resolver_ttl": "1h"}, "resolver_ttl", "only with cache"),
        ({"resolver_url": URL}, "resolver_url", "only with url"),
        ({"resolver": "url"}, "resolver_url", "is empty"),
        ({"resolver": "url", "resolver_url": "accounts.example.com"}, "resolver_url", "is not a URL"),
        ({"resolver": "url", "resolver_url": "https://members.example.com/"}, "resolver_url", "memory resolver"),
        ({"resolver": "url", "resolver_url": "https://me:hush@a.example.com/"}, "resolver_url", "user or password"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message
    assert "hush" not in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"resolver_interval": "1h"}, "resolver_interval", "revoked users"),
        ({"resolver": "url", "resolver_url": "http://a.example.com/"}, "resolver_url", "revocation"),
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
        {"resolver_interval": "2m", "resolver_timeout": "1.9s", "resolver_allow_delete": True},
        {"resolver": "cache", "resolver_ttl": "1h", "resolver_limit": 100},
        {"resolver": "memory", "resolver_hard_delete": False, "resolver_limit": 0},
        {"resolver": "url", "resolver_url": URL},
        {"auth": "users", "resolver": "nats", "resolver_limit": -1},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (["full", "full", "full"], ""),
        (["full", "cache", "cache"], ""),
        (["memory", "memory"], ""),
        (["cache", "cache"], "no server of the cluster is full"),
        (["full", "memory"], "is memory on some servers and full on others"),
        (["cache", "url"], "no server of the cluster is full"),
        ([None, "url"], "is url on some servers and full on others"),
    ],
)
def test_servers_together(kinds: list[str], message: str) -> None:
    shared = Reader({})
    resolver.check_together({f"n{at}": Reader({"resolver": kind}) for at, kind in enumerate(kinds)}, shared)
    found = [problem.message for problem in shared.problems]
    assert bool(found) == bool(message)
    assert not message or message in found[0]


def test_a_full_one_may_be_beyond_a_gateway() -> None:
    shared = Reader({})
    server = Reader({"resolver": "cache", "extra_config": {"gateway": {"name": "A"}}})
    resolver.check_together({"n1": server}, shared)
    assert list(shared.problems) == []
