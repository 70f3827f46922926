# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role as each host of the play would see them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.plugin_utils.role_variables import RoleVariables

try:
    from ansible.template import trust_as_template as trusted
except ImportError:  # before 2.19 every string may be a template

    def trusted(value: str) -> str:
        return value


class HostVars(dict[str, Any]):
    def raw_get(self, host: str) -> Any:
        return self[host]


def variables(hosts: dict[str, dict[str, Any]], **defaults: Any) -> RoleVariables:
    role = SimpleNamespace(
        get_default_vars=lambda: defaults, get_vars=lambda include_params: {"__x_sum": trusted("{{ x_a }}!")}
    )
    loader = DataLoader()
    task_vars = {"hostvars": HostVars(hosts), "groups": {}, "inventory_dir": "/inventory"}
    return RoleVariables(SimpleNamespace(_role=role), Templar(loader=loader), task_vars, "x_")


def test_a_hosts_own_value_stands_above_the_default() -> None:
    found = variables(
        {"n1": {"x_a": "own"}, "n2": {"ansible_host": "192.0.2.2"}},
        x_a=trusted("{{ inventory_hostname }}"),
        x_b=trusted("{{ __x_sum }}"),
        y="not ours",
    )
    problems = Problems()
    assert found.of_host("n1", problems) == {"a": "own", "b": "own!"}
    assert found.of_host("n2", problems) == {"a": "n2", "b": "n2!", "ansible_host": "192.0.2.2"}
    assert not len(problems)


def test_it_looks_as_check_mode_does() -> None:
    assert variables({"n1": {}}, x_a=trusted("{{ ansible_check_mode }}")).of_host("n1", Problems()) == {"a": True}


def test_what_all_hosts_have_wrong_is_told_once() -> None:
    found = variables({"n1": {}, "n2": {"x_c": trusted("{{ missing_c }}")}}, x_a=trusted("{{ missing_a }}"), x_c="fine")
    problems = Problems()
    found.of_hosts(["n1", "n2"], problems)
    assert [problem.path for problem in problems] == ["x_a", "n2.x_c"]
    assert all("missing" in problem.message for problem in problems)


def test_what_is_the_same_on_all_hosts_is_resolved_once() -> None:
    hosts = {"n1": {"x_own": "a"}, "n2": {"x_own": "b"}, "n3": {}}
    asked: list[Any] = []
    found = variables(
        hosts,
        x_a=trusted("{{ inventory_hostname }}"),
        x_own=trusted("{{ x_same }}"),
        x_same=trusted("{{ 1 + 1 }}"),
        x_through=trusted("{{ x_same ~ x_own }}"),
        x_wrong=trusted("{{ missing }}"),
    )
    template = found._templar.copy_with_new_env

    def counting(**options: Any) -> Any:
        templar = template(**options)
        resolve = templar.template
        templar.template = lambda value: asked.append(value) or resolve(value)
        return templar

    found._templar.copy_with_new_env = counting
    problems = Problems()
    values = found.of_hosts(list(hosts), problems)
    assert [values[host]["through"] for host in hosts] == ["2a", "2b", "22"]
    assert [values[host]["a"] for host in hosts] == ["n1", "n2", "n3"]
    assert [problem.path for problem in problems] == ["x_wrong"]
    assert asked.count("{{ 1 + 1 }}") == 1 and asked.count("{{ missing }}") == 1
    assert asked.count("{{ x_same ~ x_own }}") == 3
