# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.action import cluster_wait
from ansible_collections.aegis.nats.plugins.plugin_utils import waiting


class Waiting(cluster_wait.ActionModule):
    """The action with a module that answers from a list."""

    def __init__(self, answers: list[dict[str, Any]], arguments: Optional[dict[str, Any]] = None, **task: Any) -> None:
        self.answers, self.calls = answers, []
        defaults = {"check_mode": False, "no_log": False, "async_val": 0}
        self._task = SimpleNamespace(args=arguments or {"timeout": "30"}, **{**defaults, **task})
        self._connection = SimpleNamespace(has_native_async=False)

    def _execute_module(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(arguments)
        return self.answers.pop(0)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(waiting.ActionBase, "run", lambda self, tmp=None, task_vars=None: {})
    monkeypatch.setattr(waiting.display, "display", lines.append)
    return lines


def lacking(*words: str) -> dict[str, Any]:
    return {"missing": list(words), "seconds": 4.2, "timeout": 30.0}


def test_the_task_is_told_of_by_its_host_and_its_arguments_go_along(said: list[str]) -> None:
    action = Waiting([lacking("a"), lacking()])
    assert action.run(task_vars={"inventory_hostname": "n2"}) == lacking()
    assert said == ["n2: waits until the cluster is whole, 4 of 30 s: a"]
    assert {call["module_name"] for call in action.calls} == {"aegis.nats.cluster_wait"}
    assert [call["module_args"]["timeout"] for call in action.calls] == ["30", "30"]
    assert ["waited" in call["module_args"] for call in action.calls] == [False, True]
    assert action._task.args == {"timeout": "30"}


@pytest.mark.parametrize(
    ("arguments", "task"),
    [({}, {"check_mode": True}), ({}, {"no_log": True}), ({}, {"async_val": 60}), ({"report_after": 3}, {})],
)
def test_where_nobody_is_to_be_told_it_runs_once_as_the_task_says(
    said: list[str], arguments: dict[str, Any], task: dict[str, Any]
) -> None:
    action = Waiting([lacking("a")], {"timeout": 30, **arguments}, **task)
    assert action.run(task_vars={}) == lacking("a")
    assert action.calls[0]["module_args"] == {"timeout": 30, **arguments}
    assert action.calls[0]["wrap_async"] is ("async_val" in task)
    assert said == []
