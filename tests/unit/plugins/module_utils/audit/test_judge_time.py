# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about what time does: what ends, what is served but not on the disk, and when anybody looked last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_time as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Knocked
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    DAY,
    FAIL,
    NOW,
    OPERATOR,
    PASS,
    WARN,
    account,
    bad,
    claims,
    config,
    door,
    facts,
    found,
    only,
    seen,
    verdicts,
)

SECOND = timedelta(seconds=1)


def at(days: float) -> int:
    return int((NOW + days * DAY).timestamp())


@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing(told: Mapping[str, Any]) -> None:
    assert judge.expiries(seen({"h1": told})) == () and list(judge.ends(seen({"h1": told}))) == []
    assert [finding.subject for finding in judge.drift(seen({"h1": told}))] == ["audits"]


def test_everything_that_ends_soonest_first() -> None:
    server = {"operators": [{**OPERATOR, "expires": at(3)}, {**OPERATOR, "key": "O2", "expires": None}]}
    hosts = {name: facts(server=server, connected=[claims(expires=at(2)), claims("web", "UWEB")]) for name in "ab"}
    accounts = [account(host=name, expires=at(1)) for name in "ab"] + [account(key="A2", name="NEVER")]
    told = judge.expiries(seen(hosts, [found(), Knocked(door("route"))], accounts))
    assert [(each.what, each.kind, each.at, each.host) for each in told] == [
        ("account ORDERS", "jwt", NOW.replace(microsecond=0) + DAY, ""),
        ("user app of ORDERS", "creds", NOW.replace(microsecond=0) + 2 * DAY, ""),
        ("operator Acme", "jwt", NOW.replace(microsecond=0) + 3 * DAY, ""),
        ("certificate of the client port of n1", "certificate", NOW + 90 * DAY, "h1"),
    ]


@pytest.mark.parametrize(
    ("left", "verdict", "evidence"),
    [
        (90 * DAY, PASS, "ends on 2027-02-27, in 90 days"),
        (30 * DAY + SECOND, PASS, "in 30 days"),
        (30 * DAY, WARN, "in 30 days"),
        (7 * DAY + SECOND, WARN, "in 7 days"),
        (7 * DAY, FAIL, "in 7 days"),
        (timedelta(), FAIL, "has ended on 2026-11-29"),
        (-3 * DAY, FAIL, "has ended on 2026-11-26"),
    ],
)
def test_how_soon_is_too_soon(left: timedelta, verdict: Verdict, evidence: str) -> None:
    finding = only(judge.ends(seen(knocked=[found(served={"ends": NOW + left})])))
    assert (finding.subject, finding.verdict, finding.host) == ("certificate of the client port of n1", verdict, "h1")
    assert evidence in finding.evidence
    assert finding.change == ("" if verdict is PASS else "run aegis.nats.deploy, which renews certificates")


def test_what_to_change_of_a_jwt() -> None:
    finding = only(judge.ends(seen(accounts=[account(expires=at(1))])))
    assert (finding.verdict, finding.change) == (FAIL, "nats_trust_accounts: expires")


@pytest.mark.parametrize("expires", [10**12, 10**18, 2**63])
def test_a_time_beyond_all_years_is_no_crash(expires: int) -> None:
    """Whoever may write to a resolver may write such a one."""
    assert FAIL not in verdicts(judge.ends(seen(accounts=[account(expires=expires)])))


def served(on_disk: str, shown: str, kind: str = "client", host: str = "h1") -> list[Finding]:
    certificates = [{"kind": "client", "path": "/c", "serial": on_disk, "not_after": ""}]
    knocked = found(kind, {"serial": shown}, host=host)
    return bad(judge.ends(seen({"h1": facts(certificates=certificates)}, [knocked])))


def test_one_of_several_certificates_is_served() -> None:
    certificates = [{"kind": "client", "path": "/c", "serial": serial, "not_after": ""} for serial in ("0A", "0B")]
    for shown, expected in (("A", []), ("0B", []), ("0C", [FAIL])):
        told = seen({"h1": facts(certificates=certificates)}, [found("client", {"serial": shown})])
        assert verdicts(bad(judge.ends(told))) == expected


@pytest.mark.parametrize(
    ("on_disk", "shown", "same"),
    [("0A", "0A", True), ("0A", "A", True), ("00A1", "A1", True), ("0A", "0B", False), ("A0", "A", False)],
)
def test_what_is_served_lies_on_the_disk(on_disk: str, shown: str, same: bool) -> None:
    findings = served(on_disk, shown)
    assert verdicts(findings) == ([] if same else [FAIL])
    for finding in findings:
        assert finding.evidence == f"serves {shown}, but {on_disk} lies on its disk"
        assert finding.change == "run aegis.nats.deploy, which has it loaded"


def test_only_what_belongs_together_is_compared() -> None:
    assert served("0A", "0B", kind="route") == served("0A", "0B", host="h2") == served("0A", "") == []


def test_a_chain_that_a_strict_verifier_refuses() -> None:
    knocked = found(served={"chain": ["its certificate is not accepted here: Missing Authority Key Identifier"]})
    finding = only(bad(judge.ends(seen(knocked=[knocked]))))
    assert (finding.verdict, finding.subject) == (WARN, "client port of n1 (192.0.2.1:4222)")
    assert "Missing Authority Key Identifier" in finding.evidence and finding.change.startswith("nats_pki")


@pytest.mark.parametrize(
    ("last", "verdict", "evidence"),
    [
        (None, PASS, "this is the first one"),
        (NOW - 45 * DAY, PASS, "the one before was made on 2026-10-15"),
        (NOW - 45 * DAY - SECOND, WARN, "the one before was made 45 days ago"),
        (NOW - 400 * DAY, WARN, "the one before was made 400 days ago"),
        (NOW + DAY, PASS, "the one before was made on 2026-11-30"),
    ],
)
def test_audits_are_regular(last: Any, verdict: Verdict, evidence: str) -> None:
    finding = only(judge.drift(seen(last=last)))
    assert (finding.subject, finding.verdict, finding.evidence) == ("audits", verdict, evidence)
    assert finding.change == ("a schedule, such as each month" if verdict is WARN else "")


@pytest.mark.parametrize(
    ("after", "verdict"), [(-60.0, PASS), (0.9, PASS), (1.0, PASS), (1.5, FAIL), (86400.0, FAIL), (None, None)]
)
def test_what_was_loaded_is_what_lies_on_the_disk(after: float | None, verdict: Verdict | None) -> None:
    changed = None if after is None else NOW.timestamp() + after
    server = {"server_name": "n1", "config_load_time": NOW.isoformat()}
    _audits, *findings = judge.drift(seen({"h1": facts(config=config(changed_at=changed), server=server)}))
    assert verdicts(findings) == ([verdict] if verdict else [])
    for finding in findings:
        assert (finding.subject, finding.host) == ("n1", "h1")
        assert finding.change == ("run aegis.nats.deploy" if verdict is FAIL else "")
        assert verdict is PASS or "its configuration was changed at 2026-11-" in finding.evidence


@pytest.mark.parametrize(
    ("deployed", "evidence"),
    [
        ({"changed_on_disk": False, "not_loaded": False, "not_deployed": False}, ""),
        ({"changed_on_disk": False, "not_loaded": False}, ""),
        ({"changed_on_disk": True, "not_loaded": False}, "its files are not those that the deploy left"),
        ({"changed_on_disk": False, "not_loaded": True}, "a configuration was switched in that it has not loaded"),
        (
            {"changed_on_disk": True, "not_deployed": True},
            "its files are not those that the deploy left and it runs another configuration than the deploy saw it load"
            " (by its digest)",
        ),
    ],
)
def test_what_was_deployed_is_judged_by_content(deployed: Any, evidence: str) -> None:
    """Also where a file is younger than what the server has loaded, as those are that a deploy has put right."""
    server = {"server_name": "n1", "config_load_time": NOW.isoformat()}
    told = config(changed_at=NOW.timestamp() + 86400, deployed=deployed)
    _audits, finding = judge.drift(seen({"h1": facts(config=told, server=server)}))
    assert (finding.subject, finding.host) == ("n1", "h1")
    assert finding.verdict is (FAIL if evidence else PASS)
    assert finding.evidence == (evidence or "runs the configuration that was deployed")


@pytest.mark.parametrize("loaded", [None, "", "0001-01-01T00:00:00Z", "yesterday"])
def test_a_server_that_does_not_say_when_it_loaded(loaded: Any) -> None:
    assert len(list(judge.drift(seen({"h1": facts(server={"config_load_time": loaded})})))) == 1
