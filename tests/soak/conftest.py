# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import server_binary


@pytest.fixture(scope="session")
def binary() -> str:
    return server_binary()
