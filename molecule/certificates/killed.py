# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command, and kill it and all it started as soon as a task has changed something: killed.py TASK COMMAND...

1 when it ended before that.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys


def main(task: str, command: list[str]) -> int:
    """Read along until then."""
    environment = {
        **os.environ,
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_STDOUT_CALLBACK": "default",
    }
    run = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    assert run.stdout is not None
    is_there, lines = False, []
    for line in run.stdout:
        lines.append(line)
        if line.startswith("TASK ["):
            is_there = line.rpartition("]")[0].endswith(task)
        elif is_there and line.startswith("changed:"):
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            print(f"killed after: {line}", end="")
            return 0
    run.wait()
    print(f"it ended with {run.returncode}, and {task!r} changed nothing:\n{''.join(lines[-60:])}", end="")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
