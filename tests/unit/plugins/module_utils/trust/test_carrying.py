# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that travel: written whole, and removed only when they have served."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.trust.carrying import Carried, response_beside, write_file


def test_the_response_lies_beside_the_request_unless_said(tmp_path: Path) -> None:
    request = tmp_path / "acme.request"
    assert response_beside(request) == tmp_path / "acme.request.response"
    assert response_beside(None) is None
    (tmp_path / "acme.request.response").write_bytes(b"beside")
    (tmp_path / "other").write_bytes(b"said")
    beside = Carried({"operator_request": str(request)}).elsewhere()
    assert (beside.ask, beside.response) == (True, b"beside")
    said = Carried({"operator_request": str(request), "operator_response": str(tmp_path / "other")}).elsewhere()
    assert (said.response, said.place) == (b"said", str(tmp_path / "other"))
    none = Carried({"operator_request": None, "operator_response": ""}).elsewhere()
    assert (none.ask, none.response) == (False, None)


def test_a_request_that_has_no_folder_is_told_first(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"operator_request: there is no folder .*/stick"):
        Carried({"operator_request": str(tmp_path / "stick/acme.request")}).elsewhere()


def test_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "file"
    write_file(place, b"one")
    assert stat.S_IMODE(place.stat().st_mode) == 0o644

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(place, b"two")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert place.read_bytes() == b"one"
