# Copyright: (c) 2026, aegis.nats contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ..module_utils.audit.verb_audit import VERB
from ..plugin_utils.collection import version
from ..plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    verb = VERB

    def _params(self, params: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        found = super()._params(params, task_vars)
        return {**found, "collection_version": params["collection_version"] or version()}
