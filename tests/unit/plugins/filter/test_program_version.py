# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

from ansible_collections.aegis.nats.plugins.filter.program_version import program_version


def test_what_a_program_says_of_itself(tmp_path: Path) -> None:
    program = tmp_path / "nats-server"
    program.write_text("#!/bin/sh\necho nats-server: v2.14.4\n")
    program.chmod(0o755)
    assert program_version(str(program)) == "2.14.4"
    program.write_bytes(b"\x7fELF of another processor")
    assert program_version(str(program)) == ""
    assert program_version(str(tmp_path / "absent")) == ""
