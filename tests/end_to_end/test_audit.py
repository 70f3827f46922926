# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit of a cluster that the deploy has made: it holds, looking changes nothing, and what is broken is found."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role, from_seed, make
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import read, sign
from ansible_collections.aegis.nats.plugins.plugin_utils.collection import version
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, deployed_estate, good

AUDIT = "aegis.nats.audit"
SECONDS = 20.0
#: A machine for tests need not have an agent that carries logs away.
EXPLAINED = {"logs": "warn"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    with deployed_estate(tmp_path_factory.mktemp("audit") / "estate", binary) as made:
        # As where nothing is said: the quickstart has a place of its own for the report, and a waiver.
        for name in ("nats_audit_report_dir", "nats_audit_waivers"):
            del made.settings[name]
        yield made


def report(cluster: Estate) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((cluster.root / "nats/audit/audit.json").read_text(encoding="utf-8"))
    return found


def verdicts(cluster: Estate) -> dict[str, str]:
    return {control["id"]: control["verdict"] for control in report(cluster)["controls"]}


def findings(cluster: Estate, control: str) -> list[Mapping[str, Any]]:
    return next(each["findings"] for each in report(cluster)["controls"] if each["id"] == control)


def failed(cluster: Estate) -> set[str]:
    return {name for name, verdict in verdicts(cluster).items() if verdict == "fail"}


def state(cluster: Estate) -> list[Any]:
    """What a probe must not change: configurations, logins that stay, JetStream, and every file of the servers."""
    found: list[Any] = []
    for port in cluster.ports["monitoring"]:
        for path in ("varz", "connz", "jsz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                said = json.load(answer)
            names = (
                "config_digest",
                "config_load_time",
                "connections",
                "num_connections",
                "streams",
                "consumers",
                "total",
            )
            found.append({name: said.get(name) for name in names})
    folders = (cluster.root / "nodes").glob("*/etc/**/*")
    return [*found, sorted((str(path), path.lstat().st_mtime) for path in folders)]


def audited(cluster: Estate, *options: str) -> Run:
    return cluster.deploy(*options, playbook=AUDIT)


def test_it_holds_and_looking_changes_nothing(cluster: Estate) -> None:
    before, pids = state(cluster), set(cluster.processes())
    started = time.monotonic()
    run = good(audited(cluster))
    assert time.monotonic() - started < SECONDS
    assert run.changes == []
    assert state(cluster) == before and set(cluster.processes()) == pids
    found = verdicts(cluster)
    red = {name: verdict for name, verdict in found.items() if verdict not in ("pass", "not_applicable")}
    assert set(red.items()) <= set(EXPLAINED.items()), red
    assert report(cluster)["collection"] == version()
    # Nobody is connected: whoever is known is known from the store.
    known = {each["subject"] for each in findings(cluster, "permissions-limited")}
    assert {"user order-service of TeamAlpha", "user gateway of ExternalPartner"} <= known
    peers = {each["evidence"] for each in findings(cluster, "peers-mutual-tls")}
    assert len(peers) == 1 and "for servers alone" in peers.pop()
    stored = {each["subject"].split(" /")[0] for each in findings(cluster, "secrets-stored")}
    assert {"trust store", "certificates", "secrets", "inventory on the controller"} <= stored
    looked_at = {name for name, verdict in found.items() if verdict == "pass"}
    assert {
        "tls-authority",
        "login-required",
        "trust-hierarchy",
        "permissions-limited",
        "secrets-stored",
        "system-users",
        "data-encrypted",
        "resolver-contents",
    } <= looked_at
    for place in (cluster.root / "nats/audit").iterdir():
        assert place.stat().st_mode & 0o777 == 0o600


def test_a_check_looks_and_writes_nothing(cluster: Estate) -> None:
    place = cluster.root / "nats/audit/audit.json"
    before = place.read_bytes()
    good(audited(cluster, "--check"))
    assert place.read_bytes() == before


def test_a_user_who_is_not_connected_is_found_by_the_store(cluster: Estate) -> None:
    """Somebody has made one with nsc, and has given it to nobody yet."""
    place = next((cluster.root / "nats/trust/stores").glob("*/accounts/TeamAlpha/users/order-service.jwt"))
    claims = copy.deepcopy(dict(read(place.read_text()).claims))
    seed = next((cluster.root / "nats/trust/keys").rglob(f"{claims['iss']}.nk")).read_text()
    claims.update(sub=make(Role.USER, os.urandom(32)).public_key, name="free")
    for limit in ("pub", "sub", "resp"):
        claims["nats"].pop(limit, None)
    extra = place.with_name("free.jwt")
    extra.write_text(sign({**claims, "nats": {**claims["nats"], "pub": {}, "sub": {}}}, from_seed(seed)).text)
    try:
        assert audited(cluster).code != 0
    finally:
        extra.unlink()
    assert failed(cluster) == {"permissions-limited"}
    wrong = [each for each in findings(cluster, "permissions-limited") if each["verdict"] == "fail"]
    assert [each["subject"] for each in wrong] == ["user free of TeamAlpha"]


def test_sealed_creds_are_opened_or_told(cluster: Estate) -> None:
    place = next((cluster.root / "nats/trust/keys/creds").rglob("order-service.creds"))
    before, password = place.read_bytes(), cluster.root / "tmp/password"
    password.write_text("a vault password")
    program = str(Path(sys.executable).parent / "ansible-vault")
    words = [program, "encrypt", "--vault-password-file", str(password), str(place)]
    subprocess.run(words, check=True, capture_output=True, env=cluster.environment())
    try:
        good(audited(cluster))
        assert verdicts(cluster)["permissions-limited"] == "could_not_look"
        assert any("is sealed with Ansible Vault" in each["evidence"] for each in findings(cluster, "expiry"))
        good(audited(cluster, "--vault-password-file", str(password)))
        assert verdicts(cluster)["permissions-limited"] == "pass"
        assert any("1 secrets are sealed" in each["evidence"] for each in findings(cluster, "secrets-stored"))
    finally:
        place.write_bytes(before)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here")
def test_secrets_that_git_has(cluster: Estate) -> None:
    """An inventory is under version control as a rule; what the deploy has written beside it must not be."""
    ignored = cluster.root / ".gitignore"
    for words in (("init", "-q"), ("add", "-f", "nats/secrets")):
        subprocess.run(["git", *words], cwd=cluster.root, check=True)
    ignored.write_text("nats/\n")
    try:
        assert audited(cluster).code != 0
        assert failed(cluster) == {"secrets-stored"}
        (wrong,) = (each for each in findings(cluster, "secrets-stored") if each["verdict"] == "fail")
        assert wrong["subject"].startswith("secrets ") and wrong["evidence"].startswith("git has 4 files (")
        subprocess.run(["git", "rm", "-q", "-r", "--cached", "nats"], cwd=cluster.root, check=True)
        good(audited(cluster))
        assert verdicts(cluster)["secrets-stored"] == "pass"
        ignored.unlink()
        good(audited(cluster))
        assert verdicts(cluster)["secrets-stored"] == "warn"
    finally:
        ignored.unlink(missing_ok=True)
        shutil.rmtree(cluster.root / ".git")


def test_a_seed_in_the_inventory(cluster: Estate) -> None:
    seed = make(Role.ACCOUNT, os.urandom(32)).seed
    cluster.settings["of_the_partner"] = seed
    try:
        run = audited(cluster)
    finally:
        del cluster.settings["of_the_partner"]
    assert run.code != 0 and failed(cluster) == {"secrets-stored"}
    written = "".join(path.read_text() for path in (cluster.root / "nats/audit").iterdir())
    assert "a key or seed stands in clear text in line" in run.text and seed not in run.output + written


def test_what_somebody_else_signed_is_found_in_a_resolver(cluster: Estate) -> None:
    stranger, account = make(Role.OPERATOR, os.urandom(32)), make(Role.ACCOUNT, os.urandom(32))
    claims = {"sub": account.public_key, "name": "Foreign", "iat": 1, "nats": {"type": "account", "version": 2}}
    place = cluster.root / f"nodes/n1/data/resolver/{account.public_key}.jwt"
    place.write_text(sign(claims, stranger).text)
    place.chmod(0o600)
    try:
        run = audited(cluster)
    finally:
        place.unlink()
    assert run.code != 0 and "1 control does not hold: resolver-contents" in run.text, run.told
    assert "which is no key of the operator" in run.text


def test_a_file_that_others_read_and_its_waiver(cluster: Estate) -> None:
    place = next((cluster.root / "nodes/n2/etc/keys").glob("server-*/tls.key"), None) or next(
        (cluster.root / "nodes/n2/etc/current/tls").resolve().glob("client.key")
    )
    before = place.stat().st_mode & 0o777
    place.chmod(0o644)
    try:
        assert audited(cluster).code != 0
        # A key that the controller made is a part of what was deployed, and is so no more.
        away = {"drift"} if "/releases/" in str(place) else set()
        assert failed(cluster) == {"secrets-stored"} | away
        waivers = [
            {"control": name, "reason": "a test", "until": "2999-12-31"} for name in sorted({"secrets-stored"} | away)
        ]
        good(audited(cluster, "-e", json.dumps({"nats_audit_waivers": waivers})))
        ended = [{**waiver, "until": "2020-01-01"} for waiver in waivers]
        assert audited(cluster, "-e", json.dumps({"nats_audit_waivers": ended})).code != 0
    finally:
        place.chmod(before)
    good(audited(cluster))


def test_what_somebody_changed_is_drift_until_a_deploy_has_put_it_right(cluster: Estate) -> None:
    place = (cluster.root / "nodes/n1/etc/current/nats-server.conf").resolve()
    place.write_bytes(place.read_bytes() + b"# by hand\n")
    assert audited(cluster).code != 0 and failed(cluster) == {"drift"}
    pids = cluster.processes()
    good(cluster.deploy())
    assert cluster.processes() == pids
    # It is younger now than what the server has loaded, and the same.
    good(audited(cluster))


def test_waivers_that_say_nothing_are_refused(cluster: Estate) -> None:
    wrong = [{"control": "log", "reason": " ", "until": "soon"}]
    run = audited(cluster, "-e", json.dumps({"nats_audit_waivers": wrong}))
    paths = [path for path, _message in run.problems]
    assert paths == ["waivers[0].control", "waivers[0].reason", "waivers[0].until"], run.told


def test_a_server_that_is_down_is_told_and_no_pass(cluster: Estate) -> None:
    pid = next(pid for pid, words in cluster.processes().items() if "/n3/" in words)
    os.kill(pid, 9)
    try:
        run = audited(cluster, "-e", "nats_audit_fail_on=warn")
        assert run.code != 0 and "data-encrypted" in run.text, run.told
        assert verdicts(cluster)["data-encrypted"] == "could_not_look"
    finally:
        good(cluster.deploy())
    assert Path(cluster.root / "nats/audit/audit.sarif").exists()
