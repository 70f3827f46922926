# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains: how far they go, and each thing that a strict verifier would refuse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import chain, issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.constraints import Constraints
from ansible_collections.aegis.nats.plugins.module_utils.pki.issue import Subject
from ansible_collections.aegis.nats.plugins.module_utils.pki.names import Names
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.pki.wanted import parse_certificates
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import DAY, NOW, entry

KEYS = [keys.generate(KEY_TYPES["ecdsa-p256"]) for number in range(4)]


def build(lengths: tuple[int | None, int | None] = (2, 1), limits: Constraints | None = None, days: int = 365) -> Any:
    """Leaf, two intermediates, root; path lengths from the root down, constraints of the upper intermediate."""
    valid = issue.validity(3650, NOW)
    root = issue.root(KEYS[0], Subject("Root", path_length=lengths[0]), valid, 1)
    subject = Subject("Upper", path_length=lengths[1], constraints=limits or Constraints())
    upper = issue.intermediate(
        KEYS[1].public_key(), subject, issue.validity(days, NOW), 2, issuer=root, issuer_key=KEYS[0]
    )
    lower = issue.intermediate(KEYS[2].public_key(), Subject("Lower"), valid, 3, issuer=upper, issuer_key=KEYS[1])
    (wanted,) = parse_certificates([entry()], Problems())
    leaf = issue.leaf(KEYS[3].public_key(), wanted, valid, 4, issuer=lower, issuer_key=KEYS[2])
    return leaf, lower, upper, root


def test_a_good_chain() -> None:
    path = build()
    assert chain.path_faults(path, NOW, {"serverAuth"}) == []
    assert [chain.is_root(one) for one in path] == [False, False, False, True]
    assert chain.climb(path[0], reversed(path)) == path
    assert chain.climb(path[0], path[1:3]) == path[:3]
    assert chain.climb(path[0], []) == path[:1]
    assert chain.served(path) == path[:3]


@pytest.mark.parametrize(
    ("made", "now", "words"),
    [
        (lambda: build((1, 1)), NOW, "CN=Root lets 1 authorities follow it, and 2 do"),
        (lambda: build(days=10), NOW + 11 * DAY, "CN=Upper expired on 2026-12-03T12:00:00Z"),
        (build, NOW - DAY, "CN=Root is not valid before 2026-11-23T11:55:00Z, the clock here says 2026-11-22T12"),
        (
            lambda: build(limits=Constraints(Names(dns=("example.org",)))),
            NOW,
            "n1.example.com is outside of what is permitted (example.org) by CN=Upper",
        ),
        (lambda: (build()[0], *build()[2:]), NOW, "CN=n1.example.com is not signed by CN=Upper"),
        (
            lambda: (build()[1], build()[0], *build()[2:]),
            NOW,
            "CN=n1.example.com is not an authority (basicConstraints without CA:TRUE)",
        ),
    ],
)
def test_what_is_refused(made: Any, now: datetime, words: str) -> None:
    said = chain.path_faults(made(), now)
    assert any(sentence.startswith(words) for sentence in said), said


def test_an_issuer_that_certifies_for_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Go holds the extended key usages of an intermediate against what is below it."""
    path = build()
    real = chain.facts.read

    def read(certificate: Any) -> Any:
        found = real(certificate)
        if certificate is path[1]:
            object.__setattr__(found, "usages", frozenset({"serverAuth"}))
        return found

    monkeypatch.setattr(chain.facts, "read", read)
    assert chain.path_faults(path, NOW, {"serverAuth"}) == []
    assert chain.path_faults(path, NOW, {"serverAuth", "clientAuth"}) == [
        "CN=Lower certifies for serverAuth only, not clientAuth"
    ]


def test_files() -> None:
    path = build()
    text = b"".join(issue.pem(one) for one in path)
    assert tuple(chain.load_all(b"a line\n" + text, "x")) == path
    for content, words in (
        (b"", "x: is not a certificate in PEM form"),
        (text[:-60], "x: the certificate is damaged or cut off"),
        (text.replace(b"MII", b"NII", 1), "x: a certificate is damaged"),
    ):
        with pytest.raises(StoreError, match=words):
            chain.load_all(content, "x")
