# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the role nats_monitoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..module_utils.node.checks.monitoring import key_folder, monitoring_problems, stale_targets, target_files
from ..module_utils.node.checks.monitoring_events import events_problems


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters by name."""
        return {
            "events_problems": events_problems,
            "key_folder": key_folder,
            "monitoring_problems": monitoring_problems,
            "stale_targets": stale_targets,
            "target_files": target_files,
        }
