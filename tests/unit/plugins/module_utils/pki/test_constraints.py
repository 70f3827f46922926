# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Name constraints: read, written, and which names go beyond them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import issue, keys
from ansible_collections.aegis.nats.plugins.module_utils.pki.constraints import (
    Constraints,
    breaches,
    constraints_of,
    parse_constraints,
    shown,
)
from ansible_collections.aegis.nats.plugins.module_utils.pki.names import Names
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import NOW
from cryptography import x509

PERMITTED = {"dns": ["Example.com"], "ip": ["192.0.2.0/24", "2001:db8::/32"], "email": ["example.com"]}


def parsed(permitted: Any = None, excluded: Any = None) -> Constraints:
    problems = Problems()
    found = parse_constraints(permitted, excluded, problems)
    problems.raise_if_any()
    return found


def test_written_and_read_back() -> None:
    wanted = parsed(PERMITTED, {"dns": ["secret.example.com"]})
    key = keys.generate(KEY_TYPES["ecdsa-p256"])
    subject = issue.Subject("Test CA", constraints=wanted)
    root = issue.root(key, subject, issue.validity(10, NOW), 1)
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert constraints_of(root) == wanted
    assert shown(wanted)["permitted"]["ip"] == ["192.0.2.0/24", "2001:db8::/32"]
    bare = issue.root(key, issue.Subject("Test CA"), issue.validity(10, NOW), 1)
    assert not constraints_of(bare)
    assert shown(constraints_of(bare)) == {}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (Names(dns=("example.com", "n1.example.com", "*.example.com")), []),
        (Names(dns=("n1.example.com", "badexample.com")), [("dns", 1)]),
        (Names(dns=("a.secret.example.com",)), [("dns", 0)]),
        (Names(ip=("192.0.2.7", "2001:db8::7")), []),
        (Names(ip=("192.0.3.7", "2001:db9::7")), [("ip", 0), ("ip", 1)]),
        (Names(email=("a@example.com",)), []),
        (Names(email=("a@n1.example.com",)), [("email", 0)]),
        (Names(uri=("spiffe://elsewhere/nats",)), []),
    ],
)
def test_names_beyond(names: Names, found: list[tuple[str, int]]) -> None:
    limits = parsed(PERMITTED, {"dns": ["secret.example.com"]})
    assert [(breach.kind, breach.number) for breach in breaches(limits, names, None)] == found


def test_a_common_name_that_looks_like_a_host() -> None:
    limits = parsed({"dns": ["example.com"]})
    assert breaches(limits, Names(), "order-service") == []
    assert breaches(limits, Names(), "Order Service v1.2") == []
    assert breaches(limits, Names(dns=("n1.example.com",)), "n1.example.org") == []
    (breach,) = breaches(limits, Names(), "n1.example.org")
    assert breach.sentence == (
        "n1.example.org looks like a host name and is outside of what is permitted (example.com)"
    )


def test_forms_of_others() -> None:
    """A leading dot, mailboxes and URIs, as other authorities write them."""
    limits = Constraints(Names(dns=(".example.com",), email=(".example.com", "root@example.org"), uri=("example.com",)))
    good = Names(
        dns=("n1.example.com",), email=("a@n1.example.com", "root@example.org"), uri=("https://example.com/a",)
    )
    assert breaches(limits, good, None) == []
    bad = Names(dns=("example.com",), email=("a@example.com", "b@example.org"), uri=("https://n1.example.com/",))
    assert len(breaches(limits, bad, None)) == 4


@pytest.mark.parametrize(
    ("permitted", "words"),
    [
        (["example.com"], "permitted: must be a dict"),
        ({"dns": "example.com"}, "permitted.dns: must be a list: write"),
        ({"dns": ["*.example.com"]}, "permitted.dns[0]: '*.example.com': write a domain such as example.com"),
        ({"ip": ["192.0.2.1/24"]}, "permitted.ip[0]: '192.0.2.1/24' is not a network"),
        ({"email": ["a@example.com"]}, "permitted.email[0]: "),
        ({"dns": [None]}, "permitted.dns[0]: None is not a name"),
        ({"uri": ["example.com"]}, "permitted.uri: is not known: write dns, ip, email"),
    ],
)
def test_bad_input(permitted: Any, words: str) -> None:
    problems = Problems()
    parse_constraints(permitted, None, problems)
    assert str(next(iter(problems))).startswith(words)
