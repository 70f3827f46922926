# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about users: what they may, whether deny rules hold, who is in the system account, bearers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_people as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.people import Person
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Seen
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    FAIL,
    PASS,
    WARN,
    account,
    claims,
    config,
    facts,
    only,
    rights,
    seen,
    user,
    verdicts,
)

JUDGES = (judge.permissions, judge.deny_rules, judge.system_users, judge.bearers)
ALL = {"publish": {"allow": [">"], "deny": []}, "subscribe": {"allow": [">"], "deny": []}}


def connected(*people: Mapping[str, Any], **changes: Any) -> Seen:
    return seen({"h1": facts(connected=list(people))}, accounts=[account()], **changes)


def who(found: Seen) -> list[Person]:
    return list(found.known.people)


def written(*users: Mapping[str, Any], **changes: Any) -> Seen:
    """Users at the top of a configuration."""
    return seen({"h1": facts(config=config(login={"users": list(users), **changes}))})


def in_accounts(*accounts: Mapping[str, Any], **changes: Any) -> Seen:
    return seen({"h1": facts(config=config(accounts=list(accounts), **changes))})


def named(name: str, *users: Mapping[str, Any], default: Any = None) -> dict[str, Any]:
    return {"name": name, "users": list(users), "default_permissions": default}


@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing(told: Mapping[str, Any]) -> None:
    assert who(seen({"h1": told})) == []
    for judged in JUDGES:
        assert list(judged(seen({"h1": told}))) == list(judged(seen())) == []


def test_everybody_is_known_once() -> None:
    hosts = {"h1": facts(connected=[claims()]), "h2": facts(connected=[claims(), claims("web", "UWEB")])}
    people = who(seen(hosts, accounts=[account()]))
    assert [(one.subject, one.host) for one in people] == [
        ("user app of ORDERS", "h1"),
        ("user web of ORDERS", "h2"),
    ]


def test_the_same_name_in_two_accounts_is_two_users() -> None:
    people = who(connected(claims(), claims(key="UOTHER", issuer="AX", issuer_account="AX")))
    assert [one.account for one in people] == ["ORDERS", "AX"]


def test_two_users_of_the_same_name_are_both_judged() -> None:
    findings = list(judge.permissions(connected(claims(key="U1"), claims(key="U2", permissions=None))))
    assert FAIL in verdicts(findings)


def test_what_one_server_allows_is_told_though_another_does_not() -> None:
    limited, open_to_all = (
        facts(config=config(login={"users": [user(permissions=said)]})) for said in (rights(["a"], ["b"]), None)
    )
    findings = list(judge.permissions(seen({"h1": limited, "h2": open_to_all})))
    assert FAIL in verdicts(findings)


def test_who_has_no_jwt_is_not_taken_for_a_user_of_an_account() -> None:
    without = {"name": "x", "key": "", "account": "$G", "connections": 1}
    assert who(connected(without, {**claims(), "key": "AKEY"}, {})) == []


def test_permissions_come_from_the_user_or_else_the_default() -> None:
    default, own = rights(["default"]), rights(["own"])
    top = who(written(user("a"), user("b", permissions=own), default_permissions=default))
    inner = who(in_accounts(named("A", user("a"), user("b", permissions=own), default=default)))
    for people in (top, inner):
        assert [one.permissions for one in people] == [default, own]


TEMPLATE = {"pub": {"allow": ["orders.>"]}, "sub": {"deny": ["_INBOX.>"]}}


def scoped(template: Mapping[str, Any]) -> Mapping[str, Any]:
    key = {"kind": "user_scope", "key": "ASIGN", "template": template}
    people = who(
        seen(
            {"h1": facts(connected=[claims(issuer="ASIGN", permissions=None)])},
            accounts=[account(nats={"signing_keys": ["APLAIN", key]})],
        )
    )
    return only(people).permissions  # type: ignore[no-any-return]


def test_a_scoped_signing_key_says_what_its_users_may() -> None:
    assert scoped(TEMPLATE) == rights(["orders.>"], deny_subscribe=["_INBOX.>"])
    assert scoped({}) is None and scoped({"pub": {}, "sub": {"allow": [], "deny": []}}) is None


def test_a_scope_that_allows_responses_only() -> None:
    assert scoped({"resp": {"max": 1, "ttl": 0}}) == rights([])


OWN_INBOX = ["orders.>", "_INBOX_app.>"]
LIMITED = "is denied something, and hears no reply of others"
HEARS = "hears the replies of all other users of its account (_INBOX.>)"


@pytest.mark.parametrize(
    ("permissions", "verdict", "evidence"),
    [
        (None, FAIL, "may publish and subscribe to everything in its account"),
        (rights(), FAIL, HEARS),
        (rights([">"], [">"]), FAIL, HEARS),
        (rights(["orders.>"], ["orders.>", "_INBOX.>"]), FAIL, HEARS),
        (rights(["orders.>"], ["*.>"]), FAIL, HEARS),
        (rights(["orders.>"], ["_INBOX.*.*"]), FAIL, HEARS),
        (rights(["orders.>"], ["_INBOX.> workers"]), FAIL, HEARS),
        (rights(["orders.>"], ["_INBOX.>"], deny_subscribe=["_INBOX.admin.>"]), FAIL, HEARS),
        (rights(["orders.>"], OWN_INBOX), PASS, LIMITED),
        (rights(None, OWN_INBOX), PASS, LIMITED),
        (rights([">"], [">"], deny_subscribe=["_INBOX.>"]), PASS, LIMITED),
        (rights(["orders.>"], deny_subscribe=["_INBOX.>"]), PASS, LIMITED),
        (rights(["orders.>"], []), PASS, LIMITED),
        (rights([], ["orders.new workers"]), PASS, LIMITED),
        pytest.param(
            rights(["orders.>"], [">"], deny_subscribe=["_INBOX.> workers"]),
            FAIL,
            HEARS,
        ),
    ],
)
def test_permissions(permissions: Any, verdict: Verdict, evidence: str) -> None:
    for where, subject in (
        (written(user(permissions=permissions)), "user app"),
        (in_accounts(named("A", user(permissions=permissions))), "user app of A"),
        (connected(claims(permissions=permissions)), "user app of ORDERS"),
    ):
        finding = only(judge.permissions(where))
        assert (finding.subject, finding.verdict, finding.evidence) == (subject, verdict, evidence)
        assert finding.host == "h1"
        assert finding.change.startswith("nats_trust_accounts[].users[]") is (verdict is FAIL)


def test_a_tree_without_anybody_connected_says_so() -> None:
    finding = only(judge.permissions(connected()))
    assert finding.verdict is Verdict.NOT_APPLICABLE and "while clients are connected" in finding.evidence


def test_users_of_the_system_account_have_a_control_of_their_own() -> None:
    assert list(judge.permissions(connected(claims(issuer="ASYS", issuer_account="ASYS", permissions=None)))) == []


def test_a_user_without_a_name() -> None:
    finding = only(judge.permissions(written(user(""))))
    assert finding.subject == "user (without name)"


@pytest.mark.parametrize(
    ("permissions", "evidence"),
    [
        (None, []),
        (rights(), []),
        (rights(deny_publish=["payments.admin"]), []),
        (rights(deny_publish=["payments.admin", "payments.admin.>"]), []),
        (rights(deny_publish=["payments.*", "payments.>", "payments"]), []),
        (rights(deny_publish=[">"]), []),
        (rights(deny_publish=["*"]), []),
        (
            rights(deny_publish=["payments.admin.*"]),
            ["publish: deny payments.admin.* leaves payments.admin.x.y open"],
        ),
        (
            rights(deny_subscribe=["payments.admin.>"]),
            ["subscribe: deny payments.admin.> leaves payments.admin itself open"],
        ),
        (
            rights(["payments.*", "payments.admin.*"], deny_publish=["payments.admin.*"]),
            ["publish: deny payments.admin.* leaves payments.admin itself open"],
        ),
        (rights(["payments.admin.*"], deny_publish=["payments.admin.*"]), []),
        (
            rights(deny_subscribe=["orders.* workers"]),
            ["subscribe: deny orders.* leaves orders.x.y open"],
        ),
        (rights(["orders.>"], deny_publish=["payments.x"]), ["publish: deny payments.x closes nothing that was"]),
        (rights(["orders.>"], deny_publish=["orders"]), ["publish: deny orders closes nothing that was"]),
        (rights([], deny_publish=["orders.x"]), ["publish: deny orders.x closes nothing that was"]),
        (rights(["orders.*.eu"], deny_publish=["orders.new.*"]), []),
        (rights(["orders.> workers"], deny_publish=["orders.new"]), []),
        (rights(["a.b"], deny_publish=["a.*.c"]), ["publish: deny a.*.c closes nothing that was"]),
        (rights(["orders.*"], deny_publish=["orders.admin", "orders.admin.>"]), []),
        (
            rights(["orders.*"], deny_publish=["orders.admin.>"]),
            ["publish: deny orders.admin.> leaves orders.admin itself", "publish: deny orders.admin.> closes nothing"],
        ),
        (rights([">"], deny_publish=["a"]), []),
    ],
)
def test_deny_rules(permissions: Any, evidence: list[str]) -> None:
    findings = list(judge.deny_rules(connected(claims(permissions=permissions))))
    assert len(findings) == len(evidence)
    for finding, words in zip(findings, evidence):
        assert finding.verdict is WARN and finding.evidence.startswith(words)
        assert finding.subject == "user app of ORDERS" and finding.change


def test_what_to_deny_instead() -> None:
    finding = only(judge.deny_rules(connected(claims(permissions=rights(deny_publish=["payments.admin.*"])))))
    assert finding.change == "deny payments.admin and payments.admin.> of publish"


def test_what_one_control_advises_another_does_not_warn_of() -> None:
    following = rights([">"], [">"], deny_subscribe=["_INBOX.>"])
    assert list(judge.deny_rules(connected(claims(permissions=following)))) == []


def test_everybody_in_the_system_account_is_told() -> None:
    system = {"issuer": "ASYS", "issuer_account": "ASYS"}
    people = [claims("monitor", "U1", **system), claims("admin", "U2", permissions=None, **system), claims()]
    limited, free = judge.system_users(connected(*people))
    assert (limited.subject, limited.verdict, limited.evidence) == ("user monitor of ASYS", PASS, "is limited")
    assert (free.verdict, free.evidence) == (WARN, "may do everything in the system account")
    assert free.change == "nats_trust_system_account: users: publish and subscribe"


@pytest.mark.parametrize(("count", "many"), [(5, False), (6, True)])
def test_many_users_in_the_system_account(count: int, many: bool) -> None:
    people = [claims(f"u{n}", f"U{n}", issuer="ASYS", issuer_account="ASYS") for n in range(count)]
    findings = list(judge.system_users(connected(*people)))
    assert len(findings) == count + many and (findings[0].subject == "system account") is many
    assert not many or (findings[0].verdict is WARN and findings[0].evidence.startswith("6 users of the system"))


@pytest.mark.parametrize(
    ("name", "system_account"),
    [
        ("SYS", "SYS"),
        pytest.param("$SYS", None),
    ],
)
def test_the_system_account_of_a_configuration(name: str, system_account: Any) -> None:
    found = in_accounts(named(name, user("admin")), named("A", user("app")), system_account=system_account)
    assert [finding.subject for finding in judge.system_users(found)] == [f"user admin of {name}"]
    assert [finding.subject for finding in judge.permissions(found)] == ["user app of A"]


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence"),
    [
        ({}, FAIL, "is a bearer: who reads its JWT once may use it for ever"),
        ({"expires": 1800000000, "permissions": None}, FAIL, "is a bearer: who reads"),
        ({"expires": 1800000000}, PASS, "is a bearer, limited by expires and permissions"),
        ({"source_networks": ["10.0.0.0/8"]}, PASS, "limited by source_networks and permissions"),
        ({"connection_types": ["MQTT"]}, PASS, "limited by connection_types and permissions"),
        ({"bearer": False}, None, ""),
    ],
)
def test_bearers(changes: dict[str, Any], verdict: Verdict | None, evidence: str) -> None:
    findings: list[Finding] = list(judge.bearers(connected(claims(**{"bearer": True, **changes}))))
    assert verdicts(findings) == ([verdict] if verdict else [])
    for finding in findings:
        assert evidence in finding.evidence
        assert ("bearer: false" in finding.change) is (verdict is FAIL)


def test_users_of_a_configuration_are_no_bearers() -> None:
    assert list(judge.bearers(written(user()))) == []


def test_people_as_the_picture_takes_them() -> None:
    people = who(connected(claims(bearer=True), claims("web", "UWEB", permissions=None)))
    first, second = judge.described(people)
    side = {"allow": ["orders.>"], "deny": []}
    assert first == {"name": "app", "key": "UAPP", "publish": side, "subscribe": side, "bearer": True}
    assert {name: second[name] for name in ALL} == ALL and not second["bearer"]
    (shown,) = judge.described(who(written(user(permissions=rights(deny_publish=["a"])))))
    assert shown["key"] == "" and shown["publish"] == {"allow": [">"], "deny": ["a"]}
