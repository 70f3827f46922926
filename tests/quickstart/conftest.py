# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One quickstart cluster for all tests of this folder; those of test_quickstart.py come last and remove it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from ansible_collections.aegis.nats.tests.quickstart.checkout import Checkout, free_port


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    made = Checkout(tmp_path_factory.mktemp("clone") / "aegis.nats")
    yield made
    made.quickstart("clean")


@pytest.fixture(scope="session")
def first(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    return checkout.quickstart(NATS_QUICKSTART_PORT=str(free_port()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name == "test_quickstart.py")
