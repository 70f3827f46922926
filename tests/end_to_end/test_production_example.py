# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""examples/production runs as it is written: three servers, each on a loopback address of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aegis.nats.tests.end_to_end.estate import PROGRAM, ROOT

EXAMPLE = ROOT / "examples/production"
ADDRESSES = {"nats-prod-1": "127.8.0.1", "nats-prod-2": "127.8.0.2", "nats-prod-3": "127.8.0.3"}


class Production:
    """The example with what a test machine has not: other addresses, no systemd, folders of its own."""

    def __init__(self, folder: Path, binary: str) -> None:
        self.folder = folder
        hosts = {host: self._host(host, address, binary) for host, address in ADDRESSES.items()}
        (folder / "overlay.yml").write_text(yaml.safe_dump({"nats_servers": {"hosts": hosts}}))

    def _host(self, host: str, address: str, binary: str) -> dict[str, Any]:
        own = self.folder / "nodes" / host
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "nats_server_address": address,
            "nats_server_host": address,
            "nats_server_cluster_host": address,
            "nats_server_monitoring_host": address,
            "nats_server_service_manager": "process",
            "nats_server_install_method": "preinstalled",
            "nats_server_binary_path": binary,
            "nats_server_config_dir": str(own / "etc"),
            "nats_server_data_dir": str(own / "data"),
            "nats_server_log_dir": str(own / "log"),
            "nats_server_run_dir": str(own / "run"),
            "nats_server_log_file": str(own / "log/nats-server.log"),
            "nats_pki_dir": str(self.folder / "nats/pki"),
            "nats_trust_dir": str(self.folder / "nats/trust"),
            "nats_server_secrets_dir": str(self.folder / "nats/secrets"),
        }

    def deploy(self, *options: str) -> str:
        inventories = ("-i", str(EXAMPLE / "inventory.yml"), "-i", str(self.folder / "overlay.yml"))
        done = subprocess.run(
            [PROGRAM, *inventories, *options, str(ROOT / "playbooks/deploy.yml")],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def varz(self, host: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://{ADDRESSES[host]}:8222/varz", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def stop(self) -> None:
        for place in self.folder.glob("nodes/*/run/*.pid"):
            os.kill(int(place.read_text()), signal.SIGKILL)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Production]:
    made = Production(tmp_path_factory.mktemp("production"), binary)
    try:
        made.deploy()
        yield made
    finally:
        made.stop()


def test_the_servers_have_what_the_example_says(production: Production) -> None:
    for host in ADDRESSES:
        found = production.varz(host)
        assert found["server_name"] == host and found["port"] == 4222
        assert found["tags"] == ["region:us-east", "env:production"]
        assert found["tls_required"] and found["tls_verify"] and found["tls_timeout"] == 2
        assert (found["max_connections"], found["max_payload"], found["max_pending"]) == (10_000, 8 << 20, 64 << 20)
        assert (found["ping_interval"], found["ping_max"], found["write_deadline"]) == (120 * 10**9, 2, 10 * 10**9)
        assert found["cluster"]["name"] == "nats-prod" and found["cluster"]["cluster_port"] == 6222
        assert found["cluster"]["tls_required"] and found["cluster"]["tls_verify"]
        limits = found["jetstream"]["config"]
        assert (limits["max_memory"], limits["max_storage"]) == (4 << 30, 100 << 30)
        assert found["trusted_operators_claim"][0]["name"] == "MyCompany" and found["system_account"].startswith("A")


def test_the_configuration_holds_the_corrections(production: Production) -> None:
    text = (production.folder / "nodes/nats-prod-1/etc/current/nats-server.conf").read_text()
    assert 'cipher: "aes"' in text and "key: $NATS_JETSTREAM_KEY" in text
    assert "CurveP256" in text and "verify_and_map" not in text and "ocsp" not in text
    assert re.search(r"allow_delete: false", text) and "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" in text


def test_private_keys_stay_home_where_nothing_is_said(production: Production) -> None:
    assert "nats_pki_keys:" not in re.sub(r"#.*", "", (EXAMPLE / "group_vars/nats_servers/servers.yml").read_text())
    for host in ADDRESSES:
        there = list((production.folder / "nodes" / host / "etc/keys").glob("*/tls.key"))
        assert sorted(key.parent.name.partition("-")[0] for key in there) == ["route", "server"]
        assert {key.stat().st_mode & 0o777 for key in there} == {0o600}
        assert not list((production.folder / "nodes" / host / "etc/current/tls").glob("*.key"))
        assert not list((production.folder / "nats/pki/issued" / host).glob("*.key"))


def test_again_nothing_changes(production: Production) -> None:
    before = {host: production.varz(host)["config_load_time"] for host in ADDRESSES}
    assert not re.search(r"changed=[1-9]", production.deploy())
    assert {host: production.varz(host)["config_load_time"] for host in ADDRESSES} == before
    assert not (EXAMPLE / "nats").exists()
