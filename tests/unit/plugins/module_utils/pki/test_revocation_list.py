# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list and the index: what they say, and when the list is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys, revocation_list
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.revocation import REASONS, Ledger, Revoked
from ansible_collections.aegis.nats.plugins.module_utils.pki.store import Authority
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import DAY, NOW
from cryptography import x509

AT = "2026-11-20T12:00:00Z"


def signer(kind: str = "ecdsa-p256") -> Authority:
    key = keys.generate(KEY_TYPES[kind])
    root = issue.root(key, issue.Subject("Test CA"), issue.validity(3650, NOW), 1)
    return Authority("ca", root, key, "", facts.read(root))


def ledger(
    *serials: str, number: int = 1, reason: str = "superseded", not_after: str = "2027-11-23T12:00:00Z"
) -> Ledger:
    return Ledger(number, {serial: Revoked("n1/server", reason, AT, not_after) for serial in serials})


@pytest.mark.parametrize("kind", ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "ed25519"])
def test_what_the_list_says(kind: str) -> None:
    authority = signer(kind)
    made = revocation_list.build(authority, ledger("0A", "1F2E", number=7), 30, NOW)
    listed = revocation_list.read(made, "x", authority)
    assert (listed.number, listed.next_update) == (7, NOW + 30 * DAY)
    assert listed.last_update == NOW - timedelta(minutes=5)
    assert listed.revoked == {serial: Revoked("", "superseded", AT, "") for serial in ("0A", "1F2E")}
    found = x509.load_pem_x509_crl(made)
    identifier = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier is not None
    assert identifier.hex() == authority.facts.subject_key_id


@pytest.mark.parametrize("reason", list(REASONS))
def test_every_reason(reason: str) -> None:
    authority = signer()
    made = revocation_list.build(authority, ledger("0A", reason=reason), 30, NOW)
    assert revocation_list.read(made, "x", authority).revoked["0A"].reason == reason


def test_when_it_is_due() -> None:
    authority = signer()
    listed = revocation_list.read(revocation_list.build(authority, ledger("0A"), 30, NOW), "x", authority)
    due: Any = revocation_list.due
    assert due(listed, ledger("0A"), None, NOW + 19 * DAY) == []
    assert due(listed, Ledger(), None, NOW) == []
    assert due(listed, ledger("0A", "0B"), None, NOW) == ["1 certificates are to be added"]
    assert due(listed, ledger("0A"), None, NOW + 21 * DAY)[0].startswith("its window opened on 2026-12-13")
    assert due(listed, ledger("0A"), 2 * DAY, NOW + 27 * DAY) == []
    assert due(listed, ledger("0A"), 2 * DAY, NOW + 28 * DAY)
    with pytest.raises(StoreError, match="is from the future, the clock here says 2025-11-23"):
        due(listed, ledger("0A"), None, NOW - 365 * DAY)


def test_what_has_long_ended_is_left_out_and_nothing_is_made_for_it() -> None:
    authority = signer()
    old = ledger("0A", not_after="2026-08-01T00:00:00Z")
    listed = revocation_list.read(revocation_list.build(authority, old, 30, NOW), "x", authority)
    assert listed.revoked == {}
    assert revocation_list.due(listed, old, None, NOW) == []


def test_what_only_the_list_knows_is_kept() -> None:
    authority = signer()
    listed = revocation_list.read(revocation_list.build(authority, ledger("0A", number=9), 30, NOW), "x", authority)
    found = revocation_list.joined(ledger("0B", number=2), listed)
    assert (found.number, set(found.revoked)) == (9, {"0A", "0B"})
    assert revocation_list.joined(ledger("0A"), listed).revoked["0A"].name == "n1/server"


def test_a_list_that_is_none() -> None:
    authority = signer()
    made = revocation_list.build(authority, Ledger(1), 30, NOW)
    with pytest.raises(StoreError, match="x: another authority signed it"):
        revocation_list.read(made, "x", signer())
    for text in (b"", made[:-60]):
        with pytest.raises(StoreError, match="x: the list is damaged"):
            revocation_list.read(text, "x", authority)


def test_the_index() -> None:
    record = {
        "0A": {"name": "n1/server", "not_after": "2027-11-23T12:00:00Z"},
        "0B": {"name": "n1/server", "not_after": "2060-11-23T12:00:00Z"},
    }
    change = revocation_list.index("ca", record, ledger("0A", "0C", reason="key_compromise"))
    assert (change.path, change.mode) == ("ca.index.txt", 0o644)
    assert (change.content or b"").decode().splitlines() == [
        "R\t271123120000Z\t261120120000Z,keyCompromise\t0A\tunknown\t/CN=n1.server/serialNumber=0A",
        "V\t20601123120000Z\t\t0B\tunknown\t/CN=n1.server/serialNumber=0B",
        "R\t271123120000Z\t261120120000Z,keyCompromise\t0C\tunknown\t/CN=n1.server/serialNumber=0C",
    ]
