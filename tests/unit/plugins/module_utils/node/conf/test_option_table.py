# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of options is what the vector says."""

from __future__ import annotations

import runpy
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node.conf.option_table import OPTIONS

MEASURE = Path(__file__).resolve().parents[5] / "measure"


def test_the_table_is_generated_from_the_vector() -> None:
    made = runpy.run_path(str(MEASURE / "option_table.py"))["table"]()
    assert {
        block: {release: " ".join(sorted(options)) for release, options in releases.items()}
        for block, releases in made.items()
    } == OPTIONS
