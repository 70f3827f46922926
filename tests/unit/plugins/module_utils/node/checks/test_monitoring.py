# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.limits import is_loopback
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.monitoring import (
    key_folder,
    monitoring_problems,
    stale_targets,
    target_files,
)
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.keys.test_der import certificate

HASH = "$2a$11$" + "a" * 53
GOOD: dict[str, Any] = {
    "service_manager": "systemd",
    "become": True,
    "exporter": True,
    "install_method": "archive",
    "binary_src": "",
    "exporter_host": "127.0.0.1",
    "exporter_port": 7777,
    "certificate": "",
    "key": "",
    "password_hash": "",
    "server_url": "http://127.0.0.1:8222",
    "server_monitoring": True,
    "jetstream": "all",
    "metrics": ["varz", "healthz"],
    "prometheus": "hosts",
    "scrape_address": "192.0.2.11",
    "scrape_ca": "",
    "scrape_password_file": "",
    "scrape_interval": "15s",
    "alert_for": "1m30s",
    "expiry_interval": 300,
}
OPEN = {
    "exporter_host": "0.0.0.0",
    "certificate": "/c",
    "key": "/k",
    "password_hash": HASH,
    "scrape_password_file": "/p",
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        OPEN,
        {**OPEN, "prometheus": "central", "password_hash": HASH.replace("2a", "2b")},
        {"prometheus": "central", "scrape_address": "127.0.0.1"},
        {"prometheus": "none", "password_hash": HASH},
        {**OPEN, "key": ""},
        {"exporter": False, "metrics": [], "install_method": "?", "exporter_host": "0.0.0.0"},
        {"expiry_interval": "60", "exporter_port": "7777", "alert_for": "0"},
    ],
)
def test_what_is_right(more: dict[str, Any]) -> None:
    assert monitoring_problems({**GOOD, **more}) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"service_manager": "init"}, ["nats_monitoring_service_manager: 'init' is none of systemd, process"]),
        ({"prometheus": "here"}, ["nats_monitoring_prometheus: 'here' is none of"]),
        ({"install_method": "apt"}, ["nats_monitoring_exporter_install_method: 'apt' is none of archive"]),
        ({"install_method": "local"}, ["nats_monitoring_exporter_binary_src: is empty"]),
        ({"install_method": "local", "binary_src": "/absent"}, ["exporter_binary_src: /absent is not there"]),
        ({"jetstream": "some"}, ["nats_monitoring_exporter_jetstream: 'some' is none of ''"]),
        ({"metrics": ["varz", "healthz", "ipz"]}, ["nats_monitoring_exporter_metrics: ipz: is none of"]),
        ({"metrics": ["varz"]}, ["the alert rules need varz and healthz"]),
        ({"exporter_port": 0}, ["nats_monitoring_exporter_port: '0' is no port"]),
        ({"exporter_port": "x"}, ["nats_monitoring_exporter_port: 'x' is no port"]),
        ({"server_monitoring": False}, ["nats_server_monitoring: is false"]),
        ({"server_url": "127.0.0.1:8222"}, ["nats_monitoring_server_url: '127.0.0.1:8222' is no URL"]),
        ({"scrape_interval": "15"}, ["nats_monitoring_scrape_interval: '15' is no duration"]),
        ({"alert_for": ""}, ["nats_monitoring_alert_for: '' is no duration"]),
        ({"expiry_interval": 0}, ["nats_monitoring_expiry_interval: 0 is no number of seconds"]),
        ({"expiry_interval": "5m"}, ["nats_monitoring_expiry_interval: '5m' is no number of seconds"]),
        ({"key": "/k"}, ["nats_monitoring_exporter_certificate: is empty"]),
        ({**OPEN, "password_hash": "secret"}, ["nats_monitoring_exporter_password_hash: is no bcrypt hash"]),
        ({**OPEN, "certificate": "", "key": ""}, ["is no loopback address: give the exporter"]),
        ({**OPEN, "password_hash": ""}, ["a password is the only thing that the exporter asks for"]),
        ({**OPEN, "scrape_password_file": ""}, ["nats_monitoring_scrape_password_file: is empty"]),
        ({"prometheus": "central"}, ["which no other host reaches"]),
        ({"service_manager": "init", "exporter_port": 0}, ["service_manager", "exporter_port"]),
    ],
)
def test_what_is_wrong(more: dict[str, Any], words: list[str]) -> None:
    found = monitoring_problems({**GOOD, **more})
    assert len(found) == len(words)
    assert all(word in problem for word, problem in zip(words, found)), found
    assert "secret" not in " ".join(found)


def test_a_program_on_the_controller(tmp_path: Path) -> None:
    (tmp_path / "exporter").touch()
    assert monitoring_problems({**GOOD, "install_method": "local", "binary_src": f"{tmp_path}/exporter"}) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "n1.example.com"])
def test_no_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_the_key_of_a_certificate() -> None:
    text, made = certificate(datetime(2030, 1, 1, tzinfo=timezone.utc), 7)
    assert key_folder(text) == f"server-{facts.read(made).spki_sha256[:16]}"
    with pytest.raises(ValueError, match="no certificate"):
        key_folder("")


def test_targets_that_are_no_more() -> None:
    paths = [f"/t/{name}.json" for name in ("exporter-n1", "host-n1", "exporter-n2-a", "exporter-n3", "agent-n2-a")]
    assert stale_targets(paths, "n1", ["exporter"], ["n1", "n2-a"]) == ["/t/host-n1.json", "/t/exporter-n3.json"]


def test_a_file_for_each_job_that_asks_the_host() -> None:
    jobs = {
        "exporter": {"scraped": True, "address": "10.0.0.1:7777"},
        "host": {"scraped": True, "address": "[fd00::1]:9100"},
        "agent": {"scraped": False, "address": "127.0.0.1:9464"},
    }
    files = target_files(jobs, "/t", "n1", {"host": "n1", "nats_cluster": "c"})
    assert [file["path"] for file in files] == ["/t/exporter-n1.json", "/t/host-n1.json"]
    assert json.loads(files[1]["content"]) == [
        {"targets": ["[fd00::1]:9100"], "labels": {"host": "n1", "nats_cluster": "c"}}
    ]
    assert stale_targets([file["path"] for file in files], "n1", ["exporter", "host"], ["n1"]) == []
