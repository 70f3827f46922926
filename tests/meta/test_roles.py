# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role says what its variables are, once, and the defaults are what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.aegis.nats.tests.meta.repository import ROOT, below, files, roles, text


def load(role: str, name: str) -> Any:
    """A YAML file of a role; an empty mapping where there is none."""
    path = ROOT / "roles" / role / name
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def options(role: str) -> dict[str, dict[str, Any]]:
    """What the role's main entry point takes."""
    specs: dict[str, Any] = load(role, "meta/argument_specs.yml")["argument_specs"]
    found: dict[str, dict[str, Any]] = specs["main"].get("options", {})
    return found


def defaults_of(role: str) -> dict[str, Any]:
    """All defaults: in one file, or in several where a role has parts."""
    folder = ROOT / "roles" / role / "defaults" / "main"
    names = [f"defaults/main/{place.name}" for place in sorted(folder.glob("*.yml"))] or ["defaults/main.yml"]
    return {name: value for each in names for name, value in load(role, each).items()}


@pytest.mark.parametrize("role", roles())
def test_defaults_and_specs_have_the_same_variables(role: str) -> None:
    specified = {name for name, option in options(role).items() if not option.get("required")}
    assert set(defaults_of(role)) == specified


def agree(option: dict[str, Any], default: object) -> bool:
    """Whether spec and default say the same; a spec cannot hold a template for what is not a string."""
    templated = isinstance(default, str) and "{{" in default
    if templated and option.get("type", "str") not in {"str", "path", "raw"}:
        return "default" not in option
    return bool(option.get("default") == default)


@pytest.mark.parametrize("role", roles())
def test_defaults_are_what_the_specs_say(role: str) -> None:
    defaults = defaults_of(role)
    wrong = {
        name: (option.get("default"), defaults[name])
        for name, option in options(role).items()
        if name in defaults and not agree(option, defaults[name])
    }
    assert not wrong, "specified and real default differ"


@pytest.mark.parametrize("role", roles())
def test_variables_carry_the_name_of_the_role(role: str) -> None:
    assert not [name for name in options(role) if not name.startswith(f"{role}_")]
    assert not [name for name in load(role, "vars/main.yml") if not name.startswith(f"__{role}_")]


@pytest.mark.parametrize("role", roles())
def test_a_role_has_its_page(role: str) -> None:
    assert Path("roles", role, "README.md") in files()


@pytest.mark.parametrize("path", below("roles", ".yml"), ids=str)
def test_task_files_stay_short(path: Path) -> None:
    if path.parts[2] in {"tasks", "handlers"}:
        assert len(text(path).splitlines()) <= 80


def tasks_of(found: Any) -> Iterator[dict[str, Any]]:
    """Every task, play and block of a file, whatever it stands in."""
    if isinstance(found, dict):
        yield found
    for each in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from tasks_of(each)


def test_how_many_hosts_a_task_is_asked_of_is_known_where_it_is_skipped() -> None:
    """Ansible resolves run_once of a skipped task too, where the facts it names were not set."""
    places = [*below("roles", ".yml"), *below("playbooks", ".yml")]
    tasks = [(path, task) for path in places for task in tasks_of(yaml.safe_load(text(path)))]
    facts = {name for _path, task in tasks for name in task.get("ansible.builtin.set_fact") or {}}
    own = {name: str(value) for role in roles() for name, value in load(role, "vars/main.yml").items()}
    asked = [
        (path, re.sub(r"\b__\w+", lambda found: own[found[0]], task["run_once"]))
        for path, task in tasks
        if isinstance(task.get("run_once"), str)
    ]
    assert len(asked) > 5
    bare = [
        f"{path}: {words}"
        for path, words in asked
        for name in facts
        if re.search(rf"\b{name}\b(?! \| default\()", words)
    ]
    assert not bare, "write | default(...) behind it"
