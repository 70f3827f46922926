# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a deploy of three nodes on loopback takes: from nothing, and again when nothing changes.

Run it from the checkout with the interpreter of a virtual environment that has the requirements. Each host's Python is
a counting one, so that every module that runs on a host is counted. It ends with status 1 when the first run takes
more than 30 s, the second more than 10 s, or an unchanged host sees more than 3 modules.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, server_binary

FIRST_SECONDS, AGAIN_SECONDS, AGAIN_MODULES = 30.0, 10.0, 3


def count(estate: Estate) -> Path:
    """Give each host an interpreter that notes that it was started; the folder of the notes."""
    folder = estate.scratch / "count"
    folder.mkdir()
    for host in estate.nodes:
        place = folder / host
        place.write_text(f'#!/bin/sh\necho >>"{place}.runs"\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        place.chmod(0o755)
    estate.settings["ansible_python_interpreter"] = f"{folder}/{{{{ inventory_hostname }}}}"
    return folder


def measure(estate: Estate, folder: Path, name: str) -> tuple[float, int]:
    """One run: its seconds, and the most modules that one host saw."""
    for notes in folder.glob("*.runs"):
        notes.unlink()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = estate.deploy()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.code:
        sys.exit(run.output)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    modules = [len((folder / f"{host}.runs").read_text().splitlines()) for host in estate.nodes]
    print(
        f"{name:16} {run.seconds:5.1f} s   {cpu:5.1f} s of CPU   {len(run.changes):3} changes   "
        f"modules on the hosts: {' '.join(map(str, modules))}"
    )
    return run.seconds, max(modules)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        estate = Estate(Path(folder) / "estate", server_binary())
        try:
            notes = count(estate)
            first, _dummy = measure(estate, notes, "from nothing")
            again, modules = measure(estate, notes, "again")
        finally:
            estate.close()
    return int(first > FIRST_SECONDS or again > AGAIN_SECONDS or modules > AGAIN_MODULES)


if __name__ == "__main__":
    sys.exit(main())
