# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of archives: by passphrase, by vault secret, and none."""

from __future__ import annotations

import inspect
import os

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup import keys
from ansible_collections.aegis.nats.plugins.module_utils.backup.keys import (
    TAG,
    Lock,
    Secret,
    WrongKey,
    known_key,
    new_key,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import SealError
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.backup.samples import PASSPHRASE, SECRET


class Mirror(NoSeal):
    """A seal that can be looked through: what it closed, only it opens."""

    active = True

    def close(self, content: bytes) -> bytes:
        return b"$ANSIBLE_VAULT;" + content[::-1]

    def open(self, content: bytes, path: str) -> bytes:
        return content[len(b"$ANSIBLE_VAULT;") :][::-1]


def test_a_passphrase_gives_its_key_again_and_no_salt_twice() -> None:
    key, said = new_key(SECRET, True, os.urandom)
    assert known_key(said, SECRET, "a") == key and len(key or b"") == 32
    assert PASSPHRASE not in str(said)
    assert new_key(SECRET, True, os.urandom)[0] != key


def test_a_passphrase_that_is_missing_is_asked_for() -> None:
    _key, said = new_key(SECRET, True, os.urandom)
    with pytest.raises(WrongKey, match="archive: it was encrypted with a passphrase: give it"):
        known_key(said, Secret(None, NoSeal()), "archive")


def test_the_vault_secret_seals_a_key_that_is_made_by_chance() -> None:
    secret = Secret(None, Mirror())
    key, said = new_key(secret, True, os.urandom)
    assert known_key(said, secret, "a") == key
    assert (key or b"").hex() not in str(said)
    with pytest.raises(SealError, match="no vault secret"):
        known_key(said, Secret(PASSPHRASE, NoSeal()), "a")


@pytest.mark.parametrize(
    "said",
    [
        {"from": "passphrase", "salt": "zz", "n": 2, "r": 8, "p": 1},
        {"from": "passphrase", "salt": "00", "n": 2**40, "r": 8, "p": 1},
        {"from": "passphrase", "salt": "00", "n": "many", "r": 8, "p": 1},
        {"from": "the moon"},
    ],
)
def test_a_header_that_nobody_writes_is_told(said: dict[str, object]) -> None:
    with pytest.raises(WrongKey, match=r"^a: "):
        known_key(said, SECRET, "a")


@pytest.mark.parametrize("key", [bytes(32), None])
def test_a_chunk_opens_at_its_place_alone(key: bytes) -> None:
    lock = Lock(key)
    sealed = lock.close(3, b"start\0", b"content")
    assert len(sealed) == len(b"content") + TAG
    assert lock.open(3, b"start\0", sealed) == b"content"
    assert lock.open(4, b"start\0", sealed) is None
    assert lock.open(3, b"start\1", sealed) is None
    assert (b"content" in sealed) is (key is None)


def test_what_guessing_costs_is_not_lowered_by_accident() -> None:
    """The cost of real archives: what the source says, not what the tests of this folder have in its place."""
    assert 'COST: Mapping[str, int] = {"n": 1 << 15, "r": 8, "p": 3}' in inspect.getsource(keys)
