# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster lives on without its root key; a change of the operator goes to that key and back by two files."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, put

pytestmark = pytest.mark.long

SIGN = str(ROOT / "playbooks" / "sign_request.yml")


def take_away(estate: Estate, to: Path) -> Path:
    """Move the root key out of the store: the one of the operator's seeds that is not among its signing keys."""
    run = estate.deploy("--tags", "trust")
    good(run)
    published = (estate.root / "nats/trust").rglob("O*.nk")
    token = next((estate.root / "nats/trust/stores").glob("*/*.jwt")).read_text()
    root = next(each for each in published if each.stem == issuer(token))
    to.mkdir()
    return root.rename(to / root.name)


def issuer(token: str) -> str:
    """Who signed an operator's token, read from its claims."""

    part = token.split(".")[1]
    found: str = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["iss"]
    return found


def test_there_and_back_under_a_running_cluster(estate: Estate, tmp_path: Path) -> None:
    assert estate.deploy().code == 0
    safe, request = tmp_path / "safe", tmp_path / "operator.request"
    seed = take_away(estate, safe)
    servers = estate.processes()

    put(estate.settings, "nats_trust_operator.tags", ["changed"])
    put(estate.settings, "nats_trust_accounts[0].users[+]", {"name": "late"})
    refused = estate.deploy()
    assert refused.code != 0
    assert seed.stem in refused.text

    estate.settings["nats_trust_operator_request"] = str(request)
    waiting = estate.deploy()
    good(waiting)
    assert any(f"until {seed.stem} has signed its change" in each for each in waiting.warnings)
    assert list((estate.root / "nats/trust").rglob("late.creds")), "the rest of the tree is applied"
    assert estate.processes() == servers, "nothing restarts for what is not signed"
    assert estate.deploy().changes == []

    signed = estate.deploy(
        "-e", f"nats_request={request}", "-e", f"nats_root_key={safe}", "-e", "nats_confirmed=true", playbook=SIGN
    )
    good(signed)
    assert 'tags adds "changed"' in signed.text

    installed = estate.deploy()
    good(installed)
    assert not estate.processes().keys() & servers.keys(), "servers read the operator's token at start"
    assert not request.exists()
    assert estate.deploy().changes == []
