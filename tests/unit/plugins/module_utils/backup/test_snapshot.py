# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of a snapshot and answers to them; with servers: tests/integration/test_backup.py."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.snapshot import _pieces, _refusal
from hypothesis import given
from hypothesis import strategies as st


@given(content=st.lists(st.binary(max_size=50)), longest=st.integers(1, 20))
def test_no_piece_is_longer_than_a_message_may_be(content: list[bytes], longest: int) -> None:
    pieces = list(_pieces(content, longest))
    assert b"".join(pieces) == b"".join(content)
    assert all(0 < len(piece) <= longest for piece in pieces)


@pytest.mark.parametrize(
    "answer, words",
    [
        (b'{"type": "x", "config": {}}', None),
        (
            b'{"error": {"code": 500, "err_code": 10062, "description": "restore failed: why"}}',
            "S: restore failed: why",
        ),
        (b"+OK", "S: the answer to a chunk is no JSON"),
    ],
)
def test_an_answer_is_a_refusal_or_none(answer: bytes, words: str) -> None:
    refusal = _refusal("S", answer)
    assert (str(refusal) if refusal else None) == words
