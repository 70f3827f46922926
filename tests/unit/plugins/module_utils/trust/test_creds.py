# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creds files, byte for byte those of nsc."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds
from ansible_collections.aegis.nats.plugins.module_utils.trust.creds import Creds, CredsProblem
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import VECTORS
from hypothesis import given
from hypothesis import strategies as st

SAMPLE = (VECTORS / "example_user.creds").read_bytes()
WORD = st.text("ABCabc012-_.", min_size=1)


def test_the_sample_of_nsc_comes_back() -> None:
    assert creds.write(creds.read(SAMPLE)) == SAMPLE


@given(WORD, WORD)
def test_what_is_written_is_read(token: str, seed: str) -> None:
    assert creds.read(creds.write(Creds(token, seed))) == Creds(token, seed)


def test_windows_line_ends_are_read() -> None:
    assert creds.read(SAMPLE.replace(b"\n", b"\r\n")) == creds.read(SAMPLE)


@pytest.mark.parametrize("size", range(0, 900, 60))
def test_a_file_cut_short_is_noticed(size: int) -> None:
    assert size < SAMPLE.index(b"------END USER")
    with pytest.raises(CredsProblem, match="missing or cut"):
        creds.read(SAMPLE[:size])


def test_binary_is_refused() -> None:
    with pytest.raises(CredsProblem, match="not a creds file"):
        creds.read(b"\xff\xfe")


def test_neither_part_is_shown() -> None:
    assert "SUAAKBIFAU" not in repr(creds.read(SAMPLE))
    assert "eyJ0" not in repr(creds.read(SAMPLE))
