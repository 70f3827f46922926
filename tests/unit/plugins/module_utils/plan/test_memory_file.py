# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path for what must not lie on a disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan import memory_file


@pytest.mark.parametrize("memory", [True, False])
def test_it_is_read_by_its_path_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: bool
) -> None:
    monkeypatch.setattr(memory_file.tempfile, "tempdir", str(tmp_path))
    if not memory:
        monkeypatch.delattr(memory_file.os, "memfd_create")
    before = len(os.listdir("/proc/self/fd"))
    content = os.urandom(200_000)
    with pytest.raises(KeyError), memory_file.readable(content) as path:
        assert Path(path).read_bytes() == Path(path).read_bytes() == content
        below = [each for each in tmp_path.rglob("*") if each.is_file()]
        assert [str(each) for each in below] == ([] if memory else [path])
        assert all(each.stat().st_mode & 0o777 == 0o600 for each in below)
        raise KeyError
    assert not os.path.exists(path)
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before
