# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about the trust tree as servers hold it, and about what lies in their resolvers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_trust as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.held import Account
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    DAY,
    FAIL,
    NOW,
    OPERATOR,
    PASS,
    UNKNOWN,
    WARN,
    account,
    bad,
    config,
    facts,
    only,
    seen,
    verdicts,
)


def server(name: str = "n1", *operators: Mapping[str, Any], resolver: str = "full") -> dict[str, Any]:
    said = {"reached": True, "server_name": name, "operators": list(operators) or [dict(OPERATOR)]}
    return facts(server=said, config=config(resolver={"type": resolver, "dir": "/r"}))


def operator(**changes: Any) -> dict[str, Any]:
    return {**OPERATOR, **changes}


@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing(told: Mapping[str, Any]) -> None:
    finding = only(judge.hierarchy(seen({"h1": told})))
    assert (finding.subject, finding.verdict) == ("h1", UNKNOWN)
    assert finding.change == "nats_server_monitoring: true"
    assert list(judge.resolver(seen({"h1": told}))) == []


def test_nothing_there_nothing_to_say() -> None:
    assert list(judge.hierarchy(seen())) == list(judge.resolver(seen())) == []


def test_users_of_the_configuration_are_no_tree() -> None:
    told = facts(server={"reached": True, "server_name": "n1", "operators": []})
    finding = only(judge.hierarchy(seen({"h1": told})))
    assert (finding.subject, finding.verdict) == ("n1", WARN)
    assert finding.change == "nats_server_auth: operator"


@pytest.mark.parametrize(("name", "verdict"), [("trusted_keys", UNKNOWN), ("operator", UNKNOWN), ("routes", WARN)])
def test_a_server_that_is_not_asked_is_known_by_its_configuration(name: str, verdict: Verdict) -> None:
    told = facts(server={"reached": False}, config=config(**{name: ["x"]}))
    assert only(judge.hierarchy(seen({"h1": told}))).verdict is verdict


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence", "change"),
    [
        ({}, PASS, "insists on its 1 signing keys", ""),
        ({"signing_keys": [], "strict": True}, FAIL, "has no signing key", "nats_trust_operator: signing_keys"),
        ({"strict": False}, WARN, "does not insist", "nats_trust_operator: strict_signing_keys: true"),
    ],
)
def test_the_operator(changes: dict[str, Any], verdict: Verdict, evidence: str, change: str) -> None:
    hosts = {name: server(name, operator(**changes)) for name in ("n1", "n2")}
    finding = only(judge.hierarchy(seen(hosts)))
    assert (finding.subject, finding.verdict, finding.change) == ("operator Acme", verdict, change)
    assert evidence in finding.evidence


def test_an_account_that_the_identity_key_has_signed_is_told_once() -> None:
    hosts = {name: server(name) for name in ("n1", "n2")}
    accounts = [account(host=host, issuer=issuer, key=key, name=key) for host in hosts
                for key, issuer in (("A1", "OKEY"), ("A2", "OSIGN"))]  # fmt: skip
    finding = only(bad(judge.hierarchy(seen(hosts, accounts=accounts))))
    assert (finding.subject, finding.verdict) == ("account A1", FAIL)
    assert finding.evidence == "is signed by the operator's identity key"
    assert finding.change.startswith("nats_trust_operator: signing_keys")


def held(*accounts: Account, hosts: Mapping[str, Any] | None = None) -> list[Finding]:
    return list(judge.resolver(seen(hosts or {"n1": server()}, accounts=accounts)))


def on(host: str, **changes: Any) -> Account:
    return account(host=host, **changes)


def three(**types: str) -> dict[str, Any]:
    return {name: server(name, resolver=types.get(name, "full")) for name in ("n1", "n2", "n3")}


def test_resolvers_in_order() -> None:
    accounts = [on(host, file=f"{key}.jwt", key=key) for host in three() for key in ("A1", "A2")]
    finding = only(held(*accounts, hosts=three()))
    assert (finding.subject, finding.verdict) == ("resolvers", PASS)
    assert finding.evidence == "2 accounts on 3 servers were looked through"


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        ({"problem": "its signature is wrong"}, "is no JWT that a server takes: its signature is wrong"),
        ({"issuer": "OSTRANGER"}, "is signed by OSTRANGER, which is no key of the operator"),
        ({"expires": int(NOW.timestamp())}, "has expired: after the next restart nobody logs in to it"),
        ({"expires": 1}, "has expired"),
    ],
)
def test_an_account_that_should_not_lie_there(changes: dict[str, Any], evidence: str) -> None:
    finding = only(bad(held(on("n1", **changes))))
    assert (finding.subject, finding.verdict, finding.host) == ("account ORDERS at n1", FAIL, "n1")
    assert evidence in finding.evidence and finding.change.startswith("run aegis.nats.deploy")


@pytest.mark.parametrize("changes", [{}, {"issuer": "OKEY"}, {"expires": int((NOW + DAY).timestamp())}, {"expires": 0}])
def test_an_account_that_may_lie_there(changes: dict[str, Any]) -> None:
    assert bad(held(on("n1", **changes))) == []


def test_what_has_no_name_is_told_by_its_file() -> None:
    finding = only(bad(held(account(host="n1", name="", key="", file="broken.jwt", problem="it is not a token"))))
    assert finding.subject == "account broken.jwt at n1"


def test_servers_that_hold_different_things() -> None:
    same, changed = [on(host, file="A1.jwt") for host in three()], [on("n1"), on("n2", digest="d2"), on("n3")]
    finding = only(bad(held(*same, *changed, hosts=three())))
    assert (finding.subject, finding.verdict) == ("account AORDERS.jwt", FAIL)
    assert finding.evidence == "servers hold different versions of it"
    lacking = [each for each in changed if each.host != "n2"]
    finding = only(bad(held(*same, *lacking, hosts=three())))
    assert finding.evidence == "n2 does not have it"


@pytest.mark.parametrize("expires", [10**12, 10**18])
def test_a_time_beyond_all_years_is_no_crash(expires: int) -> None:
    assert PASS in verdicts(held(on("n1", expires=expires)))


@pytest.mark.parametrize("operators", [[], None])
def test_without_a_known_operator_who_signed_is_not_known(operators: Any) -> None:
    """COULD_NOT_LOOK is no pass: nothing is known."""
    told = facts(server={"reached": False, "operators": operators})
    assert PASS not in verdicts(held(on("n1", issuer="OSTRANGER"), hosts={"n1": told}))


def test_a_full_resolver_that_has_lost_everything() -> None:
    findings = bad(held(on("n1"), on("n2"), hosts=three()))
    assert verdicts(findings) == [FAIL] and "n3 does not have it" in findings[0].evidence


def test_a_cache_need_not_have_everything() -> None:
    accounts = [on(host, file=f"{key}.jwt") for host, key in (("n1", "A1"), ("n2", "A1"), ("n1", "A2"), ("n2", "A2"))]
    assert bad(held(*accounts, on("n3", file="A1.jwt"), hosts=three(n3="cache"))) == []
