# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to push, given what each server holds."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import InputError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.resolver.claims import AccountClaims, decode
from ansible_collections.aegis.nats.plugins.module_utils.resolver.plan import (
    Held,
    Removed,
    Wanted,
    check_age,
    check_shut,
    differing,
    plan_push,
    plan_removal,
    read_removed,
    read_wanted,
)
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Tree, new_key

TREE = Tree()
KEYS = new_key(Role.ACCOUNT)
NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
SECONDS = int(NOW.timestamp())


def account(issued: int = SECONDS, **claims: Any) -> AccountClaims:
    return decode(TREE.account_jwt(KEYS, "TeamAlpha", issued=issued, **claims))


def given(jwt: str, name: str = "TeamAlpha", public_key: str = KEYS.public_key) -> dict[str, str]:
    return {"name": name, "public_key": public_key, "jwt": jwt}


def read(*accounts: dict[str, str]) -> tuple[tuple[Wanted, ...], list[str]]:
    problems = Problems()
    found = read_wanted(accounts, [TREE.signing.public_key], NOW, problems)
    return found, [str(problem) for problem in problems]


def age(wanted: AccountClaims, *copies: AccountClaims) -> list[str]:
    problems = Problems()
    check_age([Wanted("TeamAlpha", wanted)], {KEYS.public_key: Held((), copies)}, problems)
    return [str(problem) for problem in problems]


def test_a_sound_account_has_no_problem() -> None:
    found, problems = read(given(TREE.account_jwt(KEYS, "TeamAlpha", expires=SECONDS + 1)))
    assert not problems and found[0].public_key == KEYS.public_key


def test_all_problems_are_told_at_once() -> None:
    tampered = TREE.account_jwt(KEYS, "TeamAlpha")
    tampered = tampered[:-8] + ("A" * 8 if not tampered.endswith("A" * 8) else "B" * 8)
    _dummy, problems = read(
        given("junk"),
        given(tampered),
        given(TREE.account_jwt(KEYS, "TeamAlpha", signer=TREE.operator)),
        given(TREE.account_jwt(KEYS, "TeamAlpha", expires=SECONDS)),
        given(TREE.account_jwt(KEYS, "TeamAlpha"), public_key="A2"),
    )
    text = "\n".join(problems)
    assert "accounts[0].jwt" in problems[0] and "accounts[1].jwt" in problems[1] and "signature" in problems[1]
    assert "none of operator_keys" in text and "expired at 2026-11-23 00:00:00 UTC" in text
    assert "accounts[4].public_key" in text and "a second time" in text


def test_an_account_may_come_only_once() -> None:
    jwt = TREE.account_jwt(KEYS, "TeamAlpha")
    _dummy, problems = read(given(jwt), given(jwt, "Other"))
    assert len(problems) == 1 and problems[0].startswith("accounts[1]: (Other)")


def test_missing_servers_are_named() -> None:
    wanted = Wanted("TeamAlpha", account())
    plan, pushed = plan_push([wanted], {KEYS.public_key: Held(("n2", "n3"), (account(),))}, 3)
    assert plan.reasons == ("TeamAlpha: n2 does not have it", "TeamAlpha: n3 does not have it")
    assert pushed == (wanted,) and plan.changed
    assert [change.path for change in plan.changes] == [f"{KEYS.public_key}.jwt"]


def test_what_all_hold_is_left_alone() -> None:
    held = {KEYS.public_key: Held((), (account(), account(SECONDS - 9), account(SECONDS + 9)))}
    plan, pushed = plan_push([Wanted("TeamAlpha", account())], held, 3)
    assert not plan.changed and not pushed and not plan.reasons and plan.diff() == {"before": "", "after": ""}


def test_one_stale_copy_is_enough_and_the_difference_is_named() -> None:
    wanted = account(limits={"conn": 5}, exports=[{"name": "x", "subject": "x", "type": "service"}])
    plan, _dummy = plan_push(
        [Wanted("TeamAlpha", wanted)], {KEYS.public_key: Held((), (wanted, account(1), wanted))}, 3
    )
    assert plan.reasons == ("TeamAlpha: newer claims than 1 of 3 servers have (exports, limits)",)
    assert plan.before["TeamAlpha"]["nats"]["limits"]["conn"] == -1
    assert plan.after["TeamAlpha"]["nats"]["limits"]["conn"] == 5


def test_an_account_that_nobody_has_has_no_before() -> None:
    plan, _dummy = plan_push([Wanted("TeamAlpha", account())], {KEYS.public_key: Held(("n1",))}, 1)
    assert plan.before == {"TeamAlpha": None}


@pytest.mark.parametrize(
    ("held", "words"), [(SECONDS + 1, "a newer JWT"), (SECONDS, "in the same second"), (SECONDS - 1, "")]
)
def test_age(held: int, words: str) -> None:
    problems = age(account(limits={"conn": 5}), account(held), account(1))
    assert len(problems) == (1 if words else 0)
    assert not words or (words in problems[0] and problems[0].startswith("accounts.TeamAlpha"))


def test_the_same_claims_may_be_held_newer() -> None:
    assert age(account(), account(SECONDS + 100)) == []


def test_differing_names_claims() -> None:
    one, other = {"name": "a", "nats": {"limits": 1, "x": 2}}, {"name": "b", "nats": {"limits": 2, "x": 2}}
    assert differing(one, other) == ["limits", "name"]


def test_input_errors_come_before_anything_else() -> None:
    problems = Problems()
    read_wanted([given("junk")], [], NOW, problems)
    with pytest.raises(InputError):
        problems.raise_if_any()


def test_a_signed_later_copy_is_told_with_when() -> None:
    old = account()
    wanted = Wanted("TeamAlpha", account(SECONDS + 9), instead_of=old, revocations_kept=2)
    held = {KEYS.public_key: Held(("n3",), (account(SECONDS + 8, limits={"conn": 5}), old))}
    plan, _dummy = plan_push([wanted], held, 3)
    assert plan.reasons == (
        "TeamAlpha: n3 does not have it",
        "TeamAlpha: 1 of 3 servers have other claims, signed by somebody else at 2026-11-23 00:00:08 UTC (limits), "
        "it is issued again",
        "TeamAlpha: keeps 2 revocations that only the servers had",
    )
    assert plan.before["TeamAlpha"]["nats"]["limits"]["conn"] == 5


def test_what_can_t_be_read_is_sent_again() -> None:
    plan, _dummy = plan_push([Wanted("TeamAlpha", account())], {KEYS.public_key: Held((), (account(),), 2)}, 3)
    assert plan.reasons == ("TeamAlpha: what 2 of 3 servers have of it can't be read",)


def test_an_account_is_wanted_or_removed() -> None:
    problems, gone = Problems(), [{"name": "Gone", "public_key": KEYS.public_key}]
    assert read_removed(gone, [], problems) == (Removed("Gone", KEYS.public_key),) and not len(problems)
    read_removed(gone, [Wanted("TeamAlpha", account())], problems)
    assert len(problems) == 1


def test_removal_names_the_servers() -> None:
    gone = Removed("Gone", KEYS.public_key, ("n1", "n3"))
    plan = plan_removal([gone], ())
    assert plan.reasons == ("Gone: was purged, n1 still has it", "Gone: was purged, n3 still has it")
    assert [(change.path, change.content) for change in plan.changes] == [(f"{KEYS.public_key}.jwt", None)]
    assert plan_removal([gone], ("n2",)).reasons[-1] == "Gone: is closed only, until n2 can delete it too"
    assert not plan_removal([], ("n2",)).changed


def test_the_same_token_is_refused_where_servers_take_no_notice_of_it() -> None:
    problems = Problems()
    check_shut([Wanted("TeamAlpha", account())], frozenset({KEYS.public_key}), problems)
    assert [str(problem) for problem in problems] == [
        "accounts.TeamAlpha.jwt: was deleted on servers that were using it, and they take no notice of the same JWT: "
        "give path, the trust store that made it, to issue it again from there"
    ]
    check_shut([Wanted("TeamAlpha", account())], frozenset(), problems)
    assert len(problems) == 1


def test_an_account_that_was_deleted_in_use_says_why_it_is_issued_again() -> None:
    again = Wanted("TeamAlpha", account(SECONDS + 1), instead_of=account())
    plan, pushed = plan_push([again], {KEYS.public_key: Held(("n1",), ())}, 1)
    assert pushed == (again,)
    assert plan.reasons == (
        "TeamAlpha: n1 does not have it",
        "TeamAlpha: servers were using it when it was deleted, it is issued again",
    )
