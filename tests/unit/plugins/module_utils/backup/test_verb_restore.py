# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb restore without servers: folders of the controller."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.backup.verb_restore import VERB
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import PASSPHRASE, write_archive

FILES = {"keys/a.nk": b"seed", "stores/o.jwt": b"token"}


def restore(archive: Path, check: bool = False, **params: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in VERB.argument_spec.items()}
    given = {**defaults, "archive": str(archive), "passphrase": PASSPHRASE, **params}
    return perform(VERB, given, Surroundings(check_mode=check, now=datetime.now(timezone.utc), seal=NoSeal()))


def held(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_a_folder_comes_back_once(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    folders = {"trust": str(tmp_path / "trust")}
    checked = restore(tmp_path / "a", True, folders=folders)
    assert not (tmp_path / "trust").exists()
    done = restore(tmp_path / "a", folders=folders)
    assert done["changed"] and done["reasons"] == checked["reasons"] and held(tmp_path / "trust") == FILES
    again = restore(tmp_path / "a", folders=folders)
    assert not again["changed"] and again["reasons"] == []


def test_one_that_was_stopped_is_finished(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    (tmp_path / "trust/keys").mkdir(parents=True)
    (tmp_path / "trust/keys/a.nk").write_bytes(b"seed")
    done = restore(tmp_path / "a", folders={"trust": str(tmp_path / "trust")})
    assert done["reasons"] == ["trust: stores/o.jwt put back"] and held(tmp_path / "trust") == FILES


def test_what_is_there_stays_unless_it_may_be_overwritten(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust/mine").write_bytes(b"mine")
    folders = {"trust": str(tmp_path / "trust")}
    assert "mine was not taken" in restore(tmp_path / "a", folders=folders)["msg"]
    assert held(tmp_path / "trust") == {"mine": b"mine"}
    assert restore(tmp_path / "a", folders=folders, overwrite=True)["changed"]
    assert held(tmp_path / "trust") == FILES


def test_a_damaged_archive_changes_nothing(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    raw = bytearray((tmp_path / "a").read_bytes())
    raw[-40] ^= 1
    (tmp_path / "a").write_bytes(raw)
    assert "is damaged" in restore(tmp_path / "a", folders={"trust": str(tmp_path / "trust")})["msg"]
    assert not (tmp_path / "trust").exists()


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    both = restore(tmp_path / "a", folders={"trust": "x"}, servers=["tls://127.0.0.1:1"], replicas=0)
    assert [each["path"] for each in both["problems"]] == ["servers", "replicas"]
    assert "say what is to be put back" in restore(tmp_path / "a")["msg"]
    other = restore(tmp_path / "a", folders={"pki": str(tmp_path / "pki")})
    assert other["problems"][0]["message"] == "are not in the archive, which holds trust: see its streams"


def test_a_folder_that_was_not_taken_is_left_as_it_is(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {}, FILES)
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki/ca.crt").write_bytes(b"mine")
    folders = {name: str(tmp_path / name) for name in ("trust", "pki", "changes")}
    done = restore(tmp_path / "a", folders=folders)
    assert done["changed"] and held(tmp_path / "trust") == FILES and held(tmp_path / "pki") == {"ca.crt": b"mine"}
    (told,) = done["warnings"]
    assert told == (f"folders.pki: is not in the archive, which holds trust: {tmp_path / 'pki'} is left as it is")


def test_streams_that_are_not_in_the_archive_are_told(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", {"ORDERS": b""})
    done = restore(tmp_path / "a", servers=["tls://127.0.0.1:1"], streams=["TeamAlpha/NONE"])
    assert [each["path"] for each in done["problems"]] == ["trust", "streams[0]"]
