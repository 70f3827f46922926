# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup of hashes, with the loader that a play has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.aegis.nats.plugins.lookup import password as lookup
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_password import FILE, hashes
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import password


def look(path: Path, *names: str, **options: Any) -> list[str]:
    """What a template gets; the options are those of the documentation, as the plugin loader hands them over."""
    documented = yaml.safe_load(lookup.DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("lookup", "aegis.nats.password", documented)
    plugin = lookup.LookupModule(loader=DataLoader())
    plugin._load_name = "aegis.nats.password"
    return plugin.run(list(names), variables={}, path=str(path), **options)


def test_hashes_in_their_order(tmp_path: Path) -> None:
    password(tmp_path, {"users/a": "one", "users/b": "two"})
    found = hashes(Folder(str(tmp_path), NoSeal()))
    assert look(tmp_path, "users/b", "users/a") == [found["users/b"], found["users/a"]]
    assert look(tmp_path) == []


def test_what_is_still_to_be_made_is_clearly_no_hash(tmp_path: Path) -> None:
    password(tmp_path, {"users/a": "one"})
    assert look(tmp_path, "users/a", pending=["users/a"]) == ["PLACEHOLDER-no-hash-made-yet-users/a"]
    with pytest.raises(AnsibleLookupError, match="there is no hash for users/b"):
        look(tmp_path, "users/b", "users/a")


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[]")
    with pytest.raises(AnsibleLookupError, match="holds no hashes"):
        look(tmp_path, "users/a")
