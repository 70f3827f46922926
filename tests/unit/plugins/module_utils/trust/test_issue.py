# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a token will do, and the one that replaces it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust.fields import to_claims
from ansible_collections.aegis.nats.plugins.module_utils.trust.issue import Wish, issue, picture, why
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.rights import Publish
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import User
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

ACCOUNT, OTHER, PAIR = key(Role.ACCOUNT, 1), key(Role.ACCOUNT, 2), key(Role.USER, 1)
NOW = 1_800_000_000
DAY = 86_400
PLAIN = User(name="u")


def wish(user: User = PLAIN, lifetime: Optional[int] = None, before: Optional[int] = None, **more: Any) -> Wish:
    nats = {**to_claims(user), "type": "user", "version": 2}
    issuers = (ACCOUNT.public_key,)
    return replace(Wish(User, PAIR.public_key, user.name, nats, issuers, lifetime, before), **more)


def test_a_token_that_says_it_all_will_do() -> None:
    token = issue(None, wish(), NOW, ACCOUNT)
    assert why(token, wish(), NOW + 1000 * DAY) == []


def test_a_new_one_is_always_later() -> None:
    token = issue(None, wish(), NOW, ACCOUNT)
    assert issue(token, wish(), NOW - 5, ACCOUNT).issued_at == NOW + 1
    assert issue(token, wish(), NOW + 5, ACCOUNT).issued_at == NOW + 5
    assert issue(token, wish(lifetime=DAY), NOW - 5, ACCOUNT).expires == NOW + 1 + DAY


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (wish(User(name="v")), 'name: "u" becomes "v"'),
        (wish(User(name="u", publish=Publish(allow=("a.>",)))), 'publish.allow adds "a.>"'),
        (wish(issuers=(OTHER.public_key,)), f"was signed by {ACCOUNT.public_key}, which may not sign it any more"),
        (wish(lifetime=90 * DAY), "expires: never becomes 90d"),
        (wish(not_before=NOW + DAY), "not_before: nothing becomes 2027-01-16T08:00:00Z"),
        (wish(lifetime=5400), "expires: never becomes 1h30m"),
    ],
)
def test_why_a_token_will_not_do(wanted: Wish, says: str) -> None:
    assert why(issue(None, wish(), NOW, ACCOUNT), wanted, NOW) == [says]


def test_from_when_it_is_taken_is_said_again() -> None:
    later = wish(not_before=NOW + DAY)
    token = issue(None, later, NOW, ACCOUNT)
    assert token.claims["nbf"] == token.not_before == NOW + DAY
    assert why(token, later, NOW) == []
    assert issue(token, later, NOW, ACCOUNT).not_before == NOW + DAY
    assert "nbf" not in issue(token, wish(), NOW, ACCOUNT).claims


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (30 * DAY, 59 * DAY, []),
        (30 * DAY, 60 * DAY, ["is renewed, 30 days before its end"]),
        (None, 60 * DAY - 1, []),
        (None, 60 * DAY, ["is renewed, 30 days before its end"]),
        (DAY, 89 * DAY + 3600, ["is renewed, 23 hours before its end"]),
        (DAY, 90 * DAY, ["had expired, is renewed"]),
    ],
)
def test_renewal(before: Optional[int], after: int, says: list[str]) -> None:
    wanted = wish(lifetime=90 * DAY, before=before)
    assert why(issue(None, wanted, NOW, ACCOUNT), wanted, NOW + after) == says


def test_dropping_the_end_is_a_reason() -> None:
    assert why(issue(None, wish(lifetime=DAY), NOW, ACCOUNT), wish(), NOW) == ["expires: 1d becomes never"]


def test_claims_that_no_word_tells_apart_are_a_reason_too() -> None:
    wanted = wish()
    other = replace(wanted, nats={**wanted.nats, "new_thing": 1})
    assert why(issue(None, other, NOW, ACCOUNT), wanted, NOW) == ["its claims are written anew"]


def test_pictures_name_keys() -> None:
    wanted = wish(names={ACCOUNT.public_key: "TeamAlpha"})
    nats = {**wanted.nats, "issuer_account": ACCOUNT.public_key}
    assert picture(wanted, nats)["issuer_account"] == "TeamAlpha"
