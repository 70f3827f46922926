# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.aegis.nats.plugins.filter.step_problem import FilterModule


def test_a_step_by_its_name() -> None:
    step_problem = FilterModule().filters()["step_problem"]
    assert "2.14.4 is older" in step_problem("2.15.1", "2.14.4")
    assert step_problem("2.15.1", "2.14.4", ["2.15.1:2.14.4"]) == ""
    assert step_problem("2.14.4", "2.15.1") == ""
