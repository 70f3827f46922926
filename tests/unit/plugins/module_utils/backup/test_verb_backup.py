# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb backup without servers: everything wrong at once, and the controller's state."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.backup import verb_backup_info
from ansible_collections.aegis.nats.plugins.module_utils.backup.verb_backup import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import PASSPHRASE


def backup(path: Path, check: bool = False, **params: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in VERB.argument_spec.items()}
    given = {**defaults, "archive": str(path), "passphrase": PASSPHRASE, **params}
    return perform(VERB, given, Surroundings(check_mode=check, now=datetime.now(timezone.utc), seal=NoSeal()))


def tree(root: Path) -> dict[str, str]:
    (root / "trust/keys").mkdir(parents=True)
    (root / "trust/keys/a.nk").write_bytes(b"SECRET SEED")
    return {"trust": str(root / "trust")}


def test_state_goes_in_and_is_told(tmp_path: Path) -> None:
    done = backup(tmp_path / "a", folders=tree(tmp_path))
    assert done["changed"] and done["files"] == {"trust": 1} and done["reasons"] == ["trust: 1 files"]
    assert b"SECRET SEED" not in (tmp_path / "a").read_bytes() and "warnings" not in done
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal())
    seen = perform(verb_backup_info.VERB, {"archive": str(tmp_path / "a"), "passphrase": PASSPHRASE}, surroundings)
    assert seen["files"] == {"trust": 1} and seen["encrypted"] and not seen["changed"]


def test_check_mode_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    folders = tree(tmp_path)
    checked = backup(tmp_path / "a", True, folders=folders)
    assert not (tmp_path / "a").exists()
    done = backup(tmp_path / "a", folders=folders)
    assert (checked["changed"], checked["reasons"]) == (done["changed"], done["reasons"])


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    done = backup(tmp_path / "a", passphrase="short", folders={"pki": str(tmp_path / "pki")}, streams=["A/S"])
    assert done["failed"] and [each["path"] for each in done["problems"]] == [
        "passphrase",
        "archive",
        "folders.pki",
        "servers",
    ]


def test_nothing_to_take_is_a_problem(tmp_path: Path) -> None:
    assert "say what is to be backed up" in backup(tmp_path / "a")["msg"]


def test_without_any_key_it_takes_an_explicit_wish(tmp_path: Path) -> None:
    folders = tree(tmp_path)
    refused = backup(tmp_path / "a", passphrase=None, folders=folders)
    assert "this play has no vault secret" in refused["msg"]
    done = backup(tmp_path / "a", passphrase=None, encrypt=False, folders=folders)
    assert done["changed"] and "is not encrypted (encrypt: false)" in done["warnings"][0]
    assert b"SECRET SEED" in (tmp_path / "a").read_bytes()


def test_streams_need_the_trust_store(tmp_path: Path) -> None:
    done = backup(tmp_path / "a", servers=["tls://127.0.0.1:1"])
    assert [each["path"] for each in done["problems"]] == ["trust"]
