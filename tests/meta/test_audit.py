# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/audit.md tells the controls that there are, each names variables that exist, and is proved by what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.audit.controls import CONTROLS
from ansible_collections.aegis.nats.plugins.module_utils.audit.run import JUDGES
from ansible_collections.aegis.nats.tests.meta.repository import below, roles, text
from ansible_collections.aegis.nats.tests.meta.test_roles import options


def table() -> str:
    """The controls as the page shows them."""
    rows = [
        f"| {control.number or ''} | `{control.id}` | {control.severity.value} | {control.title} |"
        for control in CONTROLS
    ]
    return "\n".join(["| | control | severity | |", "|---|---|---|---|", *rows]) + "\n"


def test_the_page_tells_every_control() -> None:
    _before, _begin, rest = text(Path("docs/audit.md")).partition("<!-- controls: begin -->\n")
    found, end, _after = rest.partition("<!-- controls: end -->")
    assert end and found == table(), f"write there:\n{table()}"


def test_the_controls() -> None:
    ids = [control.id for control in CONTROLS]
    assert len(set(ids)) == len(ids) and set(JUDGES) == set(ids)
    assert [control.number for control in CONTROLS if control.number] == list(range(1, 15))
    variables = {name for role in roles() for name in options(role)}
    assert not [name for control in CONTROLS for name in control.changes if name not in variables]


def mutated(path: Path) -> Iterator[str]:
    """The controls that a test turns red on a server that runs: the sets beside MUTATIONS, and those of turned_red."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "MUTATIONS":
            values = node.value.values if isinstance(node.value, ast.Dict) else []
            said = [value.elts[1] for value in values if isinstance(value, ast.Tuple)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "turned_red":
            said = node.args[2:3]
        else:
            continue
        for each in (one for one in said if isinstance(one, ast.Set)):
            yield from (one.value for one in each.elts if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_control_is_proved_by_a_mutation() -> None:
    """A control that no test has seen red may be one that can't turn red."""
    paths = [path for path in below("tests/integration", ".py") if path.name.startswith("test_audit")]
    found = {control for path in paths for control in mutated(path)}
    assert found == {control.id for control in CONTROLS}
