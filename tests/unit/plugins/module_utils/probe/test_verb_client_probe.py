# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The input and the outcome of client_probe."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.run import Verdict
from ansible_collections.aegis.nats.plugins.module_utils.probe.verb_client_probe import VERB, _outcome
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority, Tree, free_ports, new_key


@pytest.fixture
def params(tmp_path: Path) -> dict[str, Any]:
    certificate, key = Authority(tmp_path).leaf("client")
    (tmp_path / "u.creds").write_bytes(Tree().user_creds(new_key(Role.ACCOUNT), "u"))
    return {
        "servers": [f"tls://127.0.0.1:{free_ports(1)[0]}"],
        "ca": str(tmp_path / "ca.pem"),
        "certificate": str(certificate),
        "key": str(key),
        "tls_hostname": None,
        "timeout": 2.0,
        "clients": [{"name": "u", "creds": str(tmp_path / "u.creds")}],
        "checks": [{"kind": "connect"}],
    }


def run(params: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return perform(VERB, {**params, **changes}, Surroundings(False, datetime.now(timezone.utc), NoSeal()))


def test_sound_input_goes_on_to_the_servers(params: dict[str, Any]) -> None:
    result = run(params)
    assert result["failed"] and not result["changed"] and "nothing listens there" in result["checks"][0]["detail"]


def test_all_problems_come_together(params: dict[str, Any]) -> None:
    clients = [*params["clients"], {"name": "u"}, {"name": "v", "creds": "/nonexistent", "key": "/nonexistent"}]
    result = run(params, servers=["x"], ca="/nonexistent", timeout=0.0, clients=clients, checks=[{"kind": "x"}])
    assert [problem["path"] for problem in result["problems"]] == [
        "timeout",
        "servers[0]",
        "ca",
        "clients[1].name",
        "clients[2].certificate",
        "clients[2].creds",
        "checks[0].kind",
    ]
    assert "checks" not in result


def test_one_wrong_check_fails_and_is_told() -> None:
    checks = [Check("a", "connect"), Check("b", "publish")]
    values = _outcome(checks, [Verdict("a", True, "let in"), Verdict("b", False, "permitted")]).values
    assert values["failed"] and values["msg"] == "1 of 2 checks are not as expected:\n  - b: permitted"
    assert [found["ok"] for found in values["checks"]] == [True, False]


def test_only_a_stream_that_is_kept_is_a_change() -> None:
    kept, gone = Check("a", "stream_roundtrip", stream="KEPT", keep=True), Check("b", "stream_roundtrip")
    outcome = _outcome([kept, gone], [Verdict("a", True, ""), Verdict("b", True, "")])
    assert outcome.plan.reasons == ("stream KEPT: kept",) and "failed" not in outcome.values
    assert not _outcome([gone], [Verdict("b", True, "")]).plan.changed
    assert not _outcome([kept], [Verdict("a", True, "", skipped=True)]).plan.changed
