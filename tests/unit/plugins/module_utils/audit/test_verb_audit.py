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
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import make
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki import calls
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders, trust

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


@pytest.mark.parametrize(
    "content", ["[]", '"made"', '{"made": null}', '{"made": 7}', "{", "\xff", '{"made": "9999-99-99Z"}']
)
def test_what_is_no_report_is_no_audit_before(tmp_path: Path, content: str) -> None:
    (tmp_path / "audit.json").write_bytes(content.encode("latin-1"))
    found, _lines = audited(report_dir=str(tmp_path), fail_on="never", check_mode=True)
    assert "this is the first one" in json.dumps(found["report"])


def test_a_time_without_a_zone_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text('{"made": "2026-11-01T00:00:00"}')
    found, _lines = audited(report_dir=str(tmp_path), fail_on="never", check_mode=True)
    assert found["report"]


@pytest.mark.parametrize("timeout", [0.0, -1.0])
def test_seconds_are_above_none(timeout: float) -> None:
    assert [problem["path"] for problem in audited(timeout=timeout)[0]["problems"]] == ["timeout"]


def test_the_reports_replace_those_before_and_date_the_next(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text('{"made": "2026-06-01T00:00:00Z"}')
    for words in ("was made 181 days ago", "the one before was made on 2026-11-29"):
        found, _lines = audited(report_dir=str(tmp_path), fail_on="never")
        assert words in json.dumps(found["report"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


def test_a_waiver_lets_it_through_until_its_day() -> None:
    def failed(until: str, **more: Any) -> str:
        waivers = [{"control": "proxy-protocol", "reason": "a firewall", "until": until, "subject": "", **more}]
        return str(audited(waivers=waivers)[0]["msg"])

    assert "proxy-protocol" not in failed("2026-11-29") and "proxy-protocol" in failed("2026-11-28")
    assert "proxy-protocol" in failed("2027-01-01", subject="n9")


def test_no_key_of_the_auditor_is_told(tmp_path: Path) -> None:
    pki, _serial = make(tmp_path, "An authority")
    files = {"ca": f"{tmp_path}/ca.crt", "certificate": pki.file("app"), "key": pki.file("app", "key")}
    found, lines = audited(**files, report_dir=str(tmp_path / "r"), fail_on="never")
    key = Path(files["key"]).read_text().splitlines()[1]
    written = "".join(Path(path).read_text() for path in found["files"])
    assert key not in json.dumps(found) + "".join(lines) + written and "PRIVATE" not in written


def test_a_key_without_its_certificate() -> None:
    assert [problem["path"] for problem in audited(key="/k")[0]["problems"]] == ["certificate"]


def findings(found: dict[str, Any], control: str) -> list[tuple[str, str]]:
    """Verdict and evidence."""
    listed = next(each["findings"] for each in found["report"]["controls"] if each["id"] == control)
    return [(each["verdict"], each["evidence"]) for each in listed]


def test_a_store_and_secrets_on_the_controller(tmp_path: Path) -> None:
    assert not trust(tmp_path / "trust", orders()).get("failed")
    pki, _serial = make(tmp_path / "pki", "An authority")
    calls.secret(tmp_path / "secrets", [{"name": "route_password"}])
    (tmp_path / "hosts.yml").write_text("all:\n")
    places = {f"{name}_dir": str(tmp_path / name) for name in ("trust", "pki", "secrets")}
    found, lines = audited(**places, ca=str(pki.folder / "ca.crt"), inventory=[str(tmp_path / "hosts.yml"), "n1,"])
    stored = findings(found, "secrets-stored")
    assert sum("lie in clear text, for their owner alone" in evidence for _verdict, evidence in stored) == 3
    assert ("pass", "1 files hold no key or seed in clear text") in stored
    # No server told its operator, so whose users these are is not known.
    assert any(verdict == "could_not_look" for verdict, _evidence in findings(found, "permissions-limited"))
    seeds = [path.read_text().strip() for path in (tmp_path / "trust").rglob("*.nk")]
    assert seeds and not any(seed in json.dumps(found) + "".join(lines) for seed in seeds)


def test_folders_that_are_not_there_are_told(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    found, _lines = audited(trust_dir=gone, pki_dir=gone, secrets_dir=gone)
    assert ("could_not_look", "it can't be read, or is not there") in findings(found, "secrets-stored")
    assert ("could_not_look", "it holds no operator, so it is no store") in findings(found, "permissions-limited")
    assert not (tmp_path / "gone").exists()
