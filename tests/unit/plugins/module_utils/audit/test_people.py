# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is known, and what a token in a store is worth: by the accounts that the servers hold."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_people, judge_time, judge_trust
from ansible_collections.aegis.nats.plugins.module_utils.audit.held import Account, Stored, UserToken
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Seen
from ansible_collections.aegis.nats.plugins.module_utils.node.audit.users import claims_of
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import Token, sign
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    FAIL,
    NOW,
    PASS,
    UNKNOWN,
    WARN,
    account,
    claims,
    config,
    facts,
    only,
    rights,
    seen,
    verdicts,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

A, SIGN, ROLE, USER, OTHER = (
    key(Role.ACCOUNT, 1),
    key(Role.ACCOUNT, 2),
    key(Role.ACCOUNT, 3),
    key(Role.USER, 1),
    key(Role.ACCOUNT, 9),
)
TEMPLATE = {"pub": {"allow": ["role.>"]}, "sub": {"allow": ["role.>"]}}
SCOPE = {"kind": "user_scope", "key": ROLE.public_key, "role": "r", "template": TEMPLATE}
KEYS = [SIGN.public_key, SCOPE]
LIMITED: dict[str, Any] = {"pub": {"allow": ["orders.>"]}, "sub": {"allow": ["orders.>"]}}
IAT = int(NOW.timestamp()) - 3600


def user(signer: KeyPair = SIGN, who: str = USER.public_key, expires: int = 0, name: str = "app", **nats: Any) -> Token:
    body = {"issuer_account": A.public_key, **nats, "type": "user", "version": 2}
    said = {"sub": who, "name": name, "iat": IAT, "nats": body}
    return sign({**said, "exp": expires} if expires else said, signer)


def held(host: str = "h1", **nats: Any) -> Account:
    return account(host=host, key=A.public_key, file=f"{A.public_key}.jwt", nats={"signing_keys": KEYS, **nats})


def look(
    *found: Token | UserToken,
    accounts: list[Account] | None = None,
    operator: str = "OKEY",
    resolver: str = "full",
    **told: Any,
) -> Seen:
    each = tuple(one if isinstance(one, UserToken) else UserToken("OKEY", "ORDERS", "app", False, one) for one in found)
    stored = Stored("/store", {operator: "Acme"}, each)
    host = facts(config=config(resolver={"type": resolver, "dir": "/r"}), **told)
    return seen({"h1": host}, accounts=[held()] if accounts is None else accounts, stored=stored)


def test_who_is_not_connected_is_judged() -> None:
    findings = list(judge_people.permissions(look(user(**LIMITED), user(who=key(Role.USER, 2).public_key, name="all"))))
    assert [(each.subject, each.verdict) for each in findings] == [
        ("user app of ORDERS", PASS),
        ("user all of ORDERS", FAIL),
    ]


def test_who_is_connected_as_well_is_one() -> None:
    token = user(**LIMITED)
    told = {**(claims_of(token.text) or {}), "account": A.public_key, "connections": 1}
    (person,) = look(token, connected=[told]).known.people
    assert person.host == "h1"


def test_who_is_connected_with_an_older_token_that_allows_more_is_judged_by_both() -> None:
    told = {**(claims_of(user().text) or {}), "account": A.public_key, "connections": 1}
    findings = list(judge_people.permissions(look(user(**LIMITED), connected=[told])))
    assert verdicts(findings) == [FAIL, PASS]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_tokens_that_allow_the_same_the_first_end_counts(order: int) -> None:
    soon, later = int(NOW.timestamp()) + 86400, int(NOW.timestamp()) + 90 * 86400
    both = [user(expires=soon, **LIMITED), user(expires=later, **LIMITED), user(**LIMITED)][::order]
    (person,) = look(*both).known.people
    assert (person.claims or {})["expires"] == soon


def test_a_scoped_user_may_what_the_template_says() -> None:
    (person,) = look(user(ROLE)).known.people
    assert person.permissions == rights(["role.>"], ["role.>"])


def test_a_scope_says_who_is_a_bearer() -> None:
    scope = {**SCOPE, "template": {"bearer_token": True}}
    finding = only(judge_people.bearers(look(user(ROLE), accounts=[held(signing_keys=[scope])])))
    assert finding.verdict is FAIL


def test_who_is_told_nothing_has_what_the_account_gives_by_default() -> None:
    default = {"sub": {"deny": ["_INBOX.>"]}}
    (person,) = look(user(), accounts=[held(default_permissions=default)]).known.people
    assert person.permissions == rights(deny_subscribe=["_INBOX.>"])
    told = claims(permissions=None, issuer=A.public_key, issuer_account=A.public_key)
    (person,) = seen({"h1": facts(connected=[told])}, accounts=[held(default_permissions=default)]).known.people
    assert person.permissions == rights(deny_subscribe=["_INBOX.>"])


@pytest.mark.parametrize("revoked", [{USER.public_key: IAT}, {"*": IAT + 5}])
def test_who_is_revoked_may_do_nothing(revoked: dict[str, int]) -> None:
    found = look(user(bearer_token=True), accounts=[held(revocations=revoked)])
    assert found.known.people == ()
    told = only(judge_people.permissions(found))
    assert told.verdict is PASS and told.evidence == "1 get in nowhere any more: user app of ORDERS (revoked)"
    assert list(judge_people.bearers(found)) == list(judge_time.ends(found)) == []


def test_a_revocation_that_one_server_has_not_heard_of() -> None:
    heard, not_heard = held(revocations={USER.public_key: IAT}), held("h2")
    assert look(user(), accounts=[heard, not_heard]).known.people
    assert not look(user(), accounts=[heard, heard]).known.people


def test_a_token_that_is_issued_after_the_revocation_counts() -> None:
    assert look(user(), accounts=[held(revocations={USER.public_key: IAT - 1})]).known.people


def test_what_has_ended_is_told_and_nobody_s_right() -> None:
    found = look(user(expires=int(NOW.timestamp())))
    assert found.known.people == ()
    finding = only(judge_time.ends(found))
    assert (finding.subject, finding.verdict) == ("user app of ORDERS", WARN)
    assert "has ended on 2026-11-29: nobody gets in" in finding.evidence


@pytest.mark.parametrize(
    ("token", "accounts", "words"),
    [
        (user(OTHER), [held()], "is signed by A"),
        (user(ROLE), [held(signing_keys=[])], "which may sign nobody of its account as the resolvers hold it"),
        (user(), [account()], "no resolver holds its account"),
        (user(), [held(), account(key="AX", file="AX.jwt")], None),
    ],
)
def test_who_signed_it(token: Token, accounts: list[Account], words: str | None) -> None:
    found = look(token, accounts=accounts)
    told = [each for each in judge_trust.hierarchy(found) if each.subject.startswith("user ")]
    assert bool(found.known.people) is (words is None) and verdicts(told) == ([] if words is None else [WARN])
    assert words is None or words in told[0].evidence


@pytest.mark.parametrize("strict", [True, False])
def test_whoever_the_account_itself_has_signed_gets_in_where_the_operator_does_not_insist(strict: bool) -> None:
    """Measured on 2.12.8 and 2.15.1: a strict operator's servers refuse it."""
    operator = {"name": "Acme", "key": "OKEY", "signing_keys": ["OSIGN"], "strict": strict}
    found = look(user(A), server={"reached": True, "system_account": "ASYS", "operators": [operator]})
    assert bool(found.known.people) is not strict
    told = only(each for each in judge_trust.hierarchy(found) if each.subject == "user app of ORDERS")
    assert told.verdict is WARN
    assert told.evidence.startswith("is signed by A" if strict else "is signed by its account's identity key")


def test_a_memory_resolver_holds_all_accounts() -> None:
    assert look(user(), resolver="memory", accounts=[account()]).known.unread == {}


def test_an_account_that_no_server_takes_is_none() -> None:
    foreign = account(key=A.public_key, file=f"{A.public_key}.jwt", issuer="OFOREIGN", nats={"signing_keys": KEYS})
    assert not look(user(), accounts=[foreign]).known.people
    damaged = account(key=A.public_key, file="x.jwt", problem="it is that of another", nats={"signing_keys": KEYS})
    assert not look(user(), accounts=[damaged]).known.people


def unknown(found: Seen) -> list[str]:
    """What each of the five controls could not look at; it must be the same."""
    told = [
        [each.evidence for each in judged(found) if each.verdict is UNKNOWN]
        for judged in (
            judge_people.permissions,
            judge_people.deny_rules,
            judge_people.system_users,
            judge_people.bearers,
            judge_time.ends,
        )
    ]
    assert all(each == told[0] for each in told)
    return told[0]


def test_what_no_resolver_told_of_is_not_judged() -> None:
    for found in (look(user(), resolver="cache", accounts=[account()]), look(user(), accounts=[])):
        assert found.known.people == ()
        assert unknown(found) == ["no resolver told of its account, so what it may there is not known"]


def test_an_account_of_version_1_may_be_the_user_s() -> None:
    """Servers take such tokens (measured: nats-server's own example of a memory resolver)."""
    old = account(key="", file="A1.jwt", problem="it is a version 1 token", old=True)
    found = look(user(), accounts=[old])
    assert unknown(found) == ["no resolver told of its account, so what it may there is not known"]
    told = [each for each in judge_trust.resolver(found) if each.subject.startswith("account")]
    assert verdicts(told) == [UNKNOWN] and "it is a version 1 token" in told[0].evidence


def test_a_store_of_somebody_else() -> None:
    (told,) = unknown(look(operator="OELSE"))
    assert told.startswith("it is of operator Acme, whom no server trusts")


def test_servers_that_do_not_tell_their_operator() -> None:
    server = {"reached": False, "operators": []}
    (told,) = unknown(look(user(), server=server))
    assert told.startswith("no server told which operator it trusts")


def test_what_could_not_be_read() -> None:
    assert unknown(look(UserToken("OKEY", "ORDERS", "app", problem="x is sealed"))) == ["x is sealed"]
    found = seen({"h1": facts()}, accounts=[held()], stored=Stored("/s", problems={"store /s": "it is no store"}))
    assert unknown(found) == ["it is no store"]


def test_a_user_of_the_system_account_in_the_store() -> None:
    server = {"reached": True, "system_account": A.public_key, "operators": [{
        "name": "Acme", "key": "OKEY", "signing_keys": ["OSIGN"], "strict": True}]}  # fmt: skip
    found = look(user(), server=server)
    assert only(judge_people.system_users(found)).verdict is WARN
    assert list(judge_people.permissions(found)) == []


def test_many_who_get_in_nowhere_are_counted() -> None:
    tokens = [
        UserToken("OKEY", "ORDERS", f"u{n}", False, user(who=key(Role.USER, n).public_key, name=f"u{n}"))
        for n in range(12)
    ]
    told = only(judge_people.permissions(look(*tokens, accounts=[held(revocations={"*": IAT})])))
    assert told.evidence.startswith("12 get in nowhere") and told.evidence.endswith(" and 2 more")


def test_people_are_worked_out_once() -> None:
    found = look(user(**LIMITED))
    assert found.known is found.known
