# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb backup_info tells what is in an archive, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.backup.verb_backup_info import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import PASSPHRASE, write_archive


def info(path: Path, passphrase: str = PASSPHRASE) -> dict[str, Any]:
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal())
    return perform(VERB, {"archive": str(path), "passphrase": passphrase}, surroundings)


def test_it_tells_what_is_in_it(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {"ORDERS": b"x" * 1000}, {"keys/a.nk": b"seed"})
    found = info(tmp_path / "a")
    assert found["files"] == {"trust": 1} and found["streams"][0]["name"] == "ORDERS"
    assert found["streams"][0]["size"] == 1000 and found["size"] == (tmp_path / "a").stat().st_size


def test_it_fails_where_something_is_wrong(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {"ORDERS": b"x" * 1000})
    assert "another key" in info(tmp_path / "a", "not this one at all")["msg"]
    (tmp_path / "a").write_bytes((tmp_path / "a").read_bytes()[:-1])
    assert "damaged or cut off" in info(tmp_path / "a")["msg"]
    assert info(tmp_path / "none")["msg"] == f"{tmp_path}/none: No such file or directory"
