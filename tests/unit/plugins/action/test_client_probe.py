# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of clients are relative to the playbook's folder, as all others."""

from __future__ import annotations

from pathlib import Path

from ansible.parsing.dataloader import DataLoader
from ansible_collections.aegis.nats.plugins.action.client_probe import ActionModule


def test_paths_of_clients_are_made_absolute(tmp_path: Path) -> None:
    action = ActionModule.__new__(ActionModule)
    action._loader = DataLoader()
    action._loader.set_basedir(str(tmp_path))
    given = {"ca": "ca.pem", "clients": [{"name": "u", "creds": "u.creds", "key": None}, {"name": "v"}]}
    found = action._params(given, {})
    assert found["ca"] == str(tmp_path / "ca.pem")
    assert found["clients"] == [{"name": "u", "creds": str(tmp_path / "u.creds"), "key": None}, {"name": "v"}]
    assert given["clients"][0]["creds"] == "u.creds"
