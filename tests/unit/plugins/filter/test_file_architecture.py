# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.aegis.nats.plugins.filter.file_architecture import FilterModule

file_architecture = FilterModule().filters()["file_architecture"]


@pytest.mark.parametrize(
    ("head", "architecture"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00", "amd64"),
        (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00", "arm64"),
        (b"\x7fELF\x02\x02\x01" + bytes(9) + b"\x00\x02\x00\x16", "other"),
        (b"#!/bin/sh\nexec nats-server\n", "other"),
        (b"\x7fELF", "other"),
        (b"", "other"),
    ],
)
def test_header(tmp_path: Path, head: bytes, architecture: str) -> None:
    (tmp_path / "program").write_bytes(head)
    assert file_architecture(str(tmp_path / "program")) == architecture


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match=r"missing: No such file or directory"):
        file_architecture(tmp_path / "missing")
