# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Own certificate files, as preflight finds them on the controller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.aegis.nats.plugins.plugin_utils.given_files import look_at_given
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import NOW, authority, certificate, entry


@pytest.fixture
def own(tmp_path: Path) -> Path:
    authority(tmp_path)
    certificate(tmp_path, [entry("n1/server"), entry("n1/route", "route"), entry("n1/ws", "websocket")])
    return tmp_path


def variables(own: Path, **more: Any) -> dict[str, Any]:
    files = {"ca": str(own / "ca.crt")}
    for name, file in (("client", "server"), ("route", "route")):
        files[f"{name}_certificate"] = str(own / f"issued/n1/{file}.crt")
        files[f"{name}_key"] = str(own / f"issued/n1/{file}.key")
    return {"pki_dir": "/nats/pki", "address": "n1.example.com", "tls_files": files, **more}


def told(found: dict[str, Any]) -> list[str]:
    return [f"{problem.path}: {problem.message}" for problem in look_at_given("n1", found, DataLoader(), NOW).problems]


def test_good_files(own: Path) -> None:
    assert told(variables(own)) == []


def test_their_keys_are_known(own: Path) -> None:
    certificate(own, [entry("n1/own", "route", key_type="rsa-2048")])
    found = variables(own)
    found["tls_files"]["route_certificate"] = str(own / "issued/n1/own.crt")
    assert look_at_given("n1", found, DataLoader(), NOW).certified == {
        "tls_": {"path": f"{own}/issued/n1/server.crt", "key_type": "ecdsa-p256"},
        "cluster_tls_": {"path": f"{own}/issued/n1/own.crt", "key_type": "rsa-2048"},
    }
    assert look_at_given("n1", variables(own, pki_dir=str(own)), DataLoader(), NOW).certified == {}


def test_what_the_roles_make_is_not_looked_at(own: Path) -> None:
    assert told(variables(own, pki_dir=str(own), address="nobody.example.com")) == []


def test_a_file_that_is_not_there(own: Path) -> None:
    found = variables(own)
    found["tls_files"]["route_key"] = "/own/route.key"
    assert told(found) == [
        "nats_server_tls_files.route_key: /own/route.key can't be read on the controller: No such file or directory"
    ]


def test_names_are_those_that_are_dialled(own: Path) -> None:
    found = told(variables(own, cluster_advertise="db.example.com:6222", client_advertise="192.0.2.1:4222"))
    assert len(found) == 1 and "nats_server_cluster_advertise has peers dial" in found[0]
    assert "nats_server_tls_files.route_certificate" in found[0]
    both = told(variables(own, address="10.0.0.9"))
    assert [line.partition(":")[0] for line in both] == [
        "nats_server_tls_files.client_certificate",
        "nats_server_tls_files.route_certificate",
    ]


def test_a_listener_of_ones_own(own: Path) -> None:
    found = variables(own)
    found["tls_files"]["gateway_certificate"] = str(own / "issued/n1/ws.crt")
    assert told(found) == [
        f"nats_server_tls_files.gateway_certificate: {own}/issued/n1/ws.crt is not for clientAuth: servers that dial "
        "each other and are dialled want both, have it issued with the extended key usages serverAuth, clientAuth"
    ]


def test_without_tls_nothing_is_read() -> None:
    gone = {"client_certificate": "/gone", "route_certificate": "/gone", "ca": "/gone"}
    assert (
        told({"pki_dir": "/p", "tls": False, "cluster": False, "tls_files": gone})
        == [
            # The file of the CA is read only where something is held against it.
        ]
    )
