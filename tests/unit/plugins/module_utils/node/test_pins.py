# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public keys that a listener pins."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.pins import DIGEST, NAME, TO_BE_MADE, resolve

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
CERTIFICATES = {
    "n1/route": {"spki_sha256": A, "pins": [A, B]},
    "n2/route": {"spki_sha256": C, "pins": [C]},
    "n2/server": {"spki_sha256": "d" * 64, "pins": ["d" * 64]},
}


def test_names_patterns_and_digests() -> None:
    assert resolve(["*/route"], CERTIFICATES) == ([A, B, C], [])
    assert resolve(["n1/route", "e" * 64, A], CERTIFICATES) == ([A, B, "e" * 64], [])
    assert resolve([], CERTIFICATES) == ([], [])


def test_who_is_unknown_is_told() -> None:
    assert resolve(["n3/route", "x/*", C], CERTIFICATES) == ([C], ["n3/route", "x/*"])


def test_what_is_still_to_be_made_keeps_the_list_from_being_empty() -> None:
    """nats-server takes an empty list for none: everybody would be let in."""
    coming = {"n1/route": {"spki_sha256": None, "pins": []}, "n2/route": {"spki_sha256": None, "pins": [A]}}
    assert resolve(["n1/route"], coming) == ([TO_BE_MADE], [])
    assert resolve(["*/route"], coming) == ([TO_BE_MADE, A], [])
    assert DIGEST.match(TO_BE_MADE)


@pytest.mark.parametrize("name", ["clients/app", "*/route", "n?/server", "clients/team/app"])
def test_a_name(name: str) -> None:
    assert NAME.match(name) and not DIGEST.match(name)


@pytest.mark.parametrize("name", ["sha256:aa", "A" * 64, "a" * 63, "app", "clients/", "/route", "a/b\n", "a b/c"])
def test_what_is_neither_name_nor_digest(name: str) -> None:
    assert not NAME.match(name) and not DIGEST.match(name)
