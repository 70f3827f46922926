# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where code runs is visible in the layout: the table of docs/architecture.md, held against every import."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.meta.repository import below, text

LIBRARIES = {"bcrypt", "cryptography", "nkeys", "jwt", "nats"}
MATERIAL = {"plan", "trust", "pki", "resolver", "client", "probe", "jetstream", "backup"}

# folder -> (packages from outside the standard library, folders of plugins/ that it may import from)
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "module_utils/plan": (set(), {"module_utils/plan"}),
    "module_utils/node": (set(), {"module_utils/plan", "module_utils/node"}),
    **{
        f"module_utils/{room}": (LIBRARIES, {f"module_utils/{other}" for other in MATERIAL})
        for room in ("trust", "pki", "resolver", "client", "probe", "jetstream", "backup")
    },
    # Judges what rooms of both kinds have seen: cluster hosts tell, and the controller knocks.
    "module_utils/audit": (
        LIBRARIES,
        {"module_utils/audit", "module_utils/node", *(f"module_utils/{other}" for other in MATERIAL)},
    ),
    "modules": ({"ansible.module_utils"}, {"module_utils"}),
    "action": (set(), {"module_utils", "plugin_utils"}),
    # Ansible comes with the language of its templates.
    "plugin_utils": ({"ansible", "jinja2"}, {"module_utils", "plugin_utils"}),
    # An Ansible filter or lookup has to raise Ansible's error and to extend Ansible's base class.
    "filter": ({"ansible.errors"}, {"module_utils", "plugin_utils"}),
    "lookup": ({"ansible.errors", "ansible.plugins.lookup", "ansible.utils.display"}, {"module_utils", "plugin_utils"}),
    "doc_fragments": (set(), set()),
}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each import; what is relative comes out as ``plugins/...``."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            yield from ((node.lineno, str(folder / alias.name)) for alias in node.names)


def row(path: Path) -> str:
    """The row of the table that a file belongs to."""
    parts = path.relative_to("plugins").parts
    return "/".join(parts[:2] if parts[0] == "module_utils" else parts[:1])


def breach(path: Path, name: str) -> bool:
    """Whether the table forbids ``path`` to import ``name``."""
    packages, folders = TABLE[row(path)]
    if name.startswith("plugins/"):
        return not any(Path(name).is_relative_to(f"plugins/{folder}") for folder in folders)
    if name.split(".", maxsplit=1)[0] in sys.stdlib_module_names:
        return False
    return not any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", below("plugins", ".py"), ids=str)
def test_imports_keep_to_the_table(path: Path) -> None:
    assert row(path) in TABLE, f"{path} is in a room that the table does not know"
    found = [f"{path}:{line}: {name}" for line, name in imports(path) if breach(path, name)]
    assert not found


@pytest.mark.parametrize("path", below("plugins/module_utils", ".py"), ids=str)
def test_libraries_come_through_one_place_per_room(path: Path) -> None:
    if path.name == "libraries.py":
        return
    direct = [f"{path}:{line}: {name}" for line, name in imports(path) if name.split(".")[0] in LIBRARIES]
    assert not direct


@pytest.mark.parametrize("path", below("plugins", ".py"), ids=str)
def test_python_3_9_can_read_it(path: Path) -> None:
    ast.parse(text(path), filename=str(path), feature_version=(3, 9))


def test_the_rule_notices_a_breach() -> None:
    node = Path("plugins/module_utils/node/monitor.py")
    assert breach(node, "yaml.safe_load")
    assert breach(node, "plugins/module_utils/trust/tree")
    assert not breach(node, "plugins/module_utils/plan/units")
    assert breach(Path("plugins/modules/nkey.py"), "ansible.plugins.action.ActionBase")
