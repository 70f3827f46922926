# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.client_probe."""

from __future__ import annotations

from typing import Any

from ..module_utils.probe.verb_client_probe import CLIENT_PATHS, VERB
from ..plugin_utils.in_process import InProcessAction
from ..plugin_utils.ssh_way import ssh_way


class ActionModule(InProcessAction):
    """Runs client_probe."""

    verb = VERB

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        found = super()._params(params, task_vars)
        if params.get("via"):
            found["way"] = ssh_way(params["via"], self._task, task_vars)
        clients = [
            {**client, **{name: self._loader.path_dwim(client[name]) for name in CLIENT_PATHS if client.get(name)}}
            for client in params["clients"]
        ]
        return {**found, "clients": clients}
