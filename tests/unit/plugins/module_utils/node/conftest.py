# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two authorities that know nothing of each other."""

from __future__ import annotations

import pytest
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki, make


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pki, str]:
    return make(tmp_path_factory.mktemp("ours"), "Our CA")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make(tmp_path_factory.mktemp("theirs"), "Their CA")[0]
