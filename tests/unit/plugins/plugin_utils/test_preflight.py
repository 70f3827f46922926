# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight adds to the checks that it calls; the whole of it is proven end to end."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problem
from ansible_collections.aegis.nats.plugins.plugin_utils.preflight import _problems_of, _problems_of_accounts


def test_an_earlier_result_tells_its_problems() -> None:
    assert _problems_of({"problems": [{"path": "a.b", "message": "wrong"}], "msg": "1 problem"}) == [
        Problem("a.b", "wrong")
    ]


def test_an_earlier_failure_without_problems_tells_its_message() -> None:
    assert _problems_of({"failed_when_result": False, "msg": "the store is broken"}) == [
        Problem("", "the store is broken")
    ]


@pytest.mark.parametrize(
    "result", [{}, {"changed": True}, {"msg": "All assertions passed"}, {"skipped": True, "msg": "x"}]
)
def test_an_earlier_success_tells_nothing(result: dict[str, object]) -> None:
    assert _problems_of(result) == []


def test_accounts_are_checked_where_they_are_used() -> None:
    accounts = [{"name": "A", "users": [{"name": "u"}]}]
    assert _problems_of_accounts({"auth": "operator", "accounts": accounts}) == []
    found = _problems_of_accounts({"auth": "accounts", "accounts": accounts})
    assert found and found[0].path.startswith("nats_server_accounts[0].users[0]")
