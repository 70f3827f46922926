# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's state alone: by the play's vault secret, of estates without streams, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import CONTROLLER, ROOT, Estate, good

BACKUP, RESTORE = (str(ROOT / f"playbooks/{name}.yml") for name in ("backup", "restore"))
STATE = ("-e", "nats_backup_jetstream=false")


def vault(tmp_path: Path, name: str, password: str) -> tuple[str, str]:
    place = tmp_path / name
    place.touch(0o600)
    place.write_text(password)
    return "--vault-password-file", str(place)


def test_the_vault_secret_of_the_play_opens_it(estate: Estate, tmp_path: Path) -> None:
    mine, other = vault(tmp_path, "mine", "one vault secret"), vault(tmp_path, "other", "another vault secret")
    good(estate.deploy(*mine, playbook=CONTROLLER))
    before = estate.snapshot("nats")
    good(estate.deploy(*mine, *STATE, playbook=BACKUP))
    (archive,) = (estate.root / "nats/backups").iterdir()
    assert archive.name.startswith("quickstart-2") and archive.stat().st_mode & 0o777 == 0o600
    archive = archive.rename(tmp_path / "a.nats-backup")
    shutil.rmtree(estate.root / "nats")
    words = ("-e", f"nats_restore_archive={archive}", "-e", "nats_restore=state")
    for wrong in (other, ()):
        refused = estate.deploy(*wrong, *words, playbook=RESTORE)
        assert refused.code and "vault" in refused.problems[0][1], refused.output
        assert not (estate.root / "nats").exists()
    limited = estate.deploy(*mine, "-e", f"nats_restore_archive={archive}", "--limit", "n2", playbook=RESTORE)
    assert limited.code and "without --limit" in limited.text, limited.output
    checked = good(estate.deploy("--check", "--diff", *mine, *words, playbook=RESTORE))
    assert not (estate.root / "nats").exists()
    done = good(estate.deploy(*mine, *words, playbook=RESTORE))
    assert [run.results[1]["reasons"] for run in (checked, done)] == [done.results[1]["reasons"]] * 2
    after = {path: held for path, held in estate.snapshot("nats").items() if not path.endswith("/.lock")}
    assert after == {path: held for path, held in before.items() if not path.endswith("/.lock")}
    assert good(estate.deploy(*mine, *words, playbook=RESTORE)).changes == []


def test_without_operator_mode_streams_are_refused_and_state_is_taken(estate: Estate, tmp_path: Path) -> None:
    estate.settings.update(nats_server_auth="users")
    opens = ("-e", "nats_backup_passphrase=a-passphrase-of-a-test", "-e", f"nats_backup_archive={tmp_path / 'a'}")
    refused = estate.deploy(*opens, playbook=BACKUP)
    assert refused.code and "nats_server_auth is users: streams are taken by users" in refused.text, refused.output
    (estate.root / "nats/pki").mkdir(parents=True)
    (estate.root / "nats/pki/ca.crt").write_text("mine")
    good(estate.deploy(*opens, *STATE, playbook=BACKUP))
    shutil.rmtree(estate.root / "nats")
    words = (*opens, "-e", f"nats_restore_archive={tmp_path / 'a'}")
    streams = estate.deploy(*words, "-e", "nats_restore=streams", playbook=RESTORE)
    assert streams.code and "streams need operator mode" in streams.text, streams.output
    good(estate.deploy(*words, "-e", "nats_restore=state", playbook=RESTORE))
    assert (estate.root / "nats/pki/ca.crt").read_text() == "mine"


def test_a_full_disk_keeps_nothing(estate: Estate, tmp_path: Path) -> None:
    """The size that a file of the run may have stands for the disk."""
    if not shutil.which("prlimit"):
        pytest.skip("prlimit (util-linux) is not installed")
    (estate.root / "nats/pki").mkdir(parents=True)
    (estate.root / "nats/pki/big").write_bytes(bytes(3_000_000))
    folder = tmp_path / "archives"
    words = ("-e", "nats_backup_passphrase=a-passphrase-of-a-test", "-e", f"nats_backup_archive={folder / 'a'}", *STATE)
    full = estate.deploy(*words, playbook=BACKUP, wrap=("prlimit", "--fsize=2000000"))
    assert full.code and "nothing is kept of this archive" in full.text, full.output
    assert list(folder.iterdir()) == []
    good(estate.deploy(*words, playbook=BACKUP))
