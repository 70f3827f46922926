# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the collection, of a checkout and of an installed one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.plugin_utils.collection import version


def test_this_one() -> None:
    lines = Path(__file__).resolve().parents[4].joinpath("galaxy.yml").read_text().splitlines()
    assert f"version: {version()}" in lines


def test_an_installed_one_has_a_manifest(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "1.2.3"}}))
    assert version(tmp_path) == "1.2.3"


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"collection_info": {}}'])
def test_nothing_where_nothing_is_said(tmp_path: Path, content: str) -> None:
    assert version(tmp_path) == ""
    (tmp_path / "MANIFEST.json").write_text(content)
    assert version(tmp_path) == ""
