# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of what takes long."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.telling import Telling, megabytes


@pytest.mark.parametrize(
    "count, words", [(0, "0.0 kB"), (1234, "1.2 kB"), (159_112, "0.2 MB"), (2 * 10**9, "2000.0 MB")]
)
def test_sizes_are_for_people(count: int, words: str) -> None:
    assert megabytes(count) == words


def test_a_line_every_ten_seconds() -> None:
    lines: list[str] = []
    now = [0.0]
    telling = Telling(lines.append, "A/S (1 of 2)", "9.0 MB", lambda: now[0])
    for second in range(25):
        now[0] = float(second)
        telling.count(100_000)
    assert lines == [
        "A/S (1 of 2): 1.1 MB so far, of 9.0 MB",
        "A/S (1 of 2): 2.1 MB so far, of 9.0 MB",
    ]
