# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node.service import (
    State,
    mark_log,
    read_environment,
    read_log,
    wait_until,
)


def test_a_log_is_read_from_a_mark(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    assert read_log(str(log), mark_log(str(log))) == ""
    log.write_text("old\n")
    mark = mark_log(str(log))
    log.write_text("old\nnew\n")
    assert read_log(str(log), mark) == "new\n"
    assert read_log(str(log), None) == "old\nnew\n"
    assert read_log(str(log), None, most=4) == "new\n"
    assert read_log(None, mark) == ""


def test_a_rotated_log_is_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    log.write_text("a long line\n")
    mark = mark_log(str(log))
    log.rename(tmp_path / "nats.log.1")
    log.write_text("new\n")
    assert read_log(str(log), mark) == "new\n"


def test_the_environment_file(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("A='1'\n")
    assert read_environment(str(tmp_path / "e")) == {"A": "1"}
    assert read_environment(str(tmp_path / "absent")) == {}
    assert read_environment(None) == {}


def test_wait_until() -> None:
    answers = [False, False, True]
    assert wait_until(lambda: answers.pop(0), 5.0, interval=0.001)
    began = time.monotonic()
    assert not wait_until(lambda: False, 0.05, interval=0.01)
    assert time.monotonic() - began < 1


def test_state() -> None:
    assert State("running", 1).running
    assert not State("stopped").running
