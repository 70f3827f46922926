# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust.inbox import inbox_of, own_inbox


@pytest.mark.parametrize(
    ("subscribe", "expected"),
    [
        (["orders.>", "_INBOX_orders.>"], "_INBOX_orders"),
        (["_INBOX.orders.>"], "_INBOX.orders"),
        (["_INBOX_b.>", "_INBOX_a.>"], "_INBOX_b"),
        (["orders.>", "_INBOX.>"], None),
        (["_INBOX.>", "_INBOX_orders.>"], None),
        ([">", "_INBOX_orders.>"], None),
        ([], None),
        (["orders.>"], None),
        (["_INBOX_*.>"], None),
        (["_INBOX_orders.*"], None),
        (["_INBOX_orders"], None),
        (["_INBOX_a$(id).>"], None),
        (["_INBOX_orders.> workers"], None),
    ],
)
def test_the_prefix_that_rules_leave(subscribe: list[str], expected: Optional[str]) -> None:
    assert own_inbox(subscribe) == expected


def test_of_a_user() -> None:
    claims: dict[str, Any] = {"name": "app", "nats": {"sub": {"allow": ["a.>", "_INBOX_app.>"]}}}
    assert inbox_of(claims) == "_INBOX_app"
    assert inbox_of({"name": "app", "nats": {"sub": {}}}) is None
    assert inbox_of({"name": "app"}) is None


def test_of_a_user_with_a_role() -> None:
    template = {"sub": {"allow": ["_INBOX_{{name()}}.>"]}}
    assert inbox_of({"name": "app", "sub": "UABC", "nats": {}}, template) == "_INBOX_app"
    assert inbox_of({"name": "app", "sub": "UABC"}, {"sub": {"allow": ["_INBOX.{{subject()}}.>"]}}) == "_INBOX.UABC"
    assert inbox_of({"name": "app"}, {"sub": {"allow": ["_INBOX_{{tag(team)}}.>"]}}) is None
    assert inbox_of({"name": "an app"}, template) is None
    assert inbox_of({"name": "app", "nats": {"sub": {"allow": ["_INBOX_app.>"]}}}, {}) is None
