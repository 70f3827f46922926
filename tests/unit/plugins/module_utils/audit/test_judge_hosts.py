# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every verdict about what hosts told, with its evidence and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import judge_hosts as judge
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Seen
from ansible_collections.aegis.nats.plugins.module_utils.node.audit.unit import HARDENED
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit.cluster import (
    DAMAGED,
    FAIL,
    PASS,
    UNKNOWN,
    WARN,
    bad,
    config,
    facts,
    listener,
    only,
    place,
    seen,
    user,
    verdicts,
)

Judge = Callable[[Seen], Iterator[Finding]]
JUDGES = (judge.data, judge.logs, judge.files, judge.verification, judge.proxies, judge.versions, judge.units)
PLAIN = {"path": "/data/jetstream/A/streams/S/msgs/1.blk", "why": "its records can be read"}


def of(judged: Judge, **changes: Any) -> list[Finding]:
    """What a judge finds on one host."""
    return list(judged(seen({"h1": facts(**changes)})))


def jetstream(**changes: Any) -> dict[str, Any]:
    known = config()["jetstream"]
    return config(jetstream={**known, **changes})


@pytest.mark.parametrize("judged", JUDGES)
@pytest.mark.parametrize("told", DAMAGED)
def test_a_host_that_told_nothing_is_never_passed(judged: Judge, told: Mapping[str, Any]) -> None:
    assert PASS not in verdicts(judged(seen({"h1": told})))


@pytest.mark.parametrize("judged", JUDGES)
def test_no_host_nothing_to_say(judged: Judge) -> None:
    assert list(judged(seen())) == []


@pytest.mark.parametrize("judged", JUDGES)
def test_a_server_in_order(judged: Judge) -> None:
    findings = of(judged)
    assert bad(findings) == [] and all(finding.host == "h1" and not finding.change for finding in findings)


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence", "change"),
    [
        ({}, PASS, "3 stores and 7 blocks can't be read", ""),
        ({"store": None}, UNKNOWN, "run this as root", "nats_server_become: true"),
        ({"store": {"path": "/data", "read": False}}, UNKNOWN, "run this as root", "nats_server_become: true"),
        (
            {"store": {"read": True, "stores": 1, "blocks": 2, "plaintext": [PLAIN], "in_plaintext": 1}},
            FAIL,
            f"1 files can be read, such as {PLAIN['path']} (its records can be read)",
            "nats_server_jetstream_encryption: true, and playbook aegis.nats.enable_jetstream_encryption",
        ),
        (
            {"config": jetstream(key="none", length=0)},
            FAIL,
            "no key: what is written next lies there in clear text",
            "nats_server_jetstream_encryption: true",
        ),
    ],
)
def test_data(changes: dict[str, Any], verdict: Verdict, evidence: str, change: str) -> None:
    finding = only(of(judge.data, **changes))
    assert (finding.subject, finding.verdict, finding.change) == ("data of n1", verdict, change)
    assert evidence in finding.evidence


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence", "change"),
    [
        (jetstream(is_path=True, key="literal"), FAIL, "the name of a file", "nats_server_jetstream_key"),
        (jetstream(key="literal"), FAIL, "the key stands in the configuration", "nats_server_jetstream_key"),
        (jetstream(length=31), WARN, "the passphrase has 31 characters", "32 characters or more"),
    ],
)
def test_a_key_that_protects_little(changes: Any, verdict: Verdict, evidence: str, change: str) -> None:
    """What lies on disk can't be read, and yet."""
    first, second = of(judge.data, config=changes)
    assert (first.verdict, second.verdict) == (PASS, verdict)
    assert evidence in second.evidence and change in second.change


def test_a_passphrase_of_32_characters_is_long_enough() -> None:
    assert bad(of(judge.data, config=jetstream(length=32))) == []


def test_a_key_on_the_command_line() -> None:
    process = {"version": "2.15.1", "secrets_in_words": ["js_key"]}
    first, *_others = of(judge.data, process=process)
    assert first.verdict is FAIL and "everybody on the host may read" in first.evidence


def test_without_jetstream_there_is_nothing_to_say() -> None:
    assert of(judge.data, config=config(jetstream={"enabled": False}), store=None) == []


def test_data_are_looked_at_where_only_the_monitoring_told_of_them() -> None:
    store = {"read": True, "stores": 1, "blocks": 2, "plaintext": [PLAIN], "in_plaintext": 1}
    assert verdicts(of(judge.data, config={"read": False}, store=store)) == [FAIL]


def log(**changes: Any) -> dict[str, Any]:
    return {**facts()["log"], **changes}


IN_FILE = {"path": "/var/log/nats.log", "read": True, "turned_over_by": "nats-server"}


@pytest.mark.parametrize(
    ("changes", "verdict", "evidence", "change"),
    [
        (
            log(**IN_FILE, secrets=[{"kind": "a seed", "line": 7, "times": 2}]),
            FAIL,
            "a seed in /var/log/nats.log, 2 times, first in line 7",
            "change that secret",
        ),
        (log(**{**IN_FILE, "read": False}), UNKNOWN, "can't be read: run this as root", "nats_server_become"),
        (log(**{**IN_FILE, "turned_over_by": ""}), FAIL, "grows without end", "nats_server_log_size_limit"),
        (log(traces=True), WARN, "every message of the protocol is traced", "nats_server_extra_config"),
        (log(shipped_by=[]), WARN, "nothing on this host carries logs away", "nats_monitoring_agent: true"),
    ],
)
def test_logs(changes: dict[str, Any], verdict: Verdict, evidence: str, change: str) -> None:
    finding = only(bad(of(judge.logs, log=changes)))
    assert (finding.subject, finding.verdict) == ("log of n1", verdict)
    assert evidence in finding.evidence and change in finding.change


def test_a_log_in_order_says_why() -> None:
    finding = only(of(judge.logs, log=log(**IN_FILE, shipped_by=["otelcol", "vector"])))
    assert (finding.verdict, finding.evidence) == (PASS, "turned over by nats-server, carried away by otelcol, vector")


def test_a_log_that_everybody_reads() -> None:
    files = [place("log", "/var/log/nats.log", "everybody on the host may read it", "0644"), *facts()["files"]]
    finding = only(bad(of(judge.logs, files=files)))
    assert finding.verdict is FAIL and finding.change == "nats_server_log_dir"
    assert finding.evidence == "/var/log/nats.log (0644): everybody on the host may read it"
    assert bad(of(judge.files, files=files)) == []


def test_a_log_that_nobody_turns_over_is_not_passed_as_well() -> None:
    assert verdicts(of(judge.logs, log=log(**{**IN_FILE, "turned_over_by": ""}))) == [FAIL]


@pytest.mark.parametrize(
    ("what", "path", "change"),
    [
        ("seed", "/etc/nats/sys.creds", "chmod 0600 /etc/nats/sys.creds"),
        ("private key", "/etc/nats/tls/server.key", "run aegis.nats.deploy, which repairs it"),
        ("configuration", "/etc/nats/nats.conf", "run aegis.nats.deploy, which repairs it"),
    ],
)
def test_files_that_others_may_read(what: str, path: str, change: str) -> None:
    finding = only(of(judge.files, files=[place(what, path, "everybody on the host may read it", "0644")]))
    assert (finding.subject, finding.verdict, finding.change) == (f"{what} {path}", FAIL, change)
    assert finding.evidence == "0644, of nats:nats: everybody on the host may read it"


def test_the_change_of_a_seed_that_its_group_reads_helps() -> None:
    finding = only(of(judge.files, files=[place("seed", "/etc/nats/s", "its group may read it", "0640")]))
    assert "g-rw" in finding.change or "0600" in finding.change


def test_private_files_are_counted() -> None:
    finding = only(of(judge.files, files=[place("data", "/data"), place("private key", "/k"), place("log", "/l")]))
    assert (finding.subject, finding.verdict, finding.evidence) == ("files of n1", PASS, "2 are private")


@pytest.mark.parametrize(
    ("cost", "broken", "words"),
    [
        (11, False, ""),
        (10, False, ""),
        (13, False, ""),
        (9, False, "hashed with a cost of 9: it is found quickly"),
        (14, False, "hashed with a cost of 14: a login takes most of the time"),
        (11, True, "begins like a hash of bcrypt and is none: nobody can log in"),
    ],
)
def test_hashes(cost: int, broken: bool, words: str) -> None:
    one = {**user("one", "bcrypt"), "cost": cost, "broken": broken}
    findings = bad(of(judge.files, config=config(login={"users": [one]})))
    assert verdicts(findings) == ([WARN] if words else [])
    assert all(words in finding.evidence and finding.subject == "user one of n1" for finding in findings)


def test_secrets_in_words_and_passwords_in_clear_text() -> None:
    process = {"version": "2.15.1", "secrets_in_words": ["pass"]}
    users = [user("one", "password"), user("two", "bcrypt"), user("three", "nkey")]
    accounts = [{"name": "A", "users": [user("four", "password"), user("five", "certificate")]}]
    findings = bad(of(judge.files, process=process, config=config(login={"users": users}, accounts=accounts)))
    assert [finding.subject for finding in findings] == ["process of n1", "user one of n1", "user four of n1"]
    assert set(verdicts(findings)) == {FAIL}
    assert "pass stands on the command line" in findings[0].evidence
    assert findings[1].change == "nats_server_hash_passwords: true"


@pytest.mark.parametrize(
    ("entry", "verdict", "evidence", "change"),
    [
        (listener(verify=True, ca_file="/ca.crt"), PASS, "verifies against /ca.crt", ""),
        (listener(verify=True), FAIL, "every authority that the system trusts", "nats_server_tls_files: ca"),
        (listener(verify_and_map=True), FAIL, "every authority that the system trusts", "nats_server_tls_files: ca"),
        (listener("route", 6222, cert_file="/c"), FAIL, "every authority", "nats_server_tls_files: ca"),
        (listener("gateway", 7222, ca_file="/ca"), PASS, "verifies against /ca", ""),
        (
            listener("route", 6222, insecure=True, ca_file="/ca"),
            FAIL,
            "insecure: whoever it dials is not verified",
            "nats_server_extra_config: without insecure",
        ),
        (
            listener(verify=False, verify_and_map=True, ca_file="/ca"),
            FAIL,
            "verify: false beside verify_and_map: true",
            "nats_server_tls_verify_and_map alone",
        ),
        (listener(cert_file="/c"), None, "", ""),
        (listener(), None, "", ""),
        (listener("leafnode", 7422, verify=False, ca_file="/ca"), None, "", ""),
    ],
)
def test_verification(entry: dict[str, Any], verdict: Verdict | None, evidence: str, change: str) -> None:
    findings = of(judge.verification, config=config(listeners=[entry]))
    assert verdicts(findings) == ([verdict] if verdict else [])
    for finding in findings:
        assert finding.subject == f"{entry['kind']} port of n1"
        assert evidence in finding.evidence and finding.change == change


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        (config(), PASS),
        (config(proxy_protocol=True, proxies=True), PASS),
        (config(proxy_protocol=True), FAIL),
    ],
)
def test_proxies(changes: dict[str, Any], verdict: Verdict) -> None:
    finding = only(of(judge.proxies, config=changes))
    assert (finding.subject, finding.verdict) == ("n1", verdict)
    assert verdict is PASS or "nats_server_extra_config: without proxy_protocol" in finding.change


def test_a_configuration_that_can_t_be_read_says_nothing_of_proxies() -> None:
    assert of(judge.proxies, config={"read": False, "why": "it can't be read"}) == []


@pytest.mark.parametrize(
    ("version", "kinds", "verdict", "evidence"),
    [
        ("2.15.1", ["client"], PASS, "2.15.1 has no flaw known on 20"),
        ("2.14.2", ["client"], FAIL, "GHSA-q59r-vq66-pxc2"),
        ("v2.14.2", ["client"], FAIL, "GHSA-q59r-vq66-pxc2"),
        ("2.14.2", ["client", "websocket"], FAIL, "GHSA-p957-7v2w-g93g"),
        ("2.10.0", ["client", "leafnode", "mqtt", "websocket"], FAIL, " more"),
        ("", [], UNKNOWN, "does not say its version"),
        ("unknown", [], UNKNOWN, "does not say its version"),
        (None, [], UNKNOWN, "does not say its version"),
    ],
)
def test_versions(version: Any, kinds: list[str], verdict: Verdict, evidence: str) -> None:
    listeners = [listener(kind) for kind in kinds]
    finding = only(of(judge.versions, process={"version": version}, config=config(listeners=listeners)))
    assert finding.verdict is verdict and evidence in finding.evidence
    assert finding.change == ("playbook aegis.nats.upgrade" if verdict is FAIL else "")


def test_flaws_that_take_no_login_are_told_first_and_five_at_most() -> None:
    finding = only(of(judge.versions, process={"version": "2.10.0"}))
    names = [part.split()[0] for part in finding.evidence.partition(": ")[2].split("; ")[:5]]
    assert {"CVE-2023-47090", "GHSA-38x3-76xf-cq45"} <= set(names)
    assert finding.evidence.count("(") >= 5 and finding.evidence.endswith("more")


def unit(properties: Mapping[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    good = {name: values[0] for name, values in HARDENED.items()}
    known = {"unit": "nats-server.service", "user": "nats", "exposure": 2.1}
    return {**known, "properties": {**good, **(properties or {})}, **changes}


@pytest.mark.parametrize(
    ("told", "verdict", "evidence", "change"),
    [
        (unit(), PASS, "kept from what it does not need, exposure 2.1 of 10", ""),
        (unit(exposure=None), PASS, "kept from what it does not need", ""),
        (unit({"ProtectSystem": "full"}), PASS, "exposure 2.1", ""),
        (unit({"NoNewPrivileges": "no"}), WARN, "NoNewPrivileges=no", "nats_server_service_manager"),
        (unit({"PrivateTmp": ""}), WARN, "PrivateTmp=no", "nats_server_service_manager"),
        (unit(exposure=9.2), WARN, "nats-server.service, exposure 9.2 of 10", "nats_server_service_manager"),
        (unit(user="root"), FAIL, "runs as root, exposure 2.1 of 10", "nats_server_user"),
    ],
)
def test_units(told: dict[str, Any], verdict: Verdict, evidence: str, change: str) -> None:
    finding = only(of(judge.units, unit=told))
    assert (finding.subject, finding.verdict) == ("service of n1", verdict)
    assert evidence in finding.evidence and finding.change.startswith(change) and bool(finding.change) is bool(change)


def test_a_unit_of_user_0_runs_as_root() -> None:
    assert only(of(judge.units, unit=unit(user="0"))).verdict is FAIL


def test_without_systemd_there_is_no_unit_to_judge() -> None:
    assert of(judge.units, unit=None) == []
