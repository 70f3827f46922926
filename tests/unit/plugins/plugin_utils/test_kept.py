# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all lookups of kept things do: the folder that is said, what is sealed, and errors in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.aegis.nats.plugins.lookup import password, secret
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.plugin_utils.kept import KeptLookup

SECRET = VaultSecret(b"pw")


class Lines(KeptLookup):
    name = "lines"
    plugin_type = "lookup"

    def values(self, folder: Folder, terms: Sequence[Any]) -> list[str]:
        return [(folder.read(term) or b"nothing").decode() for term in terms]


def look(folder: Path, *terms: str, documented: str = secret.DOCUMENTATION) -> list[str]:
    """The folder is said as the playbook beside it would say it; documented: whose option ``path`` it is."""
    loader = DataLoader()
    loader.set_basedir(str(folder.parent))
    loader.set_vault_secrets([("default", SECRET)])
    options = {"path": yaml.safe_load(documented)["options"]["path"]}
    constants.config.initialize_plugin_configuration_definitions("lookup", "aegis.nats.lines", options)
    plugin = Lines(loader=loader)
    plugin._load_name = "aegis.nats.lines"
    return plugin.run(list(terms), variables={}, path=folder.name)


@pytest.mark.parametrize("documented", [password.DOCUMENTATION, secret.DOCUMENTATION], ids=["password", "secret"])
def test_a_relative_folder_begins_at_the_playbook(tmp_path: Path, documented: str) -> None:
    (tmp_path / "a").write_text("one")
    assert look(tmp_path, "b", "a", documented=documented) == ["nothing", "one"]


def test_what_is_sealed_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(VaultLib([("default", SECRET)]).encrypt("one"))
    assert look(tmp_path, "a") == ["one"]


def test_an_error_is_ansible_s_and_told_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(VaultLib([("default", VaultSecret(b"another"))]).encrypt("one"))
    with pytest.raises(AnsibleLookupError, match=r"^aegis\.nats\.lines: .*/a") as found:
        look(tmp_path, "a")
    assert found.value.__cause__ is None
    (tmp_path / "folder").mkdir()
    with pytest.raises(AnsibleLookupError, match=r"^aegis\.nats\.lines: "):
        look(tmp_path, "folder")
