# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of the audit tell its controls and proofs; each control names variables that exist, and is proved."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.controls import CONTROLS
from ansible_collections.aegis.nats.plugins.module_utils.audit.run import JUDGES
from ansible_collections.aegis.nats.tests.integration import example_rows, guide_rows, guide_snippets
from ansible_collections.aegis.nats.tests.meta.repository import below, roles, text
from ansible_collections.aegis.nats.tests.meta.test_roles import options


def controls() -> Iterator[str]:
    """The controls as the page shows them."""
    yield "| | control | severity | |"
    yield "|---|---|---|---|"
    for control in CONTROLS:
        yield f"| {control.number or ''} | `{control.id}` | {control.severity.value} | {control.title} |"


TABLES: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "controls": ("docs/audit.md", controls),
    "places": ("docs/audit_guide.md", guide_rows.places),
    "rows": ("docs/audit_guide.md", guide_rows.table),
    "others": ("docs/audit_guide.md", guide_rows.others),
    "beside": ("docs/audit_guide.md", guide_rows.beside),
    "repairs": ("docs/audit_guide.md", guide_snippets.repairs),
    "examples": ("docs/audit_guide.md", example_rows.table),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_page_tells_what_is_so(name: str) -> None:
    """What the tests of the audit are held to stands in its pages, word by word."""
    page, lines = TABLES[name]
    _before, _begin, rest = text(Path(page)).partition(f"<!-- {name}: begin -->\n")
    found, end, _after = rest.partition(f"<!-- {name}: end -->")
    wanted = "".join(f"{line}\n" for line in lines())
    assert end and found == wanted, f"write there:\n{wanted}"


def test_the_rows_name_controls_that_there_are() -> None:
    named = {told.control for told in (*guide_rows.ROWS, *guide_rows.BESIDE)}
    named |= {control for example in example_rows.EXAMPLES for control in (*example.holds, *example.red)}
    assert named <= {control.id for control in CONTROLS}
    assert not [example.name for example in example_rows.EXAMPLES if set(example.holds) & set(example.red)]


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
