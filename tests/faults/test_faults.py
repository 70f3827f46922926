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
from pathlib import Path
from typing import Optional

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import Run, wait_until
from ansible_collections.aegis.nats.tests.faults.cells import FAULTS, KILLED, OPERATIONS, Fault, Operation
from ansible_collections.aegis.nats.tests.faults.machines import Machines

pytestmark = pytest.mark.long
#: So that a gate that stays closed is seen soon.
PATIENCE = ("-e", '{"nats_server_wait_timeout": 30, "nats_server_start_timeout": 20}')
#: What the inventory wants before an operation, where that says nothing else.
FIRST = {"server": "server", "version": "2.15.1", "max_pending": "64MiB", "tls": False, "extra": {}}
STAGED, SWITCHED = "Stage the configuration and have the server check it", "Switch to the staged release"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    made = Machines(tmp_path_factory.mktemp("faults"))
    try:
        made.create()
        yield made
    finally:
        made.close()


@pytest.fixture
def machines(made: Machines, operation: Operation) -> Iterator[Machines]:
    """A whole cluster under traffic, as it is before the operation."""
    if operation.new:
        made.close()
        made.create()
    made.want(**{**FIRST, **operation.before})
    made.must("aegis.nats.deploy")
    made.begin_traffic()
    yield made
    made.end_traffic()


def interrupted(machines: Machines, operation: Operation, fault: Fault, victim: str) -> Run:
    """One run, with the fault as soon as everything is staged."""
    run = machines.start(*PATIENCE, playbook=operation.playbook)
    with ThreadPoolExecutor(1) as reader:
        output = reader.submit(run.communicate)

        def is_staged() -> bool:
            return run.poll() is not None or len(staged(machines)) == len(machines.nodes)

        assert wait_until(is_staged, 180)
        if fault.breaks:
            assert run.poll() is None, "it was over before the fault"
            machines.on(victim, fault.breaks.format(peers=machines.addresses(*set(machines.nodes) - {victim})))
        text, _nothing = output.result(timeout=400)
    return Run(run.returncode, text, 0.0, machines.results())


def staged(machines: Machines) -> set[str]:
    return {result["host"] for result in machines.results() if result["task"] == STAGED}


def touched(before: dict[str, str], after: dict[str, str], but: Optional[str] = None) -> list[str]:
    """Whose server was started or stopped."""
    return [node for node in before if after[node] != before[node] and node != but]


def see(machines: Machines, operation: Operation, fault: Fault, victim: str, started: dict[str, str]) -> None:
    """The run with the fault, and what became of it."""
    run = interrupted(machines, operation, fault, victim)
    print(run.output[-2500:])
    now = machines.started()
    if fault.goes_on:
        assert run.code == 0, run.output
        assert set(touched(started, now)) == set(machines.nodes)
        return
    assert run.code != 0, run.output
    assert len(touched(started, now, but=victim if fault.breaks else None)) <= 1
    assert re.search(fault.says.format(node=victim), run.text), run.output


def repair(machines: Machines, fault: Fault, victim: str) -> None:
    """What the operator does before the next run."""
    if fault.repairs:
        machines.on(victim, fault.repairs.format(peers=machines.addresses(*set(machines.nodes) - {victim})))
    if fault.broken:
        machines.want(extra={})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda each: each.name)
def test_fault(machines: Machines, operation: Operation, fault: Fault, tmp_path: Path) -> None:
    started, victim = machines.started(), machines.second()
    machines.want(**operation.change, **(fault.broken or {}))
    try:
        if fault is KILLED:
            machines.killed_at(SWITCHED, *PATIENCE, playbook=operation.playbook)
            assert len(touched(started, machines.started())) == 1
        else:
            see(machines, operation, fault, victim, started)
    finally:
        repair(machines, fault, victim)
    machines.must(operation.playbook)
    assert set(touched(started, machines.started())) == set(machines.nodes)
    saw = machines.end_traffic()
    print({name: value for name, value in saw.items() if name != "operations"})
    assert (saw["lost"], saw["twice"], saw["waiting"]) == (0, 0, 0), saw
    assert saw["acknowledged"] > 100, saw
