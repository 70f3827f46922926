# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checksum of a file on the controller."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.file_sha256 import FilterModule

file_sha256 = FilterModule().filters()["file_sha256"]


def test_a_binary_file_larger_than_one_read(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "program").write_bytes(content)
    assert file_sha256(str(tmp_path / "program")) == hashlib.sha256(content).hexdigest()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match="nowhere: No such file"):
        file_sha256(tmp_path / "nowhere")
