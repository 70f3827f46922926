# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import verb_encrypted
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_encrypted import ENCRYPTED
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_at_rest import INDEX, record, store


def proved(path: Path, check: bool = False) -> Any:
    seen = Surroundings(check_mode=check, now=datetime(2026, 1, 1, tzinfo=timezone.utc), seal=NoSeal())
    return perform(ENCRYPTED, {"path": str(path)}, seen)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb_encrypted, "_AGAIN", 0.0)


def test_what_was_left_of_a_stream_s_state_is_removed(tmp_path: Path) -> None:
    place = store(tmp_path / "jetstream/A/streams/S", **{"msgs/index.db": INDEX}) / "msgs/index.db"
    checked = proved(tmp_path, check=True)
    assert place.exists() and checked["removed"] == [str(place)] and checked["changed"]
    done = proved(tmp_path)
    assert not place.exists() and done["reasons"] == checked["reasons"] and done["stores"] == 1
    assert proved(tmp_path)["changed"] is False


def test_nothing_is_removed_where_anything_is_in_plaintext(tmp_path: Path) -> None:
    blocks = {f"msgs/{number}.blk": record() for number in range(25)}
    place = store(tmp_path / "jetstream/A/streams/S", **blocks, **{"msgs/index.db": INDEX})
    failed = proved(tmp_path)
    assert failed["failed"] and "25 of its parts are in plaintext" in failed["msg"] and "and 5 more" in failed["msg"]
    assert "hello" not in failed["msg"] and (place / "msgs/index.db").exists()
