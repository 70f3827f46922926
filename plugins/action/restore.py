# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.restore."""

from __future__ import annotations

from typing import Any

from ..module_utils.backup.verb_restore import VERB
from ..plugin_utils.in_process import InProcessAction
from ..plugin_utils.ssh_way import ssh_way


class ActionModule(InProcessAction):
    """Runs restore."""

    verb = VERB

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        found = super()._params(params, task_vars)
        folders = {name: self._loader.path_dwim(str(path)) for name, path in params["folders"].items() if path}
        way = ssh_way(params["via"], self._task, task_vars) if params.get("via") else None
        return {**found, "folders": {**params["folders"], **folders}, "way": way}
