# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb: what it takes, what it writes, when it fails."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.verb_audit import FILES, VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=timezone.utc)
DEFAULTS: dict[str, Any] = {name: spec.get("default") for name, spec in VERB.argument_spec.items()}
#: A server without a listener that could be knocked at: nothing of this needs a network.
HOSTS = {
    "h1": {"address": "192.0.2.1", "facts": {"process": {"version": "2.12.5"}, "config": {"proxy_protocol": True}}}
}


def audited(check_mode: bool = False, **params: Any) -> tuple[dict[str, Any], list[str]]:
    lines: list[str] = []
    surroundings = Surroundings(check_mode=check_mode, now=NOW, seal=NoSeal(), progress=lines.append)
    return perform(VERB, {**DEFAULTS, "hosts": HOSTS, **params}, surroundings), lines


def test_it_fails_where_a_control_does_not_hold_and_says_which() -> None:
    found, lines = audited()
    assert found["failed"] and "version" in found["msg"] and "proxy-protocol" in found["msg"]
    assert any("CVE-2026-33223" in line for line in lines)
    assert found["report"]["schema"] == "aegis.nats/audit/1" and found["changed"] is False


def test_never_does_not_fail() -> None:
    assert not audited(fail_on="never")[0].get("failed")


def test_what_could_not_be_looked_at_fails_with_warnings() -> None:
    silent = {"h1": {"address": "192.0.2.1", "facts": {"msg": "the host could not be reached"}}}
    found, _lines = audited(hosts=silent, fail_on="warn")
    assert found["failed"] and "data-encrypted" in found["msg"]


def test_reports_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    place = tmp_path / "a" / "reports"
    found, _lines = audited(report_dir=str(place), fail_on="never")
    assert found["files"] == [str(place / name) for name in FILES]
    for name in FILES:
        assert (place / name).stat().st_mode & 0o777 == 0o600
    assert json.loads((place / "audit.json").read_text())["made"].startswith("2026-11-29T12:00")


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    found, _lines = audited(check_mode=True, report_dir=str(tmp_path / "reports"), fail_on="never")
    assert found["files"] == [] and not (tmp_path / "reports").exists()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ("2026-11-01T00:00:00Z", "the one before was made on 2026-11-01"),
        ("2026-06-01T00:00:00Z", "was made 181 days ago"),
        ("yesterday", "this is the first one"),
    ],
)
def test_the_audit_before(tmp_path: Path, made: str, words: str) -> None:
    (tmp_path / "audit.json").write_text(json.dumps({"made": made}))
    found, _lines = audited(report_dir=str(tmp_path), fail_on="never", check_mode=True)
    assert words in json.dumps(found["report"])


def test_bad_input_is_told_at_once() -> None:
    waivers = [{"control": "log", "reason": "", "until": "soon", "subject": ""}]
    found, _lines = audited(hosts={"h1": "x"}, waivers=waivers, servers=["http://a"], ca="/gone")
    assert {problem["path"] for problem in found["problems"]} == {
        "ca",
        "waivers[0].control",
        "waivers[0].reason",
        "waivers[0].until",
        "hosts.h1",
        "servers[0]",
    }


def test_nothing_to_look_at() -> None:
    found, _lines = audited(hosts={})
    assert [problem["path"] for problem in found["problems"]] == ["hosts"]
