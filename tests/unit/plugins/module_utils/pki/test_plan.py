# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions: pure, so that time and differences are tried without a disk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.plan import Decision, authority_warning, decide, picture
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.store import Authority, Leaf
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import Wanted, parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import DAY, NOW, entry

KEY = keys.generate(KEY_TYPES["ecdsa-p256"])


def root(days: int = 3650) -> Authority:
    certificate = issue.root(KEY, issue.Subject("Test CA"), issue.validity(days, NOW), 1)
    return Authority("ca", certificate, KEY, "", facts.read(certificate))


ROOT = root()


def wanted(**more: Any) -> Wanted:
    problems = Problems()
    found = parse_certificates([entry(**more)], problems)
    problems.raise_if_any()
    return found[0]


def leaf(authority: Authority = ROOT, **more: Any) -> Leaf:
    one = wanted(**more)
    valid = decide(one, Leaf(), authority, NOW, False).valid
    public = keys.generate(one.key_type).public_key()
    certificate = issue.leaf(public, one, valid, 2, issuer=authority.certificate, issuer_key=KEY)
    return Leaf(facts.read(certificate), certificate, key_unsealed=True)


def decision(there: Leaf, now: datetime = NOW, authority: Authority | None = ROOT, **more: Any) -> Decision:
    return decide(wanted(**more), there, authority, now, False)


def test_the_same_is_left_alone() -> None:
    assert decision(leaf()).reasons == ()
    assert decision(leaf(), dns=["N1.example.com"], key_type=None).reasons == ()


def test_order_of_names_is_no_change() -> None:
    there = leaf(dns=["a.example", "b.example"], common_name="a")
    assert decision(there, dns=["b.example", "a.example"], common_name="a").reasons == ()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"dns": ["n1.example.com", "nats-2.internal"]}, "dns adds nats-2.internal"),
        ({"ip": []}, "ip drops 192.0.2.1"),
        ({"ip": ["192.0.2.2", "::1"]}, "ip adds 192.0.2.2, ::1 and drops 192.0.2.1"),
        ({"email": ["a@example.com"]}, "email adds a@example.com"),
        ({"uri": ["spiffe://example.com/a"]}, "uri adds spiffe://example.com/a"),
        ({"profile": "route"}, "profile route needs clientAuth and serverAuth, it has serverAuth"),
        ({"key_type": "ed25519"}, "key type ecdsa-p256 becomes ed25519"),
        ({"common_name": "n1"}, "common name n1.example.com becomes n1"),
        ({"organization": "Acme"}, "organization none becomes Acme"),
    ],
)
def test_one_difference(more: dict[str, Any], reason: str) -> None:
    found = decision(leaf(), **more)
    assert found.reasons == (reason,)
    assert found.sentences == (f"n1/server: {reason}",)


def test_all_differences_are_told() -> None:
    reasons = decision(leaf(), NOW + 300 * DAY, None, dns=["n2"], common_name="x").reasons
    assert len(reasons) == 4
    assert reasons[-1] == "another authority signed it"


def test_an_authority_that_is_yet_to_be_made() -> None:
    assert decision(Leaf(), authority=None).reasons == ("issued for the first time",)
    assert decision(leaf(), authority=None).reasons == ("another authority signed it",)


@pytest.mark.parametrize(
    ("after", "renew_before", "renewed"),
    [
        (243 * DAY, None, False),
        (244 * DAY, None, True),
        (334 * DAY, "30d", False),
        (335 * DAY, "30d", True),
        (365 * DAY, "30d", True),
    ],
)
def test_the_renewal_window(after: timedelta, renew_before: str | None, renewed: bool) -> None:
    reasons = decision(leaf(), NOW + after, renew_before=renew_before).reasons
    assert bool(reasons) is renewed
    if renewed:
        assert reasons[0].startswith(
            "it expired on 2027-11-23" if after == 365 * DAY else "its renewal window opened on"
        )


def test_a_leaf_ends_with_its_authority_and_is_not_renewed_in_vain() -> None:
    short = root(days=100)
    found = decide(wanted(), Leaf(), short, NOW, False)
    assert found.clamped
    assert found.valid.not_after == short.facts.not_after
    there = leaf(short)
    assert decide(wanted(), there, short, NOW + 99 * DAY, False).reasons == ()


def test_a_leaf_does_not_begin_before_its_authority() -> None:
    assert decide(wanted(), Leaf(), ROOT, NOW - timedelta(minutes=3), False).valid.not_before == ROOT.facts.not_before


def test_sealing_alone_keeps_the_certificate() -> None:
    found = decide(wanted(), leaf(), ROOT, NOW, True)
    assert (found.reasons, found.seal_key, found.sentences) == ((), True, ("n1/server: its key becomes sealed",))
    assert not decide(wanted(dns=["x"]), leaf(), ROOT, NOW, True).seal_key


def test_the_warning_of_an_authority() -> None:
    found = root(days=100).facts
    assert authority_warning(found, "ca", None, NOW + 79 * DAY) == []
    (words,) = authority_warning(found, "ca", None, NOW + 80 * DAY)
    assert "ends on 2027-03-03T12:00:00Z, in 20 days: plan its rotation" in words
    assert authority_warning(found, "ca", timedelta(days=5), NOW + 94 * DAY) == []
    assert authority_warning(found, "ca", timedelta(days=5), NOW + 95 * DAY)


def test_the_picture_has_the_kinds_that_there_are() -> None:
    shown = picture(leaf().facts)
    assert shown is not None
    assert shown["names"] == {"dns": ["n1.example.com"], "ip": ["192.0.2.1"]}
    assert picture(None) is None
