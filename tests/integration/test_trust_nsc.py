# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nsc, the official tool, reads and continues what we made, and we what it made. AEGIS_NSC names it, or PATH has it."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.official.official import NSC, needs_nsc
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import NOW, ORDERS, key, orders, trust
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_verb_trust_info import info

STRANGER, OTHER = key(Role.USER, 9).public_key, key(Role.USER, 8).public_key
OTHER_ACCOUNT = key(Role.ACCOUNT, 9).public_key
pytestmark = needs_nsc


class Nsc:
    """nsc on one store, with a home of its own."""

    def __init__(self, home: Path, store: Path) -> None:
        self.home, self.store = home, store

    def __call__(self, *arguments: str) -> str:
        places = ["--config-dir", f"{self.home}/config", "--data-dir", f"{self.store}/stores"]
        command = [str(NSC), *places, "--keystore-dir", f"{self.store}/keys", *arguments]
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "XDG_CONFIG_HOME": f"{self.home}/x"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def describe(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self("describe", *arguments, "--json"))
        return found


@pytest.fixture
def nsc(tmp_path: Path) -> Nsc:
    return Nsc(tmp_path / "home", tmp_path / "store")


def user_of(nsc: Nsc, account: str, name: str, operator: str) -> tokens.Token:
    return tokens.read(creds.read((nsc.store / f"keys/creds/{operator}/{account}/{name}.creds").read_bytes()).token)


def test_nsc_finds_no_fault_in_ours(nsc: Nsc) -> None:
    trust(nsc.store, ORDERS)
    nsc("env", "-o", "Acme")
    told = nsc("validate", "--all-accounts")
    assert told.count("No issues found") == 4, told
    assert {"TeamAlpha", "ExternalPartner", "SYS"} <= set(nsc("list", "accounts").split())
    assert nsc.describe("account", "TeamAlpha")["nats"]["limits"]["conn"] == 500
    user = nsc.describe("user", "-a", "TeamAlpha", "order-service")
    assert user["nats"]["pub"] == {"allow": ["orders.>"], "deny": ["orders.admin.>"]}


def test_nsc_goes_on_with_ours_and_we_with_its(nsc: Nsc) -> None:
    """It adds a user with our keys; we take that user over; an account whose user it adds keeps its revocations."""
    trust(nsc.store, ORDERS)
    nsc("env", "-o", "Acme")
    nsc("add", "user", "-a", "TeamAlpha", "-n", "late", "--allow-pub", "late.>")
    nsc("revocations", "add-user", "-a", "TeamAlpha", "-n", "order-service")
    key = user_of(nsc, "TeamAlpha", "late", "Acme").subject
    raw = orders()
    assert trust(nsc.store, raw)["absent"] == ["user TeamAlpha/late"]
    raw["accounts"][0]["users"].append({"name": "late", "publish": {"allow": ["late.>", "later.>"]}})
    raw["accounts"][0]["description"] = "changed"
    found = trust(nsc.store, raw)
    assert found["reasons"] == [
        'account TeamAlpha: description: nothing becomes "changed"',
        'user late: publish.allow adds "later.>"',
    ]
    assert user_of(nsc, "TeamAlpha", "late", "Acme").subject == key
    assert len(nsc.describe("account", "TeamAlpha")["nats"]["revocations"]) == 1
    assert "No issues found" in nsc("validate", "-a", "TeamAlpha")


def made_by_nsc(nsc: Nsc, signing_keys: bool) -> None:
    nsc("add", "operator", "-n", "Op", "--sys", *(["--generate-signing-key"] if signing_keys else []))
    if signing_keys:
        nsc("edit", "operator", "--require-signing-keys")
    nsc("add", "account", "A")
    if signing_keys:
        nsc("edit", "account", "A", "--sk", "generate")
    nsc("edit", "account", "A", "--conns", "10", "--js-disk-storage", "1G", "--js-mem-storage", "1M")
    nsc("add", "export", "-a", "A", "--name", "Help", "--subject", "help", "--service")
    nsc("add", "user", "-a", "A", "-n", "u", "--allow-pub", "a.>", "--allow-sub", "b.>,c.> q", "--allow-pub-response")


def same_tree(strict: bool) -> dict[str, Any]:
    """What ``made_by_nsc`` made, in our words."""
    count = 1 if strict else 0
    monitored: list[dict[str, Any]] = [
        {
            "name": "account-monitoring-services",
            "subject": "$SYS.REQ.ACCOUNT.*.*",
            "type": "service",
            "response_type": "Stream",
            "account_token_position": 4,
        },
        {
            "name": "account-monitoring-streams",
            "subject": "$SYS.ACCOUNT.*.>",
            "type": "stream",
            "account_token_position": 3,
        },
    ]
    endpoints = "SUBSZ, CONNZ, LEAFZ, JSZ and INFO"
    monitored[0]["description"] = f"Request account specific monitoring services for: {endpoints}"
    monitored[1]["description"] = "Account specific monitoring stream"
    for export in monitored:
        export["info_url"] = "https://docs.nats.io/nats-server/configuration/sys_accounts"
    return {
        "operator": {"name": "Op", "signing_keys": count, "strict_signing_key_usage": strict},
        "system_account": {"name": "SYS", "signing_keys": 1, "exports": monitored, "users": [{"name": "sys"}]},
        "accounts": [
            {
                "name": "A",
                "signing_keys": count,
                "limits": {"connections": 10, "jetstream": {"disk": "1G", "memory": "1M"}},
                "exports": [{"name": "Help", "subject": "help", "type": "service", "response_type": "Singleton"}],
                "users": [
                    {
                        "name": "u",
                        "publish": {"allow": ["a.>"]},
                        "subscribe": {"allow": ["b.>", "c.> q"]},
                        "responses": {"max": 1},
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize("strict", [True, False])
def test_a_store_made_by_nsc_is_taken_over_as_it_is(nsc: Nsc, strict: bool) -> None:
    made_by_nsc(nsc, strict)
    before = {path: path.read_bytes() for path in nsc.store.rglob("*") if path.is_file()}
    found = trust(nsc.store, same_tree(strict))
    assert found.get("failed") is None, found
    keys = set(nsc.store.rglob("*.nk"))
    assert found["reasons"] == []
    assert keys == {path for path in before if path.suffix == ".nk"}
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("strict", [True, False])
def test_a_store_made_by_nsc_is_continued(nsc: Nsc, strict: bool) -> None:
    made_by_nsc(nsc, strict)
    raw = same_tree(strict)
    key = user_of(nsc, "A", "u", "Op").subject
    raw["accounts"][0]["users"] += [{"name": "v"}]
    raw["accounts"][0]["users"][0]["tags"] = ["x"]
    found = trust(nsc.store, raw, NOW)
    assert found["reasons"] == ['user u: tags adds "x"', "user v is new"]
    assert user_of(nsc, "A", "u", "Op").subject == key
    assert nsc("validate", "-a", "A").count("No issues found") >= 1
    assert nsc.describe("user", "-a", "A", "v")["sub"] == user_of(nsc, "A", "v", "Op").subject


def test_a_role_of_nsc_is_taken_over_and_continued(nsc: Nsc) -> None:
    made_by_nsc(nsc, True)
    nsc("edit", "signing-key", "-a", "A", "--role", "reader", "--sk", "generate", "--allow-sub", "orders.>")
    nsc("add", "user", "-a", "A", "-n", "r", "-K", "reader")
    raw = same_tree(True)
    assert trust(nsc.store, raw)["absent"] == ["user A/r", "role A/reader"]
    raw["accounts"][0]["signing_keys"] = [{"role": "reader", "template": {"subscribe": {"allow": ["orders.>"]}}}]
    raw["accounts"][0]["users"].append({"name": "r", "role": "reader"})
    found = trust(nsc.store, raw)
    assert (found["reasons"], found["absent"]) == ([], [])
    raw["accounts"][0]["users"].append({"name": "s", "role": "reader"})
    assert trust(nsc.store, raw)["reasons"] == ["user s is new"]
    assert "No issues found" in nsc("validate", "-a", "A")
    key = nsc.describe("account", "A")["nats"]["signing_keys"]
    issuer = user_of(nsc, "A", "s", "Op").issuer
    assert issuer in [each.get("key") for each in key if isinstance(each, dict)]


def test_nsc_finds_no_fault_in_the_whole_model(nsc: Nsc) -> None:
    raw = orders()
    alpha, partner = raw["accounts"]
    alpha["exports"][0].update(token_required=True, revocations=[{"account": "SYS", "before": NOW}])
    alpha["signing_keys"] = [1, {"role": "reader", "description": "d", "template": {"subscribe": {"allow": ["a.>"]}}}]
    alpha["users"].append({"name": "r", "role": "reader"})
    alpha["mappings"] = [{"subject": "a", "to": [{"subject": "b", "weight": 40}, {"subject": "c", "weight": 60}]}]
    alpha["trace"] = {"destination": "traces", "sampling": 50}
    alpha["cluster_traffic"] = "owner"
    alpha["revocations"] = [{"user": "*", "before": "2020-01-01T00:00:00Z"}]
    partner["auth_callout"] = {"users": ["gateway"], "allowed_accounts": ["TeamAlpha"]}
    found = trust(nsc.store, raw)
    assert found.get("failed") is None, found
    nsc("env", "-o", "Acme")
    assert nsc("validate", "--all-accounts").count("No issues found") == 4
    assert not trust(nsc.store, raw)["changed"]
    claims = nsc.describe("account", "TeamAlpha")["nats"]
    assert claims["trace"] == {"dest": "traces", "sampling": 50}
    assert claims["mappings"] == {"a": [{"subject": "b", "weight": 40}, {"subject": "c", "weight": 60}]}
    assert len(nsc.describe("account", "ExternalPartner")["nats"]["imports"][0]["token"]) > 100


def everything_nsc_can_say(nsc: Nsc) -> None:
    """One of each kind of claim, by nsc's own commands."""
    made_by_nsc(nsc, True)
    nsc(
        "edit",
        "operator",
        "--service-url",
        "tls://h:4222",
        "--account-jwt-server-url",
        "https://h/jwt",
        "--tag",
        "prod",
    )
    nsc("edit", "operator", "--sk", "generate")
    nsc("edit", "account", "A", "--description", "d", "--info-url", "https://h/a", "--tag", "t", "--sk", "generate")
    nsc("edit", "account", "A", "--data", "5G", "--payload", "1M", "--subscriptions", "7", "--leaf-conns", "3")
    nsc("edit", "account", "A", "--deny-pub", "no.>", "--allow-sub", "yes.>", "--disallow-bearer", "--expiry", "1y")
    nsc("edit", "account", "A", "--trace-context-subject", "traces", "--trace-context-sampling", "20")
    nsc("add", "mapping", "-a", "A", "--from", "m.*", "--to", "n.$1", "--weight", "30", "--cluster", "c")
    nsc("add", "mapping", "-a", "A", "--from", "x", "--to", "y")
    nsc("add", "export", "-a", "A", "--name", "P", "--subject", "p.>", "--private")
    nsc("add", "export", "-a", "A", "--name", "Q", "--subject", "q.*", "--account-token-position", "2")
    nsc("add", "export", "-a", "A", "--name", "R", "--subject", "r", "--service", "--response-type", "Stream")
    nsc(
        "add", "export", "-a", "A", "--name", "L", "--subject", "l", "--service", "--latency", "lat", "--sampling", "50"
    )
    nsc("add", "user", "-a", "A", "-n", "gone")
    nsc("add", "user", "-a", "A", "-n", "full", "--deny-pub", "z", "--source-network", "10.0.0.0/8", "--expiry", "30d")
    nsc("edit", "user", "-a", "A", "-n", "full", "--time", "08:00:00-18:00:00", "--locale", "Europe/Berlin")
    nsc("edit", "user", "-a", "A", "-n", "full", "--conn-type", "MQTT", "--tag", "v", "--subs", "5", "--payload", "10")
    nsc("add", "user", "-a", "A", "-n", "own", "--public-key", STRANGER)
    nsc("edit", "signing-key", "-a", "A", "--role", "reader", "--sk", "generate", "--allow-sub", "orders.>", "--bearer")
    nsc(
        "edit", "signing-key", "-a", "A", "--sk", "generate", "--allow-pub", "{{name()}}.>", "--description", "nameless"
    )
    nsc("add", "user", "-a", "A", "-n", "with-role", "-K", "reader")
    nsc("revocations", "add-user", "-a", "A", "-n", "gone")
    nsc("revocations", "add-user", "-a", "A", "-u", OTHER)
    nsc("add", "account", "B")
    nsc(
        "edit",
        "account",
        "B",
        "--sk",
        "generate",
        "--js-tier",
        "3",
        "--js-disk-storage",
        "1G",
        "--js-mem-storage",
        "1M",
    )
    public = nsc.describe("account", "B")["sub"]
    activation = nsc.home / "activation.jwt"
    nsc("generate", "activation", "-a", "A", "-s", "p.>", "-t", public, "-o", str(activation))
    nsc("add", "import", "-a", "B", "--token", str(activation), "--local-subject", "mine.>")
    source = nsc.describe("account", "A")["sub"]
    nsc("add", "import", "-a", "B", "--src-account", source, "--remote-subject", "help", "--service", "--share")
    nsc("revocations", "add-activation", "-a", "A", "-s", "p.>", "-t", OTHER_ACCOUNT)
    nsc("add", "user", "-a", "B", "-n", "decides")
    decides = nsc.describe("user", "-a", "B", "decides")["sub"]
    nsc("edit", "authcallout", "-a", "B", "--auth-user", decides, "--allowed-account", source, "--curve", "generate")
    more_that_nsc_can_say(nsc)


def more_that_nsc_can_say(nsc: Nsc) -> None:
    """What is taken from a time on, every limit, changes and removals; an account with an end of its own."""
    nsc("edit", "operator", "--expiry", "3y", "--start", "2021-01-01")
    nsc("add", "account", "C", "--expiry", "1y", "--start", "2022-02-02", "--allow-pub", "c.>", "--deny-sub", "d.>")
    nsc(
        "edit", "account", "C", "--imports", "5", "--exports", "5", "--wildcard-exports=false", "--allow-pub-response=3"
    )
    nsc("edit", "account", "C", "--response-ttl", "5s")
    each = ("--js-consumer", "4", "--js-streams", "3", "--js-max-ack-pending", "2", "--js-max-bytes-required")
    nsc("edit", "account", "C", "--js-disk-storage", "2G", "--js-max-disk-stream", "1G", *each)
    nsc("edit", "account", "C", "--js-mem-storage", "2M", "--js-max-mem-stream", "1M")
    nsc("edit", "account", "C", "--sk", "generate")
    nsc("add", "account", "D", "--public-key", OTHER_ACCOUNT)
    nsc("edit", "account", "D", "--js-enable", "0")
    nsc("edit", "account", "D", "--js-enable", "1")
    nsc("add", "account", "Gone")
    nsc("delete", "account", "Gone", "--force", "--rm-nkey", "--rm-creds")
    service = ("--service", "--allow-trace", "--response-type", "Chunked", "--response-threshold", "2s")
    nsc("add", "export", "-a", "C", "--name", "S", "--subject", "s", *service)
    nsc(
        "add",
        "export",
        "-a",
        "C",
        "--name",
        "T",
        "--subject",
        "t",
        "--service",
        "--latency",
        "l",
        "--sampling",
        "header",
    )
    nsc("edit", "export", "-a", "C", "--subject", "s", "--description", "d", "--info-url", "https://h/s", "--private")
    nsc("add", "export", "-a", "C", "--name", "X", "--subject", "x")
    nsc("delete", "export", "-a", "C", "--subject", "x")
    nsc("add", "user", "-a", "C", "-n", "later", "--start", "2023-03-03", "--expiry", "1y", "--bearer", "--tag", "T,u")
    nsc("edit", "user", "-a", "C", "-n", "later", "--data", "7", "--conn-type", "LEAFNODE", "--allow-pub-response=-1")
    nsc("add", "user", "-a", "C", "-n", "left")
    nsc("delete", "user", "-a", "C", "-n", "left", "--revoke")
    nsc("revocations", "add-user", "-a", "C", "-u", "*", "--at", "2020-01-01T00:00:00Z")
    nsc("add", "user", "-a", "C", "-n", "back")
    nsc("revocations", "add-user", "-a", "C", "-n", "back")
    nsc("revocations", "delete-user", "-a", "C", "-n", "back")
    nsc("add", "mapping", "-a", "C", "--from", "gone", "--to", "away")
    nsc("delete", "mapping", "-a", "C", "--from", "gone")
    everything = (
        "--conn-type",
        "MQTT",
        "--source-network",
        "10.0.0.0/8",
        "--time",
        "01:00:00-02:00:00",
        "--locale",
        "UTC",
    )
    sized = ("--subs", "3", "--data", "4", "--payload", "5", "--response-ttl", "1m", "--allow-pub-response=2")
    key = ("edit", "signing-key", "-a", "C", "--role", "all", "--sk", "generate")
    nsc(
        *key,
        *everything,
        *sized,
        "--locale",
        "UTC",
        "--deny-pub",
        "a",
        "--deny-sub",
        "b q",
        "--description",
        "all that there is",
    )
    nsc("add", "user", "-a", "C", "-n", "has-all", "-K", "all")


def test_everything_that_nsc_says_is_told_as_a_tree_that_changes_nothing(nsc: Nsc) -> None:
    everything_nsc_can_say(nsc)
    before = {path: path.read_bytes() for path in nsc.store.rglob("*") if path.is_file()}
    told = info(nsc.store, datetime.now(timezone.utc))
    assert told.get("failed") is None, told
    assert told.get("warnings") is None
    found = trust(nsc.store, told["tree"], datetime.now(timezone.utc))
    assert found.get("failed") is None, found["msg"]
    assert (found["reasons"], found["absent"]) == ([], [])
    assert all(path.read_bytes() == content for path, content in before.items())
    assert set(nsc.store.rglob("*.nk")) == {path for path in before if path.suffix == ".nk"}


def test_what_nsc_changes_in_ours_is_told_as_drift_and_repaired(nsc: Nsc) -> None:
    raw = orders()
    trust(nsc.store, raw)
    nsc("env", "-o", "Acme")
    nsc("edit", "operator", "--tag", "by-hand")
    nsc("edit", "account", "TeamAlpha", "--conns", "3", "--js-disk-storage", "5G")
    nsc("edit", "user", "-a", "TeamAlpha", "-n", "order-service", "--allow-pub", "more.>", "--start", "2020-01-01")
    nsc("add", "export", "-a", "ExternalPartner", "--name", "E", "--subject", "e.>")
    nsc("delete", "import", "-a", "ExternalPartner", "--subject", "orders.public.>")
    foreseen = trust(nsc.store, raw, datetime.now(timezone.utc), check_mode=True)
    found = trust(nsc.store, raw, datetime.now(timezone.utc))
    assert foreseen["reasons"] == found["reasons"]
    told = "\n".join(found["reasons"])
    for part in (
        'operator Acme: tags drops "by-hand"',
        "account TeamAlpha: limits.connections: 3 becomes 500",
        "account TeamAlpha: limits.jetstream.disk: 5000000000 becomes 10000000000",
        'user order-service: publish.allow drops "more.>"',
        "user order-service: not_before: 2020-01-01T00:00:00Z becomes nothing",
        "account ExternalPartner: exports",
        "account ExternalPartner: imports",
    ):
        assert part in told, told
    assert nsc("validate", "--all-accounts").count("No issues found") == 4
    assert not trust(nsc.store, raw)["changed"]
    assert nsc.describe("account", "TeamAlpha")["nats"]["limits"]["conn"] == 500


def test_an_operator_that_nsc_gave_another_identity_is_continued(nsc: Nsc) -> None:
    raw = orders()
    trust(nsc.store, raw)
    nsc("env", "-o", "Acme")
    nsc("reissue", "operator", "--convert-to-signing-key")
    told = info(nsc.store, datetime.now(timezone.utc))
    found = trust(nsc.store, told["tree"], datetime.now(timezone.utc))
    assert (found["reasons"], found["absent"]) == ([], [])
    raw["accounts"][0]["description"] = "after"
    found = trust(nsc.store, raw, datetime.now(timezone.utc))
    assert 'account TeamAlpha: description: nothing becomes "after"' in found["reasons"]
    assert nsc("validate", "--all-accounts").count("No issues found") == 4


def test_nsc_makes_creds_and_a_configuration_of_ours(nsc: Nsc) -> None:
    trust(nsc.store, ORDERS)
    nsc("env", "-o", "Acme")
    made = nsc.home / "made.creds"
    nsc("generate", "creds", "-a", "TeamAlpha", "-n", "order-service", "-o", str(made))
    ours = nsc.store / "keys/creds/Acme/TeamAlpha/order-service.creds"
    assert creds.read(made.read_bytes()) == creds.read(ours.read_bytes())
    nsc("generate", "config", "--nats-resolver", "--config-file", str(nsc.home / "resolver.conf"))
    assert (nsc.store / "stores/Acme/Acme.jwt").read_text() in (nsc.home / "resolver.conf").read_text()


def test_what_nsc_deletes_of_ours_is_made_anew_and_what_it_adds_stays(nsc: Nsc) -> None:
    raw = orders()
    trust(nsc.store, raw)
    nsc("env", "-o", "Acme")
    key = user_of(nsc, "TeamAlpha", "order-service", "Acme").subject
    nsc("delete", "user", "-a", "TeamAlpha", "-n", "order-service")
    nsc("edit", "account", "TeamAlpha", "--sk", "generate")
    nsc("add", "account", "Extra")
    found = trust(nsc.store, raw, datetime.now(timezone.utc))
    assert (found["reasons"], found["absent"]) == (["user order-service is new"], ["account Extra"])
    assert user_of(nsc, "TeamAlpha", "order-service", "Acme").subject != key
    assert len(nsc.describe("account", "TeamAlpha")["nats"]["signing_keys"]) == 2
    assert "Extra" in nsc("list", "accounts")
