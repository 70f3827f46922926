# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""For which keys a name stands: through renewals, revocations, a rotation of the authority, and in check mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import verb_certificate_rotation, verb_revocation_list
from ansible_collections.aegis.nats.plugins.module_utils.pki.pins import keys_before, pins_of
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    authority,
    call,
    certificate,
    entry,
)
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, request

NAME = "n1/server"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    authority(tmp_path, common_name="Old")
    return tmp_path


def told(path: Path, day: int = 0, check: bool = False, **params: Any) -> tuple[str, list[str]]:
    """The present key and the pins of the one certificate of which these tests are."""
    result = certificate(path, params.pop("wanted", [entry(days=90)]), NOW + day * DAY, check, **params)
    assert not result.get("failed"), result
    found = result["certificates"][NAME]
    return found["spki_sha256"], found["pins"]


def test_a_name_stands_for_the_last_two_keys(path: Path) -> None:
    first, pins = told(path)
    assert pins == [first]
    second, pins = told(path, 70)
    assert second != first and pins == [second, first]
    assert told(path, 71) == (second, [second, first])
    third, pins = told(path, 140)
    assert pins == [third, second]


def test_a_certificate_that_has_ended_stands_for_nothing(path: Path) -> None:
    told(path)
    second, pins = told(path, 100)
    assert pins == [second]


def test_the_same_key_again_counts_once(path: Path) -> None:
    wanted = [entry(days=90, csr=request(KEY, "n1.example.com"))]
    key, pins = told(path, wanted=wanted)
    assert told(path, 70, wanted=wanted) == (key, [key]) == (pins[0], pins)


def test_what_is_revoked_stands_for_nothing(path: Path) -> None:
    first, _dummy = told(path)
    revoked = [{"name": NAME, "reason": "key_compromise"}]
    _dummy, checked = told(path, 1, check=True, revoked=revoked)
    assert first not in checked
    call(verb_revocation_list.VERB, {"path": str(path), "revoked": revoked}, NOW + DAY)
    second, pins = told(path, 1, revoked=revoked)
    assert pins == [second]


def test_in_check_mode_what_is_known_is_told(path: Path) -> None:
    assert told(path, check=True) == (None, [])
    first, _dummy = told(path)
    assert told(path, 70, check=True) == (None, [first])
    wanted = [entry(days=90, csr=request(KEY, "n1.example.com"))]
    coming, pins = told(path, 70, check=True, wanted=wanted)
    assert pins == [coming, first]


def test_the_key_before_stays_through_a_rotation_of_the_authority(path: Path) -> None:
    first, _dummy = told(path)
    authority(path / "next", NOW, common_name="New")
    rotate = {"path": str(path), "kind": "authority"}
    for verified in (None, "trust", "issue", "drop"):
        before = told(path, 1)
        step = call(verb_certificate_rotation.VERB, {**rotate, "verified": verified}, NOW + DAY)
        assert not step.get("failed"), step
        second, pins = told(path, 1)
        if verified == "trust":
            assert pins == [second, first] and second != first
        else:
            assert (second, pins) == before


def test_whose_keys_they_are(path: Path) -> None:
    told(path)
    folder = Folder(str(path), NoSeal())
    assert list(keys_before(folder, (), NOW)) == [NAME]
    (serial,) = (path / "ca.serials.json").read_text().split('"')[1:2]
    assert keys_before(folder, {serial}, NOW) == {}
    assert pins_of(["", "a"], {"x": ["b", "c"]}, "x") == ["a", "b"]
    assert pins_of([""], {}, "x") == []
