# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that asks a nats-server program on the controller for its version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..module_utils.node.host import binary_version
from ..module_utils.plan.errors import NatsError


def program_version(path: object) -> str:
    """What it says to ``--version``; nothing where it does not run on the controller, as one for another processor."""
    try:
        return binary_version(str(Path(str(path)).expanduser()))
    except NatsError:
        return ""


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {"program_version": program_version}
