# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.monitoring_events import events_problems
from ansible_collections.aegis.nats.plugins.module_utils.node.events import SUBJECTS

GOOD: dict[str, Any] = {
    "agent": True,
    "otlp_endpoint": "collector.example:4317",
    "user": "events",
    "install_method": "preinstalled",
    "binary_src": "",
    "file_size": 4096,
}
RIGHTS: dict[str, Any] = {"publish": {"deny": [">"]}, "subscribe": {"allow": list(SUBJECTS)}}
USER: dict[str, Any] = {"name": "events", **RIGHTS}
WHERE = "nats_monitoring_events_user: "


def tree(user: dict[str, Any], **account: Any) -> dict[str, Any]:
    return {"system_account": {"name": "SYS", "users": [{"name": "sys"}, user], **account}}


@pytest.mark.parametrize(
    "found",
    [
        tree(USER),
        tree({"name": "events", "role": "hears"}, signing_keys=[1, {"role": "hears", "template": RIGHTS}]),
        tree({"name": "events", "role": "AKEY"}, signing_keys=[{"role": "", "key": "AKEY", "template": RIGHTS}]),
        tree({"name": "events"}, default_permissions=RIGHTS),
        tree({**USER, "subscribe": {"allow": list(SUBJECTS), "deny": ["$SYS.REQ.>"]}}),
    ],
)
def test_a_user_that_hears_two_subjects_and_says_nothing(found: dict[str, Any]) -> None:
    assert events_problems(GOOD, found) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"subscribe": {}}, "may hear everything"),
        ({"subscribe": {"allow": [*SUBJECTS, "_INBOX.>"]}}, "may hear _INBOX.>"),
        ({"subscribe": {"allow": [">"]}}, f"may hear >, may not hear {SUBJECTS[0]}, may not hear {SUBJECTS[1]}"),
        ({"subscribe": {"allow": [SUBJECTS[0]]}}, f"may not hear {SUBJECTS[1]}"),
        ({"subscribe": {"allow": list(SUBJECTS), "deny": [SUBJECTS[0]]}}, f"may not hear {SUBJECTS[0]}"),
        ({"publish": {}}, "may publish"),
        ({"publish": {"deny": ["$SYS.>"]}}, "may publish"),
        ({"responses": {"max": 1}}, "may answer"),
        ({"bearer": True}, "gets in without its key"),
    ],
)
def test_one_who_may_do_more_or_less(changed: dict[str, Any], said: str) -> None:
    (problem,) = events_problems(GOOD, tree({**USER, **changed}))
    assert problem.startswith(f"{WHERE}events {said}: ")
    assert f'subscribe: {{allow: ["{SUBJECTS[0]}", "{SUBJECTS[1]}"]}}}} into nats_trust_system_account.users' in problem


def test_permissions_of_its_own_leave_those_of_the_account_out() -> None:
    user = {"name": "events", "publish": {"deny": [">"]}}
    assert "may hear everything" in events_problems(GOOD, tree(user, default_permissions=RIGHTS))[0]


def test_a_role_that_is_nowhere_lets_everything() -> None:
    assert "may hear everything" in events_problems(GOOD, tree({"name": "events", "role": "gone"}, signing_keys=2))[0]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "there is no system account"),
        ({"system_account": None}, "there is no system account"),
        ({"system_account": {"name": "SYS"}}, "has no user events: write {name: events, publish"),
        (tree({**USER, "revoked": True}), "events is revoked"),
        (tree({**USER, "public_key": "UABC"}), "has no seed of events"),
    ],
)
def test_one_who_is_not_there(found: dict[str, Any], said: str) -> None:
    (problem,) = events_problems(GOOD, found)
    assert problem.startswith(WHERE) and said in problem


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"agent": False}, "nats_monitoring_events_host"),
        ({"otlp_endpoint": ""}, "nats_monitoring_agent_otlp_endpoint"),
        ({"install_method": "archive"}, "nats_monitoring_events_install_method"),
        ({"install_method": "local"}, "nats_monitoring_events_binary_src"),
        ({"install_method": "local", "binary_src": "/no/such/nats"}, "nats_monitoring_events_binary_src"),
        ({"file_size": 0}, "nats_monitoring_events_file_size"),
        ({"file_size": "much"}, "nats_monitoring_events_file_size"),
    ],
)
def test_settings_that_can_not_be_meant(changed: dict[str, Any], named: str) -> None:
    (problem,) = events_problems({**GOOD, **changed}, tree(USER))
    assert problem.startswith(f"{named}: ")
