# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault in the middle of each operation, on machines under traffic.

The run stops before a second server is touched and says what is wrong, or waits and goes on; nothing that was
acknowledged is lost or there twice; when the fault is repaired, the next run finishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Optional

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Run, good, wait_until
from ansible_collections.aegis.nats.tests.faults.cells import FAULTS, KILLED, NOT_HERE, OPERATIONS, Fault, Operation
from ansible_collections.aegis.nats.tests.faults.machines import SCENARIO, Machines

pytestmark = pytest.mark.long
#: So that a gate that stays closed is seen soon.
PATIENCE = ("-e", '{"nats_server_wait_timeout": 30, "nats_server_start_timeout": 20}')
#: What the inventory wants before an operation, where that says nothing else.
FIRST = {"server": "server", "version": "2.15.1", "max_pending": "64MiB", "tls": False, "extra": {}}
#: Whatever the operation before has left is changed back at once, also what takes an outage.
BACK = ("-e", "nats_server_restart_share=100%")
CELLS = [(operation, fault) for operation in OPERATIONS for fault in FAULTS if fault.after(operation) is not NOT_HERE]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    made = Machines(tmp_path_factory.mktemp("faults"))
    try:
        made.must(str(SCENARIO / "prepare.yml"))
        yield made
    finally:
        made.close()


@pytest.fixture
def machines(made: Machines, operation: Operation) -> Iterator[Machines]:
    """A whole cluster under traffic, as it is before the operation, and the machines that it needs."""
    # Nobody but remove_node takes a server out of the cluster.
    joined = made.nodes[-1] == "n4" and not (made.root / "nats/changes/n4.left").exists()
    if operation.new or joined or not made.whole:
        made.close()
        made.create()
    made.whole = False
    if made.nodes[-1] == "n4":
        made.shrink()  # one that has left does not come back
    if operation.name == "node removed":
        made.grow()
    made.want(**{**FIRST, **operation.before})
    made.must("aegis.nats.deploy", *BACK)
    made.begin_traffic()
    if operation.name == "node added":
        made.grow()
    elif operation.name == "node replaced":
        made.renew(operation.about)
    yield made
    made.end_traffic()


def interrupted(machines: Machines, operation: Operation, fault: Fault, victim: str) -> Run:
    """One run, with the fault in its middle."""
    run = machines.start(*PATIENCE, *operation.options, playbook=operation.playbook)
    with ThreadPoolExecutor(1) as reader:
        output = reader.submit(run.communicate)

        def is_in_the_middle() -> bool:
            return run.poll() is not None or len(ended(machines, operation.middle[0])) >= operation.middle[1]

        assert wait_until(is_in_the_middle, 240)
        if fault.breaks:
            assert run.poll() is None, f"it was over before the fault:\n{output.result()[0]}"
            machines.on(victim, fault.breaks.format(peers=machines.addresses(*set(machines.nodes) - {victim})))
        text, _nothing = output.result(timeout=600)
    return Run(run.returncode, text, 0.0, machines.results())


def ended(machines: Machines, task: str) -> set[str]:
    """The servers on which a task of the run has ended."""
    return {result["host"] for result in machines.results() if result["task"] == task}


def touched(before: dict[str, str], after: dict[str, str], *but: Optional[str]) -> list[str]:
    """Whose server was started or stopped."""
    return [node for node in before if after[node] != before[node] and node not in but]


def see(machines: Machines, operation: Operation, fault: Fault, victim: str, started: dict[str, str]) -> None:
    """The run with the fault, and what became of it."""
    run, ending = interrupted(machines, operation, fault, victim), fault.after(operation)
    print(run.output[-2500:])
    now = machines.started()
    if ending.goes_on:
        good(run)
        return
    assert run.code != 0, run.output
    assert len(touched(started, now, operation.about, victim if fault.breaks else None)) <= 1
    assert re.search(ending.says.format(node=victim), run.text), run.output


def repair(machines: Machines, fault: Fault, victim: str) -> None:
    """What the operator does before the next run."""
    if fault.repairs:
        machines.on(victim, fault.repairs.format(peers=machines.addresses(*set(machines.nodes) - {victim})))
    if fault.broken:
        machines.want(extra={})


@pytest.mark.parametrize(
    ("operation", "fault"), CELLS, ids=[f"{fault.name}-{operation.name}" for operation, fault in CELLS]
)
def test_fault(machines: Machines, operation: Operation, fault: Fault) -> None:
    started, victim = machines.started(), machines.second(operation.about)
    machines.want(**operation.change, **(fault.broken or {}))
    try:
        if fault is KILLED:
            machines.killed_at(operation.killed, *PATIENCE, *operation.options, playbook=operation.playbook)
            assert len(touched(started, machines.started(), operation.about)) <= 1
        else:
            see(machines, operation, fault, victim, started)
    finally:
        repair(machines, fault, victim)
    if not (operation.once and fault.after(operation).goes_on):
        machines.must(operation.playbook, *operation.options)
    if operation.restarts:
        assert set(touched(started, machines.started())) == set(machines.nodes)
    saw = machines.end_traffic()
    print({name: value for name, value in saw.items() if name != "operations"})
    assert (saw["lost"], saw["twice"], saw["waiting"]) == (0, 0, 0), saw
    assert saw["acknowledged"] > 100, saw
    machines.whole = True
