# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action knows that the module does not: the collection's own version, and where paths begin."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.aegis.nats.plugins.action.audit import ActionModule
from ansible_collections.aegis.nats.plugins.plugin_utils.collection import version


@pytest.mark.parametrize(("said", "told"), [("", version()), ("9.9.9", "9.9.9")])
def test_the_version_and_the_paths(tmp_path: Path, said: str, told: str) -> None:
    action = ActionModule.__new__(ActionModule)
    action._loader = DataLoader()
    action._loader.set_basedir(str(tmp_path))
    found = action._params({"trust_dir": "trust", "pki_dir": None, "collection_version": said}, {})
    assert (found["collection_version"], found["trust_dir"], found["pki_dir"]) == (told, str(tmp_path / "trust"), None)
