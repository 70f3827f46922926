# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter that says why a server does not go from one version to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..module_utils.node import version_steps


def step_problem(before: object, wanted: object, allowed: Iterable[object] = ()) -> str:
    """What is wrong with the step, in words; nothing where it may be taken."""
    return version_steps.problem(str(before), str(wanted), [str(each) for each in allowed]) or ""


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, Any]:
        return {"step_problem": step_problem}
