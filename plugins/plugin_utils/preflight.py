# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the variables of a whole cluster on the controller, before a host is touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..module_utils.node import settings
from ..module_utils.node.checks.reader import PREFIX, Reader
from ..module_utils.node.nodes import nodes as nodes_of
from ..module_utils.plan.errors import InputError
from ..module_utils.plan.problems import Problem, Problems
from ..module_utils.trust.ways import way_problems
from .given_files import look_at_given
from .local_binary import binary_problems
from .role_variables import RoleVariables


class PreflightAction(ActionBase):  # type: ignore[misc]
    """Gathers every problem of a cluster's inventory and fails with all of them at once."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _dummy, params = self.validate_argument_spec(
            argument_spec={
                "group": {"type": "str", "required": True},
                "earlier": {"type": "list", "elements": "dict", "default": []},
            }
        )
        hosts = task_vars["groups"].get(params["group"], [])
        problems = Problems()
        for result in params["earlier"]:
            problems.extend(_problems_of(result))
        if not hosts:
            problems.add(f"groups.{params['group']}", "has no host: add the servers to this group of the inventory")
        variables = RoleVariables(self._task, self._templar, task_vars, PREFIX)
        resolved = variables.of_hosts(hosts, problems)
        now = datetime.now(timezone.utc)
        found_by_others: dict[str, list[Problem]] = {}
        for host, found in resolved.items():
            given = look_at_given(host, found, self._loader, now)
            found_by_others[host] = [*_problems_of_accounts(found), *given.problems]
            # What a certificate says of its key counts more than what the inventory says of it.
            resolved[host] = {**found, "certified": given.certified}
        problems.extend(settings.cluster_problems(resolved, found_by_others))
        problems.extend(binary_problems(resolved, self._loader.path_dwim))
        warnings = [str(warning) for warning in settings.cluster_warnings(resolved)]
        if len(problems):
            error = InputError(tuple(problems))
            return {
                "failed": True,
                "msg": str(error),
                "problems": [{"path": found.path, "message": found.message} for found in error.problems],
                "warnings": warnings,
            }
        nodes = [node.as_dict() for node in nodes_of(hosts, task_vars["hostvars"])]
        return {"changed": False, "hosts": list(hosts), "nodes": nodes, "warnings": warnings}


def _problems_of_accounts(variables: Mapping[str, Any]) -> list[Problem]:
    """What the tree's own checks say to the users and accounts of a server without an operator."""
    found = way_problems(variables, Reader(variables).flag("tls_verify_and_map"))
    return [Problem(f"{PREFIX}{problem.path}", problem.message) for problem in found]


def _problems_of(result: Mapping[str, Any]) -> list[Problem]:
    """The problems of an earlier result: its list, or its message when it failed without one."""
    found = [Problem(entry["path"], entry["message"]) for entry in result.get("problems") or []]
    if not found and result.get("failed_when_result") is False and result.get("msg"):
        found = [Problem("", str(result["msg"]))]
    return found
