# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.plugin_utils.local_binary import binary_problems


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "nats-server").write_bytes(b"program")
    return tmp_path / "nats-server"


def told(**variables: str) -> list[str]:
    return [str(found) for found in binary_problems({"n1": variables, "n2": variables}, str)]


def test_the_program_that_is_meant(program: Path) -> None:
    right = hashlib.sha256(b"program").hexdigest().upper()
    assert told(install_method="local", binary_src=str(program), binary_sha256=right) == []
    assert told(install_method="local", binary_src=str(program)) == []


def test_another_program_is_told_once(program: Path) -> None:
    found = told(install_method="local", binary_src=str(program), binary_sha256="0" * 64)
    assert len(found) == 1
    assert found[0].startswith(f"nats_server_binary_sha256: is {'0' * 64}, but {program} has the SHA-256 ")


def test_no_program_is_told_once(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    assert told(install_method="local", binary_src=missing) == [
        f"nats_server_binary_src: {missing} on the controller: No such file or directory"
    ]
    assert told(install_method="preinstalled", binary_src=missing) == []


def test_a_folder_is_no_program(tmp_path: Path) -> None:
    assert told(install_method="local", binary_src=str(tmp_path)) == [
        f"nats_server_binary_src: {tmp_path} on the controller: Is a directory"
    ]
