# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about what knocking came to, with its evidence and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_listeners as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Knocked, Seen
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    FAIL,
    PASS,
    UNKNOWN,
    WARN,
    config,
    door,
    facts,
    found,
    only,
    seen,
    user,
    verdicts,
)

Judge = Callable[[Seen], Iterator[Finding]]
JUDGES = (
    judge.authority, judge.versions, judge.suites, judge.client_certificates, judge.peers, judge.login,
    judge.monitoring,
)  # fmt: skip
NO_TLS = {"tls": False, "why": "TLS: wrong version number"}


def of(judged: Judge, *knocked: Knocked, **changes: Any) -> list[Finding]:
    return list(judged(seen(knocked=knocked, **changes)))


def clear(kind: str = "client", **changes: Any) -> Knocked:
    """A listener without TLS."""
    return Knocked(door(kind), reached=True, served=NO_TLS, **changes)


@pytest.mark.parametrize("judged", JUDGES)
def test_no_listener_nothing_to_say(judged: Judge) -> None:
    assert of(judged) == []
    for told in DAMAGED:
        assert of(judged, hosts={"h1": told}) == []


@pytest.mark.parametrize("judged", JUDGES)
@pytest.mark.parametrize("kind", [*judge.CLIENTS, *judge.PEERS, "monitoring", "profiling"])
def test_where_nobody_is_reached_nothing_of_tls_or_login_is_passed(judged: Judge, kind: str) -> None:
    findings = of(judged, Knocked(door(kind), why="No route to host"))
    assert PASS not in verdicts(findings) or judged is judge.monitoring


@pytest.mark.parametrize("judged", JUDGES)
@pytest.mark.parametrize("kind", [*judge.CLIENTS, *judge.PEERS])
def test_a_listener_in_order(judged: Judge, kind: str) -> None:
    findings = of(judged, found(kind))
    assert set(verdicts(findings)) <= {PASS} and all(not finding.change for finding in findings)


@pytest.mark.parametrize("kind", [*judge.CLIENTS, *judge.PEERS])
def test_the_authority_of_a_listener(kind: str) -> None:
    finding = only(of(judge.authority, found(kind)))
    assert (finding.verdict, finding.evidence, finding.host) == (PASS, "verified, TLSv1.3", "h1")
    assert finding.subject == f"{kind} port of n1 (192.0.2.1:4222)"


@pytest.mark.parametrize(
    ("knocked", "verdict", "evidence", "change"),
    [
        (Knocked(door(), why="timed out"), UNKNOWN, "can't be reached from here: timed out", ""),
        (clear(), FAIL, "talks without TLS", "nats_server_tls: true"),
        (clear("route"), FAIL, "talks without TLS", "nats_server_cluster_tls: true"),
        (clear("mqtt"), FAIL, "talks without TLS", "nats_server_extra_config: true"),
        (found(plain=("let in", "let in")), FAIL, "takes clients without TLS as well: let in", "nats_server_tls: true"),
        (found(served={"trusted": None}), UNKNOWN, "no authority was given", "nats_audit_ca: CA.crt"),
        (
            found(served={"trusted": False, "why": "self-signed certificate"}),
            FAIL,
            "not of the expected authority: self-signed certificate",
            "nats_server_tls_files",
        ),
    ],
)
def test_authority(knocked: Knocked, verdict: Verdict, evidence: str, change: str) -> None:
    finding = only(of(judge.authority, knocked))
    assert finding.verdict is verdict
    assert evidence in finding.evidence and finding.change.startswith(change) and bool(finding.change) is bool(change)


@pytest.mark.parametrize("kind", ["monitoring", "profiling"])
def test_monitoring_is_no_matter_of_tls(kind: str) -> None:
    for judged in (judge.authority, judge.versions, judge.suites, judge.client_certificates, judge.peers, judge.login):
        assert of(judged, found(kind, NO_TLS)) == []


def test_old_versions() -> None:
    assert "refuses TLS 1.0 and 1.1" in only(of(judge.versions, found())).evidence
    finding = only(of(judge.versions, found(old=("TLS 1.0", "TLS 1.1"))))
    assert (finding.verdict, finding.evidence) == (FAIL, "takes TLS 1.0 and TLS 1.1")
    assert finding.change.startswith("nats_server_tls_min_version")
    assert of(judge.versions, clear()) == []


def test_weak_suites() -> None:
    assert only(of(judge.suites, found())).evidence == "takes no weak suite"
    weak = ("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA")
    finding = only(of(judge.suites, found("websocket", weak=weak)))
    assert (finding.verdict, finding.evidence) == (FAIL, f"takes 2 weak suites: {weak[0]}, {weak[1]}")
    assert finding.change.startswith("nats_server_tls_cipher_suites")
    assert of(judge.suites, clear()) == []


@pytest.mark.parametrize(
    ("strong", "tls", "verdict"),
    [
        (False, {"cipher_suites": ["X"]}, WARN),
        (False, {"cipher_suites": ["X"], "min_version": "1.2"}, WARN),
        (False, {"cipher_suites": ["X"], "min_version": "1.3"}, PASS),  # refused on purpose
        (False, {}, PASS),
        (False, None, PASS),
        (None, {"cipher_suites": ["X"]}, PASS),
        (True, {"cipher_suites": ["X"]}, PASS),
    ],
)
def test_suites_that_no_certificate_goes_with(strong: Any, tls: Any, verdict: Verdict) -> None:
    finding = only(of(judge.suites, replace(found(strong=strong), door=door(tls=tls))))
    assert finding.verdict is verdict
    assert ("none of its suites goes with its certificate" in finding.evidence) is (verdict is WARN)


def test_a_name_that_is_not_the_address() -> None:
    named = replace(found(), door=door(verified_as="n1.internal"))
    finding = only(of(judge.authority, named))
    assert (finding.verdict, finding.evidence) == (PASS, "verified as n1.internal, not by its address, TLSv1.3")


@pytest.mark.parametrize("name", ["operator", "operator_files", "trusted_keys"])
@pytest.mark.parametrize("mapped", [True, False])
def test_certificates_that_are_mapped_beside_an_operator(name: str, mapped: bool) -> None:
    knocked = replace(found(), door=door(tls={"verify_and_map": mapped}))
    findings = of(judge.client_certificates, knocked, hosts={"h1": facts(config=config(**{name: ["x"]}))})
    assert verdicts(findings) == [PASS, WARN][: 1 + mapped]
    assert "maps nobody" in findings[-1].evidence or not mapped
    assert verdicts(of(judge.client_certificates, knocked, hosts={"h1": facts()})) == [PASS]


USERS = {"login": {"users": [user("CN=app", "certificate")]}}


@pytest.mark.parametrize(
    ("tls", "told", "without", "verdict"),
    [
        ({"verify_and_map": True}, USERS, ("refused", ""), PASS),
        ({"verify_and_map": True}, USERS, ("let in", ""), FAIL),
        ({"verify_and_map": True}, {"login": {"users": []}}, ("refused", ""), FAIL),
        ({"verify_and_map": True}, {**USERS, "operator": ["eyJ"]}, ("refused", ""), FAIL),
        ({"verify": True}, USERS, ("refused", ""), FAIL),
    ],
)
def test_a_certificate_that_is_the_login(tls: Any, told: Any, without: Any, verdict: Verdict) -> None:
    """One that stands for a user is a credential; one that only belongs to the authority is not."""
    let_in = replace(found(anonymous=("let in", "let in"), without=without), door=door(tls=tls))
    finding = only(of(judge.login, let_in, hosts={"h1": facts(config=config(**told))}))
    assert finding.verdict is verdict


UNTOLD = ("unknown", "no answer in 4 s")


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence"),
    [
        ({}, PASS, "refuses one without a certificate and one with a certificate that nobody signed"),
        (
            {"without": ("let in", "TLSv1.3, serial 0A")},
            FAIL,
            "goes on without a certificate: TLSv1.3, serial 0A",
        ),
        ({"stranger": ("let in", "x")}, FAIL, "goes on with a certificate that nobody signed: x"),
        ({"without": ("let in", "x"), "stranger": ("let in", "y")}, FAIL, "x; with a certificate"),
        ({"without": UNTOLD}, PASS, "refuses one with a certificate that nobody signed"),
        ({"stranger": UNTOLD}, PASS, "refuses one without a certificate"),
        ({"without": UNTOLD, "stranger": UNTOLD}, UNKNOWN, "no answer in 4 s"),
    ],
)
@pytest.mark.parametrize(
    ("judged", "kind", "change"),
    [
        (judge.client_certificates, "client", "nats_server_tls_verify: true"),
        (judge.client_certificates, "websocket", "nats_server_tls_verify: true"),
        (judge.peers, "route", "nats_server_cluster_tls: true"),
        (judge.peers, "gateway", "nats_server_cluster_tls: true"),
        (judge.peers, "leafnode", "nats_server_cluster_tls: true"),
    ],
)
def test_certificates(
    *, judged: Judge, kind: str, change: str, changes: dict[str, Any], verdict: Verdict, evidence: str
) -> None:
    finding = only(of(judged, found(kind, **changes)))
    assert finding.verdict is verdict and evidence in finding.evidence
    assert finding.change == (change if verdict is FAIL else "")


def test_each_judge_of_certificates_has_its_own_listeners() -> None:
    assert of(judge.client_certificates, found("route")) == of(judge.peers, found("client")) == []


REFUSED, LET_IN = ("refused", "TLS: unsupported certificate"), ("let in", "TLSv1.3, serial 0A")


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence"),
    [
        ({"misused": REFUSED}, PASS, "and one with a certificate for servers alone (the wrong extended key usage)"),
        (
            {"misused": LET_IN},
            FAIL,
            "goes on with a certificate for servers alone (the wrong extended key usage): TLS",
        ),
        ({"misused": ("unknown", "none is at hand")}, PASS, "extended key usage was not tried: none is at hand"),
        ({"misused": REFUSED, "without": UNTOLD, "stranger": UNTOLD}, UNKNOWN, "no answer in 4 s"),
    ],
)
def test_peers_and_the_use_of_a_certificate(changes: dict[str, Any], verdict: Verdict, evidence: str) -> None:
    finding = only(of(judge.peers, found("route", **changes)))
    assert finding.verdict is verdict and evidence in finding.evidence


def test_clients_are_not_asked_for_the_use_of_a_certificate() -> None:
    finding = only(of(judge.client_certificates, found("client", misused=LET_IN)))
    assert finding.verdict is PASS and "servers alone" not in finding.evidence and "not tried" not in finding.evidence


def test_peers_in_clear_text() -> None:
    finding = only(of(judge.peers, clear("route")))
    assert (finding.verdict, finding.evidence) == (FAIL, "peers talk in clear text")
    assert finding.change == "nats_server_cluster_tls: true"


@pytest.mark.parametrize(
    ("knocked", "verdict", "evidence", "change"),
    [
        (found(), PASS, "refuses a client without credentials: Authorization Violation", ""),
        (found(anonymous=("let in", "let in")), FAIL, "lets in a client without credentials", "nats_server_auth"),
        (
            found(anonymous=("unknown", "the server offers no TLS")),
            UNKNOWN,
            "could not get as far as the login: the server offers no TLS",
            "nats_audit_certificate and nats_audit_key",
        ),
        (clear(plain=("let in", "let in")), FAIL, "lets in a client without credentials", "nats_server_auth"),
        (clear(plain=("let in", "Authorization Violation")), PASS, "refuses a client without credentials", ""),
        (clear(plain=("refused", "the server closed the connection")), PASS, "refuses a client", ""),
        pytest.param(
            clear(plain=("unknown", "no answer in 4 s")),
            UNKNOWN,
            "no answer in 4 s",
            "",
        ),
        pytest.param(
            clear(plain=("let in", "maximum connections exceeded")),
            UNKNOWN,
            "maximum connections exceeded",
            "",
        ),
    ],
)
def test_login(knocked: Knocked, verdict: Verdict, evidence: str, change: str) -> None:
    finding = only(of(judge.login, knocked))
    assert finding.verdict is verdict and evidence in finding.evidence
    assert finding.change.startswith(change) and bool(finding.change) is bool(change)


def test_who_has_a_certificate_is_not_told_to_give_one() -> None:
    finding = only(of(judge.login, found(anonymous=UNTOLD), has_certificate=True))
    assert (finding.verdict, finding.change) == (UNKNOWN, "")


@pytest.mark.parametrize("kind", ["route", "websocket", "leafnode"])
def test_only_listeners_of_clients_are_asked_for_a_login(kind: str) -> None:
    assert of(judge.login, found(kind, anonymous=("let in", ""))) == []


def test_a_user_for_whoever_has_none() -> None:
    hosts = {"h1": facts(config=config(no_auth_user="guest")), "h2": facts()}
    finding = only(of(judge.login, hosts=hosts))
    assert (finding.subject, finding.verdict, finding.host) == ("n1", FAIL, "h1")
    assert finding.change == "nats_server_extra_config: without no_auth_user"


@pytest.mark.parametrize(
    ("bound", "reached", "plain", "verdict", "evidence"),
    [
        ("127.0.0.1", True, ("let in", "GET /varz answers 200"), PASS, "listens on 127.0.0.1 only"),
        ("127.8.0.1", False, UNTOLD, PASS, "listens on 127.8.0.1 only"),
        ("::1", True, ("let in", ""), PASS, "listens on ::1 only"),
        ("localhost", True, ("let in", ""), PASS, "listens on localhost only"),
        ("0.0.0.0", True, ("let in", "GET /varz answers 200"), FAIL, "answers whoever asks: GET /varz answers 200"),
        ("::", True, ("let in", "it answers"), FAIL, "answers whoever asks: it answers"),
        ("10.0.0.1", True, ("unknown", "it does not talk plain HTTP"), WARN, "can be reached from here"),
        ("10.0.0.1", True, ("refused", "GET /varz answers 401"), WARN, "GET /varz answers 401"),
        ("0.0.0.0", False, UNTOLD, PASS, "can't be reached from here: Connection refused"),
        ("127.evil.example.com", True, ("let in", "x"), FAIL, "answers whoever asks"),
        ("", True, ("let in", "x"), FAIL, "answers whoever asks"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "change"),
    [("monitoring", "nats_server_monitoring_host: 127.0.0.1"), ("profiling", "nats_server_extra_config: without prof")],
)
def test_monitoring(
    *, bound: str, reached: bool, plain: tuple[str, str], verdict: Verdict, evidence: str, kind: str, change: str
) -> None:
    knocked = Knocked(door(kind, bound=bound), reached, "" if reached else "Connection refused", plain=plain)
    finding = only(of(judge.monitoring, knocked))
    assert finding.verdict is verdict and evidence in finding.evidence
    assert finding.change.startswith(change) if verdict is not PASS else finding.change == ""


def test_monitoring_says_nothing_of_other_listeners() -> None:
    assert of(judge.monitoring, found(), found("route")) == []
