# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in the folder, and every way in which it can't be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki import facts, issue, keys, store
from ansible_collections.aegis.nats.plugins.module_utils.pki.profiles import KEY_TYPES
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import SealError, StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import (
    DAY,
    NOW,
    Reversed,
    authority,
    certificate,
    entry,
)

PASSPHRASE = "hunter22hunter"


def folder(path: Path) -> Folder:
    return Folder(str(path), NoSeal())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def foreign_key(path: Path) -> None:
    path.write_bytes(keys.write(keys.generate(KEY_TYPES["ecdsa-p256"])))


def test_nothing_there_is_none(tmp_path: Path) -> None:
    assert store.read_authority(folder(tmp_path / "new"), "ca", None) is None
    assert store.read_leaf(folder(tmp_path / "new"), "n1", with_key=True) == store.Leaf()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: (path / "ca.key").unlink(), "ca.key: is missing while ca.crt is there"),
        (lambda path: (path / "ca.crt").unlink(), "ca.crt: is missing while ca.key is there"),
        (lambda path: cut(path / "ca.key"), "ca.key: is cut off"),
        (lambda path: cut(path / "ca.crt"), "ca.crt: the certificate is damaged or cut off"),
        (lambda path: (path / "ca.crt").write_text("hello"), "ca.crt: is not a certificate in PEM form"),
        (lambda path: (path / "ca.key").write_text(""), "ca.key: is not a private key"),
        (lambda path: foreign_key(path / "ca.key"), "ca.key: is not the key of ca.crt"),
    ],
)
def test_an_authority_that_is_broken(tmp_path: Path, harm: Callable[[Path], Any], words: str) -> None:
    authority(tmp_path)
    harm(tmp_path)
    with pytest.raises(StoreError) as caught:
        store.read_authority(folder(tmp_path), "ca", None)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path))


def test_whether_a_key_lies_open_and_unsealed(tmp_path: Path) -> None:
    authority(tmp_path / "open")
    authority(tmp_path / "kept", passphrase=PASSPHRASE, sealer=Reversed())
    found = store.read_authority(folder(tmp_path / "open"), "ca", None)
    assert found is not None
    assert (found.key_open, found.key_unsealed) == (True, True)
    assert "BEGIN" not in repr(found)
    found = store.read_authority(Folder(str(tmp_path / "kept"), Reversed()), "ca", PASSPHRASE)
    assert found is not None
    assert (found.key_open, found.key_unsealed) == (False, False)


def test_all_that_forbids_signing_is_told_at_once() -> None:
    key = keys.generate(KEY_TYPES["ecdsa-p256"])
    root = issue.root(key, issue.Subject("Test CA"), issue.validity(10, NOW), 1)
    found = store.Authority("ca", root, key, "", facts.read(root))
    store.check_authority(found, NOW)
    with pytest.raises(StoreError, match=r"authority ca: it expired on 2026-12-03T12:00:00Z\."):
        store.check_authority(found, NOW + 10 * DAY)
    with pytest.raises(StoreError, match="not valid before 2026-11-23T11:55:00Z and the clock here says 2025-11-23"):
        store.check_authority(found, NOW - timedelta(days=365))


def test_a_leaf_is_no_authority(tmp_path: Path) -> None:
    authority(tmp_path)
    certificate(tmp_path, [entry("leaf")])
    leaf = store.read_leaf(folder(tmp_path), "leaf", with_key=True)
    assert leaf.facts is not None
    found = store.Authority("ca", leaf.certificate, None, "", leaf.facts)
    with pytest.raises(StoreError, match=r"without CA:TRUE\); it must not sign certificates \(keyUsage without"):
        store.check_authority(found, NOW)


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda crt, key: key.unlink(), "its key file is missing"),
        (lambda crt, key: crt.unlink(), "its certificate file is missing"),
        (lambda crt, key: cut(key), "its key file is damaged"),
        (lambda crt, key: cut(crt), "its certificate file is damaged"),
        (lambda crt, key: foreign_key(key), "its key is not that of its certificate"),
    ],
)
def test_a_leaf_that_is_broken(tmp_path: Path, harm: Callable[[Path, Path], Any], fault: str) -> None:
    authority(tmp_path)
    certificate(tmp_path, [entry("n1")])
    assert not store.read_leaf(folder(tmp_path), "n1", with_key=True).faults
    harm(tmp_path / "issued/n1.crt", tmp_path / "issued/n1.key")
    assert store.read_leaf(folder(tmp_path), "n1", with_key=True).faults == (fault,)


def test_a_sealed_key_that_is_cut_off_is_seen_without_opening_it(tmp_path: Path) -> None:
    authority(tmp_path, sealer=Reversed())
    certificate(tmp_path, [entry("n1")], sealer=Reversed())
    place = tmp_path / "issued/n1.key"
    assert not store.read_leaf(folder(tmp_path), "n1", with_key=True).faults
    whole = place.read_bytes()
    for length in (27, 40, 200, len(whole) - 3):
        place.write_bytes(whole[:length])
        assert store.read_leaf(folder(tmp_path), "n1", with_key=True).faults == ("its key file is damaged",), length


def test_sealing_asked_for_where_nothing_can_seal() -> None:
    store.check_seal(None, NoSeal())
    store.check_seal(True, Reversed())
    with pytest.raises(SealError, match="seal is true and there is no vault secret here"):
        store.check_seal(True, NoSeal())
