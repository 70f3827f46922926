# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that is run without a service manager: started once, anew where it has to be, and only ours is ended."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.service import wait_until
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_process import (
    PROCESS,
    Started,
    read_record,
    reasons,
)
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record = folder / "run" / "it.json"

    def run(self, argv: list[str], check_mode: bool = False, **more: Any) -> dict[str, Any]:
        values = {"name": "it", "argv": argv, "record": str(self.record), "log_file": str(self.folder / "log"), **more}
        checked = ArgumentSpecValidator(dict(PROCESS.argument_spec)).validate(values)
        assert not checked.error_messages
        return perform(
            PROCESS, checked.validated_parameters, Surroundings(check_mode, datetime.now(timezone.utc), NoSeal())
        )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.run([], state="stopped", timeout=1.0)


def gone(pid: int) -> bool:
    # The starter of this process is the test, which has to ask for it when it has ended.
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def test_why_it_is_started() -> None:
    running = Started(1, ("a", "b"), {"/f": "1"})
    assert reasons("it", ["a", "b"], {"/f": "1"}, None) == ["it is started"]
    assert reasons("it", ["a", "b"], {"/f": "1"}, running) == []
    assert reasons("it", ["a", "c"], {"/f": "1"}, running) == ["it is restarted: it is started with other words"]
    assert reasons("it", ["a", "b"], {"/f": "2"}, running) == ["it is restarted: /f changed"]


def test_it_is_started_once_and_anew_where_it_has_to_be(place: Place) -> None:
    read = place.folder / "read"
    read.write_text("1")
    files = [str(read)]
    assert place.run(SLEEP, check_mode=True, files=files)["changed"] and not place.record.exists()
    first = place.run(SLEEP, files=files)
    assert first["changed"] and place.record.stat().st_mode & 0o777 == 0o600
    again = place.run(SLEEP, files=files)
    assert (again["changed"], again["pid"]) == (False, first["pid"])

    read.write_text("2")
    would = place.run(SLEEP, check_mode=True, files=files)
    assert would["reasons"] == [f"it is restarted: {read} changed"] and would["pid"] == first["pid"]
    second = place.run(SLEEP, files=files)
    assert second["pid"] != first["pid"] and gone(first["pid"])
    third = place.run([*SLEEP, "x"], files=files)
    assert third["reasons"] == ["it is restarted: it is started with other words"] and gone(second["pid"])

    os.kill(third["pid"], signal.SIGKILL)
    assert wait_until(lambda: read_record(place.record) is None, 5)
    assert place.run(SLEEP)["reasons"] == ["it is started"]
    assert place.run([], state="stopped")["reasons"] == ["it is stopped"]
    assert place.run([], state="stopped")["changed"] is False


def test_a_process_with_other_words_is_not_ours(place: Place) -> None:
    place.record.parent.mkdir()
    place.record.write_text(json.dumps({"pid": os.getpid(), "argv": SLEEP, "files": {}}))
    assert read_record(place.record) is None
    assert place.run([], state="stopped")["changed"] is False


@pytest.mark.parametrize("text", ["", "junk", "{}", '{"pid": "x", "argv": [], "files": {}}', "[1]"])
def test_a_broken_record_is_not_believed(place: Place, text: str) -> None:
    place.record.parent.mkdir()
    place.record.write_text(text)
    assert read_record(place.record) is None


def test_what_can_not_run_is_told_with_its_words(place: Place) -> None:
    assert "can't be started: No such file" in place.run(["/absent"])["msg"]
    said = place.run([sys.executable, "-c", "raise SystemExit('no port')"], settle=10.0)["msg"]
    assert "it ended at once (status 1)" in said and "no port" in said
    assert "argv: is empty" in place.run([])["msg"]
