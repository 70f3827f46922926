# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: aegis.nats.client_applications."""

from __future__ import annotations

from typing import Any

from ..module_utils.client.applications import with_absolute_files
from ..module_utils.client.verb_client_applications import VERB
from ..plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    verb = VERB

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        found = super()._params(params, task_vars)
        return {**found, "applications": with_absolute_files(params["applications"], self._loader.path_dwim)}
