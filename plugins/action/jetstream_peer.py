# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.jetstream_peer."""

from __future__ import annotations

from typing import Any

from ..module_utils.jetstream.verb_jetstream_peer import PEER
from ..plugin_utils.in_process import InProcessAction
from ..plugin_utils.ssh_way import ssh_way


class ActionModule(InProcessAction):
    """Runs jetstream_peer."""

    verb = PEER

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        found = super()._params(params, task_vars)
        return {**found, "way": ssh_way(params["via"], self._task, task_vars)} if params.get("via") else found
