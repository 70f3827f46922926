# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers take by a reload, measured again: the same as the vectors that the table of reloads is made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import version_of
from ansible_collections.aegis.nats.tests.integration.node_host import SERVERS

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
TESTS = Path(__file__).resolve().parents[1]
SCRIPT = TESTS / "measure" / "reload_matrix.py"


def against(program: str, held: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, str(SCRIPT), program, "--against", str(held), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.parametrize("kind", ["matrix", "further"])
@pytest.mark.parametrize("program", SERVERS)
def test_measured_again(program: str, kind: str) -> None:
    held = TESTS / "vectors" / f"reload_{kind}_{version_of(program)}.txt"
    if not held.exists():
        pytest.skip(f"{held.name} is not there: reload_matrix.py writes it")
    code, told = against(program, held, *(["--further"] if kind == "further" else []))
    assert code == 0, told


def test_what_differs_is_told(tmp_path: Path) -> None:
    """Of a few rows, so that it is short: one that is as it is held, one that is not, and one that is not asked for."""
    held = tmp_path / "held.txt"
    held.write_text("debug false->true   NO: some words\nmax_payload None->2MB   YES\nhttp   YES\n")
    code, told = against(SERVERS[-1], held, "--only", "debug false->true", "max_payload None->2MB")
    version = f"v{version_of(SERVERS[-1])}"
    assert told.splitlines() == [
        f"{version}: debug false->true: refused in the file, taken now",
        f"{version}: 1 of 2 rows differ from held.txt",
    ]
    assert code == 1
