# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What left the tree: told, or revoked and removed, and nothing of what is in it."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.trust.draft import Draft
from ansible_collections.aegis.nats.plugins.module_utils.trust.leaving import plan_absent
from ansible_collections.aegis.nats.plugins.module_utils.trust.tree import read_tree
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import orders
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.test_plan import NOW, Keys, first


def draft(purge: bool) -> Draft:
    keys, raw = Keys(), orders()
    existing = first(raw, keys)
    del raw["accounts"][1]
    tree = read_tree(raw["operator"], None, raw["accounts"], Problems())
    return Draft(existing, tree, NOW, keys.mint, keys.seed, purge=purge)


def test_without_purge_it_is_told_only() -> None:
    found = draft(purge=False)
    absent, removed = plan_absent(found)
    assert absent == ("user ExternalPartner/gateway", "account ExternalPartner")
    assert (removed, found.changes, found.reasons) == ({}, [], [])


def test_with_purge_its_files_go_and_no_others() -> None:
    found = draft(purge=True)
    partner = found.existing.accounts["ExternalPartner"]
    _dummy, removed = plan_absent(found)
    assert removed == {partner.token.subject: "ExternalPartner"}
    gone = {change.path for change in found.changes}
    publics = [partner.token.subject, *partner.token.nats["signing_keys"], partner.users["gateway"].token.subject]
    assert gone == {
        "stores/Acme/accounts/ExternalPartner/ExternalPartner.jwt",
        "stores/Acme/accounts/ExternalPartner/users/gateway.jwt",
        "keys/creds/Acme/ExternalPartner/gateway.creds",
        *(f"keys/keys/{public[0]}/{public[1:3]}/{public}.nk" for public in publics),
    }
    assert all(change.content is None for change in found.changes)
