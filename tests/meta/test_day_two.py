# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/day_two.md says of operations and faults is what the tests try."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aegis.nats.tests.faults.cells import table
from ansible_collections.aegis.nats.tests.meta.repository import text


def test_the_table_of_faults_is_that_of_the_tests() -> None:
    _before, _begin, rest = text(Path("docs/day_two.md")).partition("<!-- faults: begin -->\n")
    found, end, _after = rest.partition("<!-- faults: end -->")
    assert end and found == table(), f"write there:\n{table()}"
