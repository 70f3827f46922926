# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/audit.md tells the controls that there are, and each names variables that exist."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.audit.controls import CONTROLS
from ansible_collections.aegis.nats.plugins.module_utils.audit.run import JUDGES
from ansible_collections.aegis.nats.tests.meta.repository import roles, text
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
