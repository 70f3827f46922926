# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a log holds that it should not, and who looks after it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.audit import logs

SEED = "SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("[INF] Removed route nats://route:hush-Zq7@10.0.0.1:6222", "a password in a URL"),
        (f"seed {SEED}", "a seed"),
        ("-----BEGIN EC PRIVATE KEY-----", "a private key"),
        ("[ERR] config reload not supported for JetStreamKey: old=hush, new=hush2", "an old and a new key"),
        ("jwt eyJhbGciOiJlZDI1NTE5In0.eyJzdWIiOiJVQUJDIn0.c2lnbmF0dXJlLi4u", "a user's JWT"),
    ],
)
def test_secrets_are_found_and_not_repeated(tmp_path: Path, line: str, kind: str) -> None:
    place = tmp_path / "nats.log"
    place.write_text(f"nothing\n{line}\nnothing\n{line}\n")
    found = logs.search(str(place))
    assert found == [{"kind": kind, "line": 2, "times": 2}]


@pytest.mark.parametrize(
    "line",
    [
        "[INF] Server is ready",
        "[INF] Listening for client connections on tls://0.0.0.0:4222",
        "[DBG] Trying to connect to route nats://route:[REDACTED]@10.0.0.1:6222",
        "nats://route:*****@10.0.0.1:6222",
        "UABC authorization violation",
    ],
)
def test_what_is_no_secret(tmp_path: Path, line: str) -> None:
    place = tmp_path / "nats.log"
    place.write_text(f"{line}\n")
    assert logs.search(str(place)) == []


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MOST", 100)
    place = tmp_path / "nats.log"
    place.write_text(f"{SEED}\n" + "x" * 200)
    assert logs.search(str(place)) == []


def test_who_turns_it_over(tmp_path: Path) -> None:
    assert logs.turned_over_by(None, {}) == "the journal"
    assert logs.turned_over_by("/var/log/a.log", {"log_size_limit": 1, "log_max_num": 2}) == "nats-server"
    assert logs.turned_over_by("/var/log/a.log", {"log_size_limit": 1}, str(tmp_path)) == ""
    assert logs.turned_over_by("/var/log/a.log", {}, str(tmp_path / "gone")) == ""
    (tmp_path / "nats").write_text("/var/log/nats/*.log {\n  weekly\n}\n")
    assert logs.turned_over_by("/var/log/nats/a.log", {}, str(tmp_path)) == "logrotate (nats)"
    assert logs.turned_over_by("/var/log/other/a.log", {}, str(tmp_path)) == ""


def test_who_carries_it_away() -> None:
    assert logs.shippers(["bash", "vector", "otelcol", "vector"]) == ["otelcol", "vector"]
    assert logs.programs()
