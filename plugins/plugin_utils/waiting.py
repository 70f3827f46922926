# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of an action whose module waits on a host: what it waits for is told on the controller meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from .slices import Telling, wait_in_slices

display = Display()


class WaitingAction(ActionBase):  # type: ignore[misc]
    """Runs ``module`` in slices until ``until``; a subclass names both.

    It runs once where nobody is to be told: in check mode, which only looks; for a task whose result is secret; in the
    background; and where the task itself says when to return.
    """

    module: str
    until: str
    _supports_check_mode = True
    _supports_diff = True
    _supports_async = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task, variables = self._task, task_vars or {}

        def run(slice_of: Mapping[str, float]) -> dict[str, Any]:
            in_background = bool(task.async_val and not self._connection.has_native_async)
            arguments = {**task.args, **slice_of}
            result: dict[str, Any] = self._execute_module(
                module_name=self.module, module_args=arguments, task_vars=task_vars, wrap_async=in_background
            )
            return result

        if task.check_mode or task.no_log or task.async_val or "report_after" in task.args:
            return run({})
        who = str(variables.get("inventory_hostname", "the host"))
        return wait_in_slices(run, Telling(who, self.until, display.display))
