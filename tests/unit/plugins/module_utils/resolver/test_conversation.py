# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of many servers. The conversation itself is tested against real ones in tests/integration."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.resolver.conversation import Refused, by_server


def test_answers_are_told_apart_by_server() -> None:
    answers = [b'{"server": {"name": "n1"}, "data": ["A1"]}', b'{"server": {"id": "NXYZ"}, "error": {}}']
    assert {name: set(answer) - {"server"} for name, answer in by_server(answers).items()} == {
        "n1": {"data"},
        "NXYZ": {"error"},
    }


@pytest.mark.parametrize("answer", [b"", b"+OK", b"[]", b"{}", b'{"server": null}', b'{"server": {}}'])
def test_what_is_no_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(Refused):
        by_server([answer])
