# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of every role, against keys of the official tools."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyProblem, Role
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import vectors
from hypothesis import given
from hypothesis import strategies as st

RAW = st.binary(min_size=32, max_size=32)
ROLES = st.sampled_from(list(Role))


@pytest.mark.parametrize("vector", vectors("nkeys_vectors.json"), ids=lambda vector: vector["role"])
def test_keys_are_those_of_the_official_tools(vector: dict[str, str]) -> None:
    role = next(role for role in Role if role.letter == vector["public"][0])
    pair = keys.make(role, bytes([int(vector["raw_byte"])]) * 32)
    assert (pair.seed, pair.public_key) == (vector["seed"], vector["public"])
    assert keys.from_seed(vector["seed"], role) == pair


@given(ROLES, RAW)
def test_seeds_and_public_keys_come_back(role: Role, raw: bytes) -> None:
    pair = keys.make(role, raw)
    assert keys.from_seed(pair.seed + "\n") == pair
    assert keys.role_of(pair.public_key) is role
    assert pair.public_key[0] == role.letter
    assert pair.seed[:2] == "S" + role.letter


@given(ROLES, RAW, st.integers(0, 57), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_letter_is_noticed(role: Role, raw: bytes, place: int, letter: str) -> None:
    seed = keys.make(role, raw).seed
    damaged = seed[:place] + letter + seed[place + 1 :]
    if damaged != seed:
        with pytest.raises(KeyProblem):
            keys.from_seed(damaged)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 characters"),
        ("SUAAKBIFAUCQKBIFAUCQ", "not a whole seed"),
        ("su" + "a" * 56, "only A to Z"),
        ("UBXHUHG5FGYLPD6RHL2MKWMP572O6KUXCZXDZJXS4T57ZTMAKBN7CEDX", "not a whole seed"),
    ],
)
def test_what_is_no_seed_is_told(text: str, says: str) -> None:
    with pytest.raises(KeyProblem, match=says):
        keys.from_seed(text)


def test_the_wrong_role_is_told_and_the_seed_is_not() -> None:
    pair = keys.make(Role.ACCOUNT, bytes(32))
    with pytest.raises(KeyProblem, match="an account key, expected a user key") as caught:
        keys.from_seed(pair.seed, Role.USER)
    assert pair.seed not in str(caught.value)
    assert pair.seed not in repr(pair)


def test_curve_keys_do_not_sign() -> None:
    with pytest.raises(KeyProblem, match="can't sign"):
        keys.make(Role.CURVE, bytes(32)).sign(b"x")


def test_a_public_key_of_another_role_is_not_it() -> None:
    public = keys.make(Role.USER, bytes(32)).public_key
    assert keys.is_public(public, Role.USER)
    assert not keys.is_public(public, Role.ACCOUNT)
    assert not keys.is_public(public[:-1], Role.USER)
    assert not keys.is_public(None, Role.USER)


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(KeyProblem, match="32 random bytes, not 31"):
        keys.make(Role.USER, bytes(31))


def test_the_spare_bits_of_the_last_letter_have_to_be_zero() -> None:
    """A seed has 290 bits for 288: without this check four last letters would mean the same seed."""
    seed = keys.make(Role.USER, bytes(32)).seed
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".replace(seed[-1], ""):
        with pytest.raises(KeyProblem):
            keys.from_seed(seed[:-1] + letter)
