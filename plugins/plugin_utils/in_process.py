# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the actions: a verb runs on the controller, in process, unless the task is delegated to another host."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Optional

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.plan.errors import SealError
from ..module_utils.plan.verb import Surroundings, Verb, perform
from .seal import VaultSeal

display = Display()


class InProcessAction(ActionBase):  # type: ignore[misc]
    """Runs ``verb`` on the controller; a subclass names it. Become does not apply there: files stay the caller's."""

    verb: Verb
    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        delegate = self._task.delegate_to
        if delegate and delegate not in constants.LOCALHOST:
            result: dict[str, Any] = self._execute_module(
                module_name=f"aegis.nats.{self.verb.name}", module_args=self._task.args, task_vars=task_vars
            )
            return result
        try:
            _dummy, params = self.validate_argument_spec(
                argument_spec=dict(self.verb.argument_spec), **dict(self.verb.constraints)
            )
            seal = VaultSeal(self._loader, params.get("seal"))
        except (AnsibleActionFail, SealError) as error:
            # A result, not an exception: preflight notes it beside what others found (failed_when has its say).
            return {"failed": True, "changed": False, "msg": f"{self.verb.name}: {error}"}
        surroundings = Surroundings(
            check_mode=bool(self._task.check_mode),
            now=datetime.now(timezone.utc),
            seal=seal,
            progress=display.display,
            diff=bool(self._task.diff),
        )
        return perform(self.verb, self._params(params, task_vars or {}), surroundings)

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The validated parameters, their paths made absolute; a subclass may add what only the controller knows."""
        found = {name: self._loader.path_dwim(params[name]) for name in self.verb.local_paths if params.get(name)}
        return {**params, **found}
