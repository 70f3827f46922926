# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The input of account_push: everything wrong is told before a server is asked."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.resolver.verb_account_push import VERB
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority, Tree, free_ports, new_key

TREE = Tree()


@pytest.fixture
def params(tmp_path: Path) -> dict[str, Any]:
    keys = new_key(Role.ACCOUNT)
    certificate, key = Authority(tmp_path).leaf("client")
    (tmp_path / "sys.creds").write_bytes(TREE.user_creds(TREE.system, "sys"))
    return {
        "servers": [f"tls://127.0.0.1:{free_ports(1)[0]}"],
        "expect": ["n1"],
        "expect_count": None,
        "creds": str(tmp_path / "sys.creds"),
        "ca": str(tmp_path / "ca.pem"),
        "certificate": str(certificate),
        "key": str(key),
        "tls_hostname": None,
        "timeout": 2.0,
        "operator_keys": [TREE.signing.public_key],
        "accounts": [{"name": "A", "public_key": keys.public_key, "jwt": TREE.account_jwt(keys, "A")}],
    }


def run(params: dict[str, Any], **changes: Any) -> dict[str, Any]:
    surroundings = Surroundings(False, datetime.now(timezone.utc), NoSeal())
    return perform(VERB, {**params, **changes}, surroundings)


def test_sound_input_goes_on_to_the_servers(params: dict[str, Any]) -> None:
    assert "nothing listens there" in run(params)["msg"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"servers": []}, "servers"),
        ({"servers": ["127.0.0.1:4222"]}, "servers[0]"),
        ({"expect": []}, "expect"),
        ({"expect": None, "expect_count": 0}, "expect_count"),
        ({"caching": ["n2", "n1"]}, "expect[0]"),
        ({"creds": "/nonexistent"}, "creds"),
        ({"ca": "/nonexistent"}, "ca"),
        ({"key": None}, "key"),
        ({"timeout": 0.0}, "timeout"),
        ({"operator_keys": []}, "accounts[0].jwt"),
    ],
)
def test_each_problem_has_its_path(params: dict[str, Any], changes: dict[str, Any], path: str) -> None:
    result = run(params, **changes)
    assert result["failed"] and [problem["path"] for problem in result["problems"]] == [path], result["msg"]


def test_all_problems_come_together(params: dict[str, Any]) -> None:
    result = run(params, servers=["x"], creds="/nonexistent", operator_keys=[], timeout=-1.0)
    assert [problem["path"] for problem in result["problems"]] == ["timeout", "servers[0]", "creds", "accounts[0].jwt"]


def test_servers_that_are_still_to_be_started_have_nothing(params: dict[str, Any]) -> None:
    """The creds are not there yet either; the system account comes with the configuration."""
    system = new_key(Role.ACCOUNT)
    accounts = [
        *params["accounts"],
        {"name": "SYS", "public_key": system.public_key, "jwt": TREE.account_jwt(system, "SYS"), "system": True},
    ]
    planned = {**params, "expect": [], "coming": ["n2", "n1"], "creds": "/nonexistent", "accounts": accounts}
    result = perform(VERB, planned, Surroundings(True, datetime.now(timezone.utc), NoSeal()))
    assert result["changed"], result
    assert result["reasons"] == ["A: n1 does not have it", "A: n2 does not have it"]
    assert result["pushed"] == ["A"]
    assert [problem["path"] for problem in run(params, expect=[], coming=["n1"])["problems"]] == ["expect"]
