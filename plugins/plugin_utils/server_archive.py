# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches the release archives that the hosts of a play need to the controller, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Optional

from ansible.plugins.action import ActionBase

from ..module_utils.plan.problems import Problems
from .release_archive import Archive, ArchiveError, look, provide
from .role_variables import RoleVariables


class ServerArchiveAction(ActionBase):  # type: ignore[misc]
    """Runs once for all hosts: what each needs is told by a variable of the role."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: Optional[str] = None, task_vars: Optional[dict[str, Any]] = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _dummy, params = self.validate_argument_spec(
            argument_spec={"variable": {"type": "str", "required": True}, "cache": {"type": "path", "required": True}}
        )
        problems = Problems()
        variables = RoleVariables(self._task, self._templar, task_vars, params["variable"])
        of_hosts = variables.of_hosts(task_vars["ansible_play_hosts"], problems)
        wanted = wanted_archives(found.get("") for found in of_hosts.values())
        result = provide_all(wanted, Path(self._loader.path_dwim(params["cache"])), problems, self._task.check_mode)
        if len(problems):
            return {"failed": True, "changed": False, "msg": "\n".join(str(problem) for problem in problems)}
        return result


def wanted_archives(needs: Iterable[Optional[Mapping[str, Any]]]) -> list[Archive]:
    """The archives that hosts need, each once; a host that needs none has nothing."""
    return list(dict.fromkeys(Archive(**need["archive"]) for need in needs if need))


def provide_all(wanted: Iterable[Archive], cache: Path, problems: Problems, check_mode: bool) -> dict[str, Any]:
    """Have every archive in the cache; what can't be had is a problem."""
    archives: dict[str, Any] = {}
    reasons: list[str] = []
    for archive in wanted:
        try:
            found = look(archive, cache) if check_mode else provide(archive, cache)
        except (ArchiveError, OSError) as error:
            problems.add("", str(error))
            continue
        archives[archive.name] = {"binary": str(found.binary), "is_there": found.is_there}
        if found.fetched:
            reasons.append(f"{archive.name}.tar.gz is fetched")
    return {"changed": bool(reasons), "archives": archives, "reasons": reasons}
