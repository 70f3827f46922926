# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server says of its operator's keys, judged; the end_to_end test of rotations asks real servers."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.operator_keys import judge

VARZ = {"trusted_operators_claim": [{"sub": "O1", "nats": {"signing_keys": ["O2"]}}, {"sub": "O3", "nats": {}}]}


@pytest.mark.parametrize(
    ("keys", "without", "varz", "ok", "detail"),
    [
        (["O1", "O2", "O3"], ["O4"], VARZ, True, "trusts 3 keys, as it should"),
        (["O4"], [], VARZ, False, "does not trust O4 yet"),
        (["O1"], ["O2"], VARZ, False, "still trusts O2"),
        (["O1"], [], {}, None, "the server names no operator: is it in operator mode?"),
    ],
)
def test_judged(keys: list[str], without: list[str], varz: dict[str, Any], ok: Optional[bool], detail: str) -> None:
    found = judge(Check("x", "operator_keys", "sys", keys=keys, without=without), varz)
    assert (found.ok, found.detail) == (ok, detail)
