# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Estates for the tests: a fresh one each, and one whose controller already has its keys and certificates."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import (
    CONTROLLER,
    Estate,
    deployed_estate,
    good,
    server_binary,
)
from ansible_collections.aegis.nats.tests.end_to_end.mirror import Mirror


@pytest.fixture(scope="session")
def binary() -> str:
    return server_binary()


@pytest.fixture
def estate(tmp_path: Path, binary: str) -> Iterator[Estate]:
    """Nothing is there yet."""
    made = Estate(tmp_path / "estate", binary)
    yield made
    made.close()


@pytest.fixture(scope="session")
def controller(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Path:
    """The folder ``nats`` of a controller that has made its keys and certificates, and no server yet."""
    made = Estate(tmp_path_factory.mktemp("controller") / "estate", binary)
    run = made.deploy(playbook=CONTROLLER)
    good(run)
    return made.root / "nats"


@pytest.fixture
def kept(estate: Estate, controller: Path) -> Estate:
    """The controller's keys and certificates are there, its servers are not."""
    shutil.copytree(controller, estate.root / "nats")
    return estate


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    """A deployed cluster that runs. A test that changes its settings calls ``reset`` afterwards."""
    with deployed_estate(tmp_path_factory.mktemp("running") / "estate", binary) as made:
        yield made


#: Files whose clusters restart many times; they begin first, so that none is left alone at the end.
_LONG = ("test_check_mode.py", "test_install.py", "test_secrets.py", "test_config_mode.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first; files are handed out whole, in this order."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    """A mirror without releases yet."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    made = Mirror(folder)
    yield made
    made.close()
