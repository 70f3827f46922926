# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revocations: what is refused until when, what stays, what is added, what is dropped when asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.revocations import merged, refused_until
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import (
    DAY,
    NOW,
    ORDERS,
    files,
    key,
    orders,
    trust,
)

STRANGER = key(Role.USER, 7).public_key
AT = int(NOW.timestamp())


def revoked(found: dict[str, Any], account: int = 1) -> dict[str, int]:
    claims: dict[str, int] = tokens.read(found["accounts"][account]["jwt"]).nats.get("revocations", {})
    return claims


def declared(*entries: dict[str, Any]) -> dict[str, Any]:
    raw = orders()
    raw["accounts"][0]["revocations"] = list(entries)
    return raw


@pytest.mark.parametrize(
    ("nats", "until"),
    [
        ({}, 0),
        ({"revocations": None}, 0),
        ({"revocations": {"U": 5}}, 5),
        ({"revocations": {"*": 9, "U": 5}}, 9),
        ({"revocations": {"V": 5}}, 0),
        ({"revocations": {"U": True}}, 0),
    ],
)
def test_until_when_tokens_are_refused(nats: dict[str, Any], until: int) -> None:
    assert refused_until("U", nats) == until


def test_of_two_times_the_later_holds() -> None:
    assert merged({"U": 5, "V": 1}, {"U": 3, "W": 2}) == {"U": 5, "V": 1, "W": 2}


def test_declared_ones_are_added_once(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    raw = declared({"user": STRANGER, "before": "2026-11-20T00:00:00Z"})
    found = trust(tmp_path, raw)
    assert found["reasons"] == [f"account TeamAlpha: revocations adds {STRANGER}"]
    assert revoked(found) == {STRANGER: 1_795_132_800}
    assert not trust(tmp_path, raw)["changed"]


def test_a_user_that_is_wanted_is_issued_again(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    raw = declared({"user": "order-service", "before": NOW})
    found = trust(tmp_path, raw, NOW)
    assert found["reasons"] == [
        "account TeamAlpha: revocations adds order-service",
        "user order-service: was revoked, is issued again",
    ]
    assert found["users"][1]["public_key"] == first["users"][1]["public_key"]
    path = tmp_path / "stores/Acme/accounts/TeamAlpha/users/order-service.jwt"
    assert tokens.read(path.read_text()).issued_at == AT + 1
    assert not trust(tmp_path, raw, NOW + DAY)["changed"]


def test_everybody_is_revoked_at_once(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    raw = declared({"user": "*", "before": NOW})
    found = trust(tmp_path, raw, NOW + DAY)
    assert found["reasons"][1:] == ["user order-service: was revoked, is issued again"]
    assert not trust(tmp_path, raw, NOW + DAY)["changed"]


def test_who_is_revoked_until_later_is_warned_about(tmp_path: Path) -> None:
    trust(tmp_path, ORDERS)
    found = trust(tmp_path, declared({"user": "*", "before": NOW + DAY}), NOW)
    assert found["reasons"] == ["account TeamAlpha: revocations adds *"]
    assert "user order-service can't log in" in found["warnings"][0]


def test_a_user_may_stay_and_be_revoked(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS)
    user = tmp_path / "stores/Acme/accounts/TeamAlpha/users/order-service.jwt"
    before = user.read_bytes()
    raw = orders()
    raw["accounts"][0]["users"][0]["revoked"] = True
    found = trust(tmp_path, raw, NOW + DAY)
    assert found["reasons"] == ["account TeamAlpha: revocations adds order-service"]
    assert revoked(found) == {first["users"][1]["public_key"]: AT + 86_400}
    assert user.read_bytes() == before
    assert not trust(tmp_path, raw, NOW + 80 * DAY)["changed"], "it is not renewed either"
    assert not trust(tmp_path, raw, NOW + 2 * DAY, drop_revocations=True)["changed"]
    again = trust(tmp_path, ORDERS, NOW + 2 * DAY)
    assert again["reasons"] == ["user order-service: was revoked, is issued again"]


def test_a_user_that_never_was_is_not_made_to_be_revoked(tmp_path: Path) -> None:
    raw = orders()
    raw["accounts"][0]["users"][0]["revoked"] = True
    found = trust(tmp_path, raw)
    assert [each["name"] for each in found["users"]] == ["sys", "gateway"]
    assert not [name for name in files(tmp_path) if "order-service" in name]


def test_what_was_revoked_stays_until_it_is_dropped(tmp_path: Path) -> None:
    trust(tmp_path, declared({"user": STRANGER, "before": NOW}))
    kept = trust(tmp_path, ORDERS)
    assert (kept["changed"], revoked(kept)) == (False, {STRANGER: AT})
    dropped = trust(tmp_path, ORDERS, drop_revocations=True)
    assert dropped["reasons"] == [f"account TeamAlpha: revocations drops {STRANGER}"]
    assert revoked(dropped) == {}


def test_who_leaves_is_revoked_at_its_token_at_least(tmp_path: Path) -> None:
    first = trust(tmp_path, ORDERS, NOW + DAY)
    raw = orders()
    raw["accounts"][0]["users"] = []
    found = trust(tmp_path, raw, NOW, purge=True)
    assert revoked(found) == {first["users"][1]["public_key"]: AT + 86_400}
    assert not trust(tmp_path, raw, NOW, purge=True)["changed"]
    raw["accounts"][0]["users"] = ORDERS["accounts"][0]["users"]
    back = trust(tmp_path, raw, NOW)
    assert back["users"][1]["public_key"] != first["users"][1]["public_key"]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"user": "nobody", "before": NOW}, "revocations[0].user"),
        ({"user": STRANGER[:-1], "before": NOW}, "revocations[0].user"),
        ({"user": STRANGER}, "revocations[0].before"),
        ({"user": STRANGER, "before": "yesterday"}, "revocations[0].before"),
        ({"user": STRANGER, "before": 0}, "revocations[0].before"),
    ],
)
def test_wrong_ones_are_told(tmp_path: Path, entry: dict[str, Any], path: str) -> None:
    found = trust(tmp_path, declared(entry))
    assert found["problems"][0]["path"] == f"accounts.TeamAlpha.{path}"
    assert not files(tmp_path)


def test_one_that_stands_twice_is_told(tmp_path: Path) -> None:
    found = trust(tmp_path, declared({"user": "*", "before": NOW}, {"user": "*", "before": NOW + DAY}))
    assert "stands in revocations[0] already" in found["msg"]
