# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our table of options calls unknown, real servers call unknown. AEGIS_NATS_SERVERS names the programs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.options import problems_for_version
from ansible_collections.aegis.nats.plugins.module_utils.node.conf.parse import parse

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
TEXT = (Path(__file__).resolve().parents[1] / "vectors/config/all_options_reference.conf").read_text()


@pytest.mark.parametrize("server", SERVERS)
def test_every_option_there_is(server: str, tmp_path: Path) -> None:
    config = tmp_path / "all.conf"
    config.write_text(TEXT.replace("@DIR@", str(tmp_path)))
    version = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout.split("v")[-1]
    ours = {problem.path.rpartition(".")[2] for problem in problems_for_version(parse(TEXT), version.strip())}
    theirs: set[str] = set()
    # A server reads a block in random order, and may give up on it before it has named all that it does not know there.
    for _attempt in range(20):
        run = subprocess.run([server, "-t", "-c", str(config)], capture_output=True, text=True, check=False)
        theirs |= set(re.findall(r'unknown field "(\w+)"', run.stderr))
        if theirs == ours:
            break
    assert theirs <= ours
    # 2.10 reads a block of authorization in one order, and never comes so far.
    assert ours - theirs <= {"allowed_accounts"}
