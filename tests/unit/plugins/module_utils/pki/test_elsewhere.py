# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates whose keys live on their hosts: requests, foreign keys, and what is left here from before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    certificate,
    entry,
    snapshot,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, request

OTHER = keys.generate(KEY_TYPES["ecdsa-p256"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path / "pki")
    return tmp_path / "pki"


def at_host(name: str = "n1/server", key: Any = KEY, **more: Any) -> dict[str, Any]:
    return entry(name, key="host", csr=request(key, "n1.example.com"), **more)


def test_a_request_is_signed(path: Path) -> None:
    made = certificate(path, [at_host()])
    told = made["certificates"]["n1/server"]
    assert (told["key_path"], told["key_left"], told["present_spki_sha256"]) == (None, False, None)
    assert told["spki_sha256"] == keys.spki_sha256(KEY.public_key())
    assert not (path / "issued/n1/server.key").exists()
    again = certificate(path, [at_host()], NOW + DAY)
    assert not again["changed"]
    assert again["certificates"]["n1/server"]["present_spki_sha256"] == told["spki_sha256"]


def test_check_mode_before_the_host_has_a_key(path: Path) -> None:
    made = certificate(path, [entry(key="host", csr="pending")], check=True)
    assert made["reasons"] == ["n1/server: issued for the first time"]
    assert made["certificates"]["n1/server"]["spki_sha256"] is None
    certificate(path, [at_host()])
    due = certificate(path, [entry(key="host", csr="pending")], check=True)
    assert due["reasons"] == ["n1/server: its request carries another key"]
    assert due["certificates"]["n1/server"]["present_spki_sha256"] == keys.spki_sha256(KEY.public_key())
    assert due["reasons"] == certificate(path, [at_host(key=OTHER)], check=True)["reasons"]
    kept = entry(key="host", csr=f"pending:{keys.spki_sha256(KEY.public_key())}", dns=["n1.example.com", "n2"])
    assert certificate(path, [kept], check=True)["reasons"] == ["n1/server: dns adds n2"]


def test_looking_before_anybody_asked_the_hosts(path: Path) -> None:
    """Without a request, what is told is what time and names ask for."""
    certificate(path, [at_host()])
    assert not certificate(path, [entry(key="host")], check=True)["changed"]
    late = certificate(path, [entry(key="host")], NOW + 300 * DAY, check=True)
    assert late["reasons"][0].startswith("n1/server: its renewal window opened")
    typed = certificate(path, [entry(key="host", key_type="ed25519")], check=True)
    assert typed["reasons"] == ["n1/server: key type ecdsa-p256 becomes ed25519"]


@pytest.mark.parametrize("csr", [{}, {"csr": ""}, {"csr": "pending"}, {"csr": "pending:0"}])
def test_a_run_needs_the_request(path: Path, csr: dict[str, str]) -> None:
    before = snapshot(path)
    result = certificate(path, [at_host("n2/route", profile="route"), entry(key="host", **csr)])
    assert [problem["path"] for problem in result["problems"]] == ["certificates[1].csr"]
    assert "the key of n1/server lives on its host" in result["msg"]
    assert snapshot(path) == before


def test_a_place_that_is_none(path: Path) -> None:
    assert (
        "certificates[0].key: 'hosts' is not known: did you mean 'host'?"
        in certificate(path, [entry(key="hosts")])["msg"]
    )


def test_a_key_belongs_to_one_host(path: Path) -> None:
    both = [at_host(), at_host("n1/route", profile="route")]
    assert not certificate(path, both).get("failed"), "a host may use one key twice"
    before = snapshot(path)
    refused = certificate(path, [at_host("n2/server")])
    assert refused["problems"][0]["path"] == "n2/server"
    assert "its request carries the key of n1/" in refused["msg"]
    assert "carries the key of" in certificate(path, [*both, at_host("n3/server")], check=True)["msg"]
    assert snapshot(path) == before
    together = certificate(path, [at_host("n4/server", OTHER), at_host("n5/server", OTHER)])
    assert len(together["problems"]) >= 1
    assert snapshot(path) == before


def test_moving_keeps_the_old_key_until_it_is_forgotten(path: Path) -> None:
    wanted = [entry(), entry("n2/server")]
    certificate(path, wanted)
    moved = [at_host(), entry("n2/server")]
    checked, made = certificate(path, moved, check=True), certificate(path, moved)
    assert made["reasons"] == checked["reasons"] == ["n1/server: its request carries another key"]
    assert made["certificates"]["n1/server"]["key_left"] and checked["certificates"]["n1/server"]["key_left"]
    assert (path / "issued/n1/server.key").exists()
    plain = [entry(key="host"), entry("n2/server")]
    before = snapshot(path)
    told = certificate(path, plain, check=True, forget_keys=True)
    assert snapshot(path) == before
    done = certificate(path, plain, forget_keys=True)
    assert (
        done["reasons"]
        == told["reasons"]
        == ["n1/server: its key lives on its host, the one that lies here is removed"]
    )
    assert set(before) - set(snapshot(path)) == {"issued/n1/server.key"}
    assert not certificate(path, plain, forget_keys=True)["changed"]
    assert not certificate(path, moved)["changed"]


def test_and_back(path: Path) -> None:
    certificate(path, [at_host()])
    back = certificate(path, [entry()])
    assert back["reasons"] == ["n1/server: its key file is missing"]
    assert (path / "issued/n1/server.key").exists()
