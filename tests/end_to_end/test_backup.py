# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is lost but an archive and what opens it: the cluster comes back with all that a client can see."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, version_of
from ansible_collections.aegis.nats.tests.end_to_end.holdings import (
    CREDS,
    MARKER,
    Holder,
    delivered_again,
    destroy,
    fill,
    stores_of,
    widen,
)
from ansible_collections.aegis.nats.tests.end_to_end.secrets import leaks, secrets_of

BACKUP, RESTORE = (str(ROOT / f"playbooks/{name}.yml") for name in ("backup", "restore"))
PASSPHRASE = "correct horse battery staple 7d1c"


@pytest.fixture
def filled(tmp_path: Path, binary: str) -> Iterator[Estate]:
    """A cluster with streams of every kind."""
    made = Estate(tmp_path / "estate", binary)
    made.settings.update(nats_server_lame_duck_grace_period="1s", nats_server_version=version_of(binary))
    widen(made)
    try:
        good(made.deploy())
        fill(made)
        yield made
    finally:
        made.close()


@pytest.fixture
def opens(tmp_path: Path) -> list[str]:
    """The options of a run that hand over the passphrase, by a file."""
    place = tmp_path / "passphrase.yml"
    place.touch(0o600)
    place.write_text(f"nats_backup_passphrase: {PASSPHRASE}\n")
    return ["-e", f"@{place}"]


def test_all_comes_back_into_an_empty_cluster(filled: Estate, tmp_path: Path, opens: list[str]) -> None:
    archive = tmp_path / "archive" / "a.nats-backup"
    team, partner = Holder(filled), Holder(filled, "ExternalPartner")
    before, notes, stores = team.record(), partner.record(), stores_of(team)
    creds, secrets = (filled.root / CREDS["TeamAlpha"]).read_text(), secrets_of(filled)
    checked = good(filled.deploy("--check", *opens, playbook=BACKUP))
    assert not (filled.root / "nats/backups").exists()
    taken = good(filled.deploy("-vvv", "--diff", *opens, "-e", f"nats_backup_archive={archive}", playbook=BACKUP))
    assert taken.results[1]["reasons"] == checked.results[1]["reasons"] and len(taken.changes) == 1
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600 and list(archive.parent.iterdir()) == [archive]
    texts = {"the output": taken.output, "the archive": archive.read_bytes().decode("latin-1")}
    assert not leaks({**secrets, "the passphrase": PASSPHRASE, "a message": MARKER}, texts)

    destroy(filled)
    words = [*opens, "-e", f"nats_restore_archive={archive}"]
    back = good(filled.deploy("-vvv", "--diff", *words, playbook=RESTORE))
    assert not leaks({**secrets, "the passphrase": PASSPHRASE, "a message": MARKER}, {"the output": back.output})
    print(f"backup {taken.seconds:.0f} s, restore {back.seconds:.0f} s, {archive.stat().st_size} bytes")
    assert (filled.root / CREDS["TeamAlpha"]).read_text() == creds
    assert team.record() == before and partner.record() == notes and stores_of(team) == stores
    # 25 and 26 were acknowledged out of order: servers may or may not remember that.
    assert delivered_again(team, "ORDERS", "half") | {25, 26} == {*range(21, 61)}
    assert delivered_again(team, "INTEREST", "two") == {*range(11, 31)}
    again = good(filled.deploy(*words, playbook=RESTORE))
    assert again.changes == [] and "0 streams are back and verified" in again.text, again.output
