# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles and the key usages that they give."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES, Profile, guess


@pytest.mark.parametrize(
    ("profile", "usages"),
    [
        ("server", {"serverAuth"}),
        ("websocket", {"serverAuth"}),
        ("mqtt", {"serverAuth"}),
        ("monitoring", {"serverAuth"}),
        ("client", {"clientAuth"}),
        ("route", {"serverAuth", "clientAuth"}),
        ("gateway", {"serverAuth", "clientAuth"}),
        ("leafnode", {"serverAuth", "clientAuth"}),
        ("ocsp", {"OCSPSigning"}),
    ],
)
def test_usages(profile: str, usages: set[str]) -> None:
    assert Profile(profile).usages == usages
    assert Profile(profile).listens is ("serverAuth" in usages)


def test_guess_is_the_plainest_profile_of_those_usages() -> None:
    assert {guess(profile.usages) for profile in Profile} == {"server", "route", "client", None}
    assert guess(frozenset({"1.3.6.1.5.5.7.3.4"})) is None


def test_key_types_are_named_by_their_key() -> None:
    assert all(known.name == name for name, known in KEY_TYPES.items())
