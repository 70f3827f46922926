# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup of secrets, with the loader and the vault that a play has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultSecret
from ansible_collections.aegis.nats.plugins.lookup import secret as lookup
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_secret import value_of
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal
from ansible_collections.aegis.nats.plugins.plugin_utils.seal import VaultSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import secret


def loader(password: str | None = None) -> DataLoader:
    made = DataLoader()
    if password:
        made.set_vault_secrets([("default", VaultSecret(password.encode()))])
    return made


def look(path: Path, *names: str, password: str | None = None, **options: str) -> list[str]:
    """What a template gets; the options are those of the documentation, as the plugin loader hands them over."""
    documented = yaml.safe_load(lookup.DOCUMENTATION)["options"]
    constants.config.initialize_plugin_configuration_definitions("lookup", "aegis.nats.secret", documented)
    plugin = lookup.LookupModule(loader=loader(password))
    plugin._load_name = "aegis.nats.secret"
    return plugin.run(list(names), variables={}, path=str(path), **options)


def stored(path: Path, name: str, seal: Seal) -> str:
    return value_of(Folder(str(path), seal), name) or ""


def test_values_in_their_order(tmp_path: Path) -> None:
    secret(tmp_path, ["a", "nodes/b"])
    assert look(tmp_path, "nodes/b", "a") == [stored(tmp_path, name, NoSeal()) for name in ("nodes/b", "a")]


def test_sealed_ones_open_with_the_plays_vault_secret(tmp_path: Path) -> None:
    seal = VaultSeal(loader("open sesame"), None)
    secret(tmp_path, ["a"], sealer=seal)
    assert (tmp_path / "a.secret").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert look(tmp_path, "a", password="open sesame") == [stored(tmp_path, "a", seal)]
    with pytest.raises(AnsibleLookupError, match="the vault secret of this play does not open it"):
        look(tmp_path, "a", password="another")
    with pytest.raises(AnsibleLookupError, match=r"a\.secret"):
        look(tmp_path, "a")


def test_what_a_killed_run_has_committed_counts(tmp_path: Path) -> None:
    (tmp_path / ".staging").mkdir()
    (tmp_path / ".staging/0").write_text("value-of-a\n")
    (tmp_path / ".journal").write_text(json.dumps({"changes": [["a.secret", ".staging/0"]]}))
    assert look(tmp_path, "a") == ["value-of-a"]


def test_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(AnsibleLookupError, match=r"there is no secret 'a' in .*: make it"):
        look(tmp_path, "a")
    assert look(tmp_path, "a", missing="placeholder") == ["PLACEHOLDER-no-secret-made-yet-a"]
    secret(tmp_path, ["a"])
    assert look(tmp_path, "a", missing="placeholder") == [stored(tmp_path, "a", NoSeal())]


def test_a_name_that_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(AnsibleLookupError, match="can't be a file name"):
        look(tmp_path, "../a", missing="placeholder")
