# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""aegis.nats.rendered finds templates where a role has them; tests/integration compares it with Ansible's lookup."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.aegis.nats.plugins.lookup.rendered import LookupModule


@pytest.fixture
def lookup() -> LookupModule:
    loader = DataLoader()
    made = LookupModule(loader=loader, templar=Templar(loader=loader, variables={}))
    made._load_name = "aegis.nats.rendered"
    return made


def test_it_is_looked_for_in_the_templates_of_the_role(lookup: LookupModule, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.j2").write_text("{{ port }} {% include 'b.j2' %}", encoding="utf-8")
    (tmp_path / "templates" / "b.j2").write_text("b", encoding="utf-8")
    known = {"ansible_search_path": [str(tmp_path)], "port": 4222}
    assert lookup.run(["a.j2", "b.j2"], known) == ["4222 b", "b"]


def test_what_is_not_there_is_named(lookup: LookupModule, tmp_path: Path) -> None:
    with pytest.raises(AnsibleLookupError, match=r"absent\.j2: there is no such template"):
        lookup.run(["absent.j2"], {"ansible_search_path": [str(tmp_path)]})
