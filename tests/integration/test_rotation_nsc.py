# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""nsc, the official tool, reads a store in every phase of a rotation; a store that it made is rotated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.tests.integration.test_trust_nsc import Nsc
from ansible_collections.aegis.nats.tests.official.official import needs_nsc
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import trust
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_verb_rotation import ASKS, rich, steps
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_verb_trust_info import info

pytestmark = needs_nsc


@pytest.mark.parametrize("ask", ASKS, ids=str)
def test_nsc_finds_no_fault_in_any_phase(tmp_path: Path, ask: dict[str, Any]) -> None:
    nsc, tree = Nsc(tmp_path / "home", tmp_path / "store"), rich()
    # nsc finds it wrong that the users of a callout have rights, whatever the rest says.
    del tree["accounts"][1]["auth_callout"]
    trust(nsc.store, tree)
    nsc("env", "-o", "Acme")
    seen = []
    for phase, *_dummy in steps(nsc.store, tree, **ask):
        told = nsc("validate", "--all-accounts")
        assert told.count("No issues found") == 4, told
        assert "order-service" in nsc("list", "keys", "--all")
        seen.append(phase)
    assert seen[-1] == "drop"


@pytest.mark.parametrize(
    "ask", [{"targets": ["operator"]}, {"targets": ["A"], "drop": True}, {"kind": "operator"}], ids=str
)
def test_a_store_of_nsc_is_rotated(tmp_path: Path, ask: dict[str, Any]) -> None:
    nsc = Nsc(tmp_path / "home", tmp_path / "store")
    nsc("add", "operator", "-n", "Acme", "--sys", "--generate-signing-key")
    nsc("add", "account", "-n", "A")
    nsc("edit", "account", "-n", "A", "--sk", "generate")
    nsc("edit", "signing-key", "-a", "A", "--sk", "generate", "--role", "reader", "--allow-sub", "x.>")
    nsc("edit", "account", "A", "--js-disk-storage", "1G", "--js-mem-storage", "1M")
    nsc("add", "user", "-a", "A", "-n", "plain")
    nsc("add", "user", "-a", "A", "-n", "dashboard", "-K", "reader")
    tree = info(nsc.store)["tree"]
    trust(nsc.store, tree)
    before = nsc.describe("account", "A")
    for _dummy in steps(nsc.store, tree, **ask):
        assert "No issues found" in nsc("validate", "--all-accounts")
    assert info(nsc.store)["tree"] == tree
    if "A" in ask.get("targets", []):
        after = nsc.describe("account", "A")["nats"]["signing_keys"]
        assert len(after) == len(before["nats"]["signing_keys"])
        assert not {str(each) for each in after} & {str(each) for each in before["nats"]["signing_keys"]}
    nsc("add", "user", "-a", "A", "-n", "another", "-K", "reader")
