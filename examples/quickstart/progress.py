# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows a run of ansible-playbook as one short line a task, and what failed in full: progress.py LOG < output.

The whole output goes to LOG. Exits as the run did: 0 only when the recap was reached without a failed host.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

TASK = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(?:[\w.]+ : )?(.*?)\] \**$")
RECAP = re.compile(r"^\S+\s+: ok=\d+ .*unreachable=(\d+)\s+failed=(\d+)")


def main() -> int:
    started = time.monotonic()
    failed, recap, showing, task = False, False, False, ""
    with Path(sys.argv[1]).open("w", encoding="utf-8") as log:
        for line in sys.stdin:
            log.write(line)
            match = TASK.match(line)
            if match:
                showing = False
                if match[1] != task:
                    task = match[1]
                    print(f"  {time.monotonic() - started:5.1f} s  {task}", flush=True)
            elif line.startswith(("fatal:", "ERROR", "[ERROR]", "failed:")):
                showing = failed = True
            elif line.startswith(("[WARNING]", "PLAY")):
                showing = line.startswith("[WARNING]")
            recapped = RECAP.match(line)
            if recapped:
                recap = True
                showing = False
                failed = failed or recapped[1] != "0" or recapped[2] != "0"
            if showing:
                print(line.rstrip("\n"), flush=True)
    if failed or not recap:
        print(f"\nIt failed; the whole output is in {sys.argv[1]}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
