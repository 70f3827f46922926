# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.aegis.nats.plugins.filter.monitoring import FilterModule


def test_templates_find_them() -> None:
    filters = FilterModule().filters()
    assert filters["stale_targets"](["/t/exporter-n9.json"], "n1", ["exporter"], ["n1"]) == ["/t/exporter-n9.json"]
    assert set(filters) == {"events_problems", "key_folder", "monitoring_problems", "stale_targets", "target_files"}
