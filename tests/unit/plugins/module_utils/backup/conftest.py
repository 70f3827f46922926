# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys out of passphrases cost nothing here: hundreds are made."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.backup import keys


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COST", {"n": 16, "r": 8, "p": 1})
