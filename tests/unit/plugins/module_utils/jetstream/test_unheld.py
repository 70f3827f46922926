# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers answer is tested in tests/integration/test_jetstream_peer.py; here, what becomes of their answers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup.members import Member
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.jetstream import unheld
from ansible_collections.aegis.nats.plugins.module_utils.jetstream.servers import Asset, Meta, Seen
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.jetstream.answers import run


def test_what_nobody_told_of_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def names(access: Any) -> list[str]:
        return ["A", "B"]

    monkeypatch.setattr(unheld, "_names", names)
    seen = Seen(Meta("n1", ()), (Asset("KEY1", "One", "A"), Asset("KEY2", "Two", "A"), Asset("KEY2", "Two", "B")))
    members = [Member("One", "KEY1", lambda: None), Member("Two", "KEY2", lambda: None)]
    found = run(unheld.unheld(Access(("tls://n1:4222",)), members, seen))
    assert [each.label for each in found] == ["stream B of One"]
