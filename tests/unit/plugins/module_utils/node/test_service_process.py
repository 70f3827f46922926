# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import Ownership
from ansible_collections.aegis.nats.plugins.module_utils.node.service import ServiceError, State, wait_until
from ansible_collections.aegis.nats.plugins.module_utils.node.service_process import ProcessService, run_as_arguments

# Something long-lived that takes a -c of its own, ends on TERM and can be found by its command line.
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEPER)
    # For a moment after exec the kernel shows no arguments.
    assert wait_until(lambda: b"sleep" in Path(f"/proc/{process.pid}/cmdline").read_bytes(), 10)
    yield process
    process.kill()
    process.wait()


def service(tmp_path: Path, config: str, **more: str) -> ProcessService:
    return ProcessService(str(tmp_path / "absent"), config, **more)  # type: ignore[arg-type]


def test_a_process_is_known_by_its_configuration(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    (tmp_path / "pid").write_text(f"{sleeper.pid}\n")
    assert service(tmp_path, SLEEPER[2], pid_file=str(tmp_path / "pid")).state() == State("running", sleeper.pid)
    other = service(tmp_path, "/etc/nats/current/of-nobody.conf", pid_file=str(tmp_path / "pid"))
    assert other.state() == State("stopped")


@pytest.mark.parametrize("text", ["", "junk", "999999999", "-1", "0"])
def test_a_broken_pid_file_is_not_believed(tmp_path: Path, text: str) -> None:
    (tmp_path / "pid").write_text(text)
    assert service(tmp_path, "of-nobody.conf", pid_file=str(tmp_path / "pid")).state() == State("stopped")


def test_what_does_not_run_is_not_signalled(tmp_path: Path) -> None:
    stopped = service(tmp_path, "of-nobody.conf")
    stopped.stop(lame_duck=True, timeout=1)
    stopped.read_units()
    assert stopped.enable(check_mode=False) is False
    with pytest.raises(ServiceError, match="does not run"):
        stopped.reload()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="can't be started: No such file"):
        service(tmp_path, "of-nobody.conf", log_file=str(tmp_path / "nats.log")).start()


def test_words_before_the_log_is_open_are_kept(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "early words $JS_KEY"\n')
    program.chmod(0o755)
    (tmp_path / "env").write_text("JS_KEY=k\n")
    started = ProcessService(
        str(program), "of-nobody.conf", environment_file=str(tmp_path / "env"), log_file=str(tmp_path / "nats.log")
    )
    mark = started.mark()
    started.start()
    with contextlib.suppress(ChildProcessError):  # reaped already
        os.wait()
    assert wait_until(lambda: started.log_since(mark) == "early words k\n", 10)


def test_running_as_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert run_as_arguments(Ownership("root", "root")) == {}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert run_as_arguments(Ownership()) == {}
    assert run_as_arguments(Ownership("root", "root")) == {"user": 0, "group": 0, "extra_groups": []}
    assert run_as_arguments(Ownership("root")) == {"user": 0, "extra_groups": []}
