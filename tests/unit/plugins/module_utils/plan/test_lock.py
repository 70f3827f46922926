# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import Busy
from ansible_collections.aegis.nats.plugins.module_utils.plan.lock import LOCK, hold


def test_the_second_says_who_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path, 1), pytest.raises(Busy, match="another run holds the lock"), hold(tmp_path, 0.1):
        pass


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    held = threading.Event()

    def first() -> None:
        with hold(tmp_path, 1):
            held.set()
            time.sleep(0.2)

    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    started = time.monotonic()
    with hold(tmp_path, 5):
        assert time.monotonic() - started > 0.1
    thread.join()


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    with pytest.raises(KeyError), hold(tmp_path, 1):
        raise KeyError
    with hold(tmp_path, 0):
        pass
    assert (tmp_path / LOCK).stat().st_mode & 0o777 == 0o600
