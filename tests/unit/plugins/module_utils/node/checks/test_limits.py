# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits, timeouts, logging, monitoring, OCSP."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks import limits
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.checks.reading import reads

checked = reads(limits.check)


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"max_payload": "128MB", "max_pending": "64MB"}, "max_payload", "is larger than nats_server_max_pending"),
        ({"max_payload": "8 Megs"}, "max_payload", "is not a size"),
        ({"max_payload": 0}, "max_payload", "out of range"),
        ({"max_control_line": "2GiB"}, "max_control_line", "out of range"),
        ({"max_connections": 0}, "max_connections", "write -1"),
        ({"max_subscriptions": -2}, "max_subscriptions", "at least -1"),
        ({"ping_interval": 120}, "ping_interval", "write a number with its unit"),
        ({"ping_interval": "0s"}, "ping_interval", "is zero"),
        ({"write_deadline": "soon"}, "write_deadline", "is not a duration"),
        ({"ping_max": 0}, "ping_max", "at least 1"),
        ({"lame_duck_duration": "10s"}, "lame_duck_duration", "takes 30s and more"),
        (
            {"lame_duck_duration": "30s", "lame_duck_grace_period": "30s"},
            "lame_duck_grace_period",
            "is not shorter than nats_server_lame_duck_duration",
        ),
        ({"log_size_limit": "big"}, "log_size_limit", "is not a size"),
        ({"monitoring_base_path": "nats"}, "monitoring_base_path", "write /nats"),
        ({"ocsp": {"mode": "always"}}, "ocsp.mode", "refuses to start"),
        ({"ocsp": {"mode": "sometimes"}}, "ocsp.mode", "is not one of auto"),
        ({"ocsp": {"mode": "auto", "urls": ["http://x"]}}, "ocsp.urls", "write url with one responder"),
        ({"ocsp": {"mode": "auto", "cache": 1}}, "ocsp.cache", "write mode and url"),
        ({"ocsp": True}, "ocsp", "where a dictionary is expected"),
    ],
)
def test_what_is_wrong(values: dict[str, Any], path: str, message: str) -> None:
    found = list(checked(values).problems)
    assert [problem.path for problem in found] == [f"nats_server_{path}"]
    assert message in found[0].message


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"max_payload": "16MB", "max_pending": "64MB"}, "max_payload", "larger than 8MiB"),
        ({"log_size_limit": "100MB", "log_max_num": 0}, "log_max_num", "stay for ever"),
        ({"log_file": "/x.log", "log_size_limit": 0}, "log_size_limit", "never rotated"),
        ({"trace": True}, "trace", "written into the log"),
        ({"monitoring_host": "0.0.0.0"}, "monitoring_host", "no authentication"),
        ({"ocsp": {"mode": "always", "url": "http://x"}}, "ocsp.mode", "does not start while its responder"),
        ({"ocsp": {"mode": "always"}, "nats_pki_ocsp_urls": ["http://x"]}, "ocsp.mode", "does not start while its"),
        ({"ocsp": {"mode": "must"}}, "ocsp.mode", "see nats_pki_must_staple"),
        ({"ocsp": {"mode": "never"}, "nats_pki_must_staple": True}, "ocsp.mode", "refuse this server"),
        ({"nats_pki_must_staple": True}, "ocsp", "does not start while its responder"),
    ],
)
def test_what_is_warned_about(values: dict[str, Any], path: str, message: str) -> None:
    reader = checked(values)
    assert list(reader.problems) == []
    assert [problem.path for problem in reader.warnings] == [f"nats_server_{path}"]
    assert message in next(iter(reader.warnings)).message


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"max_payload": "1MiB", "max_pending": "64MiB", "max_connections": -1, "ping_interval": "2m"},
        {"monitoring_host": "::1", "monitoring_base_path": "/nats", "ocsp": {"mode": "auto"}},
        {"monitoring": False, "monitoring_host": "0.0.0.0"},
        {"log_size_limit": "100MiB", "log_max_num": 10, "log_file": "/x.log"},
    ],
)
def test_what_is_fine(values: dict[str, Any]) -> None:
    reader = checked(values)
    assert list(reader.problems) + list(reader.warnings) == []
