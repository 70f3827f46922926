# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a deploy of three nodes on loopback takes: from nothing, and again when nothing changes.

Run it from the checkout with the interpreter of a virtual environment that has the requirements. Each host's Python is
a counting one, so that the modules that run on a host are counted, and what they take of the processor is told apart
from what the controller takes. It ends with status 1 when the first run takes more than 30 s, the second more than 6 s
or changes anything, or an unchanged host sees more than 2 modules. Seconds on the clock mean something on a machine
that does nothing else; those of the processor are nearly the same on any.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / ".collections"))

from ansible_collections.aegis.nats.tests.bench.counting import CountingPythons
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, server_binary

FIRST_SECONDS, AGAIN_SECONDS, AGAIN_MODULES = 30.0, 6.0, 2


def measure(estate: Estate, pythons: CountingPythons, name: str) -> tuple[float, int, int]:
    """One run: its seconds, its changes, and the most modules that one host saw."""
    pythons.forget()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = estate.deploy()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if run.code:
        sys.exit(run.output)
    work = pythons.work()
    hosts = sum(each.seconds for each in work.values())
    controller = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - hosts
    modules = [work[host].modules for host in estate.nodes]
    print(
        f"{name:14} {run.seconds:5.1f} s   {len(run.changes):3} changes   CPU: controller {controller:5.1f} s, "
        f"hosts {hosts:5.1f} s   modules on the hosts: {' '.join(map(str, modules))}"
    )
    return run.seconds, len(run.changes), max(modules)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        estate = Estate(Path(folder) / "estate", server_binary())
        try:
            pythons = CountingPythons(estate.scratch / "pythons", estate.nodes, sys.executable)
            estate.settings["ansible_python_interpreter"] = pythons.variable
            first, _dummy, _dummy = measure(estate, pythons, "from nothing")
            again, changes, modules = measure(estate, pythons, "again")
        finally:
            estate.close()
    return int(first > FIRST_SECONDS or again > AGAIN_SECONDS or changes > 0 or modules > AGAIN_MODULES)


if __name__ == "__main__":
    sys.exit(main())
