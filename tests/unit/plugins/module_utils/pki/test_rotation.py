# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a rotation: what it says, and what is no record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import rotation
from ansible_collections.aegis.nats.plugins.module_utils.pki.rotation import Kind, Phase, Record, Rotation
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal

STARTED = "2026-11-23T12:00:00Z"
TURNS = [
    Rotation(Kind.CERTIFICATES, Phase.ISSUE, STARTED),
    *(Rotation(Kind.AUTHORITY, phase, STARTED, verified, "aa:bb", "cc:dd") for phase in Phase for verified in (0, 1)),
]


def written(path: Path, record: Record) -> Folder:
    change = rotation.change(record)
    (path / change.path).write_bytes(change.content or b"")
    return Folder(str(path), NoSeal())


@pytest.mark.parametrize("turn", [None, *TURNS])
def test_the_record_comes_back(tmp_path: Path, turn: Rotation | None) -> None:
    assert rotation.read(Folder(str(tmp_path), NoSeal())) == Record()
    record = Record(turn, {"certificates": STARTED})
    folder = written(tmp_path, record)
    assert rotation.read(folder) == record
    assert rotation.change(rotation.read(folder)) == rotation.change(record)
    assert rotation.change(record).mode == 0o600


def test_the_phases() -> None:
    certificates, authority = TURNS[0], TURNS[1]
    assert (certificates.phases, certificates.next) == ((Phase.ISSUE,), None)
    assert authority.phases == tuple(Phase)
    assert [TURNS[number].next for number in (1, 3, 5)] == [Phase.ISSUE, Phase.DROP, None]
    assert (certificates.title, authority.title) == ("the certificates", "the authority")


@pytest.mark.parametrize(
    ("turn", "before", "waits"),
    [(None, "", False), (TURNS[0], STARTED, False), (TURNS[1], "", True), (TURNS[3], "", False)],
)
def test_what_the_others_read_in_it(tmp_path: Path, turn: Rotation | None, before: str, waits: bool) -> None:
    folder = written(tmp_path, Record(turn))
    assert rotation.reissue_before(folder) == before
    assert rotation.waits_for_new_authority(folder) is waits


GOOD: dict[str, Any] = json.loads(rotation.change(Record(TURNS[0])).content or b"")


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        {**GOOD, "form": 2},
        {**GOOD, "finished": None},
        {**GOOD, "current": {**GOOD["current"], "phase": "later"}},
        {**GOOD, "current": {**GOOD["current"], "kind": "keys"}},
        {**GOOD, "current": {**GOOD["current"], "who": "me"}},
        {**GOOD, "current": {"kind": "certificates", "phase": "issue"}},
        {**GOOD, "current": "issue"},
    ],
)
def test_what_is_no_record(tmp_path: Path, told: Any) -> None:
    (tmp_path / rotation.FILE).write_text(json.dumps(told))
    with pytest.raises(StoreError, match=r"rotation.json: the record of the rotation is damaged: put it back"):
        rotation.read(Folder(str(tmp_path), NoSeal()))


def test_a_record_that_is_cut_off(tmp_path: Path) -> None:
    (tmp_path / rotation.FILE).write_bytes((rotation.change(Record(TURNS[0])).content or b"")[:-20])
    with pytest.raises(StoreError, match="the record of the rotation is damaged"):
        rotation.read(Folder(str(tmp_path), NoSeal()))
