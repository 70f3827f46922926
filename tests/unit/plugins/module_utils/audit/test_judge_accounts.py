# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accounts share, how servers get them, and whether the system account is among them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_accounts as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_audit import MOST_TOKENS
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    FAIL,
    WARN,
    account,
    config,
    facts,
    only,
    seen,
)

EXPORTS = [
    {"subject": "orders.public.>", "type": "service"},
    {"subject": "events.*", "type": "stream"},
    {"subject": "both", "type": "stream"},
    {"subject": "both", "type": "service"},
]


def shared(exports: Any, imports: Any) -> list[Finding]:
    accounts = [account(nats={"exports": exports}), account(key="APARTNER", name="PARTNER", nats={"imports": imports})]
    return list(judge.contents(seen({"h1": facts()}, accounts=[*accounts, *accounts])))


@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing(told: Any) -> None:
    for judged in (judge.contents, judge.system_account):
        assert list(judged(seen({"h1": told}, accounts=[account()]))) == []


@pytest.mark.parametrize(
    ("subject", "kind", "words"),
    [
        ("orders.public.>", "service", ""),
        ("orders.public.new", "service", ""),
        ("events.new", "stream", ""),
        ("both", "stream", ""),
        ("both", "service", ""),
        ("orders.public.>", "stream", "as a stream, which ORDERS exports as a service: nothing gets across"),
        ("events.new", "service", "as a service, which ORDERS exports as a stream: nothing gets across"),
        ("events.>", "stream", "imports events.>, which ORDERS does not export: nothing gets across"),
    ],
)
def test_an_import(subject: str, kind: str, words: str) -> None:
    findings = shared(EXPORTS, [{"account": "AORDERS", "subject": subject, "type": kind}])
    assert [finding.verdict for finding in findings] == ([WARN] if words else [])
    for finding in findings:
        assert finding.subject == "account PARTNER" and finding.evidence.endswith(words) and finding.change


@pytest.mark.parametrize("exports", [None, [], ["x"], [{}]])
def test_damaged_exports(exports: Any) -> None:
    wanted = {"account": "AORDERS", "subject": "a", "type": "stream"}
    assert "does not export" in only(shared(exports, [wanted])).evidence


@pytest.mark.parametrize("imports", [None, [], ["x"], [{}], [{"account": "AELSEWHERE", "subject": "a"}]])
def test_imports_that_nothing_is_known_of(imports: Any) -> None:
    assert shared(EXPORTS, imports) == []


@pytest.mark.parametrize("in_clear", [True, False])
def test_accounts_over_http(in_clear: bool) -> None:
    told = facts(config=config(resolver={"type": "url", "dir": None, "in_clear": in_clear}))
    findings = list(judge.contents(seen({"h1": told})))
    assert [finding.verdict for finding in findings] == ([WARN] if in_clear else [])
    assert all("hold back a revocation" in finding.evidence for finding in findings)


@pytest.mark.parametrize(
    ("key", "resolver", "told"),
    [
        ("ASYS", "full", False),
        ("AELSE", "full", True),
        ("AELSE", "cache", False),  # it has what was asked for
        ("AELSE", "memory", False),
        ("", "full", False),
    ],
)
def test_the_system_account(key: str, resolver: str, told: bool) -> None:
    host = facts(
        config=config(resolver={"type": resolver, "dir": "/r"}),
        server={"reached": True, "server_name": "n1", "system_account": key},
    )
    findings = list(judge.system_account(seen({"h1": host}, accounts=[account(), account(key="ASYS", name="SYS")])))
    assert [finding.verdict for finding in findings] == ([FAIL] if told else [])
    for finding in findings:
        assert finding.subject == "n1" and f"system account {key} is in no resolver" in finding.evidence


def test_where_not_all_accounts_are_told_it_may_be_among_the_others() -> None:
    host = facts(config=config(resolver={"type": "full", "dir": "/r"}))
    for count, told in ((MOST_TOKENS - 1, True), (MOST_TOKENS, False)):
        accounts = [account(key=f"A{number}") for number in range(count)]
        assert bool(list(judge.system_account(seen({"h1": host}, accounts=accounts)))) is told


def test_where_no_account_is_seen_the_system_account_may_be_there() -> None:
    host = facts(config=config(resolver={"type": "full", "dir": "/r"}))
    assert list(judge.system_account(seen({"h1": host}))) == []
