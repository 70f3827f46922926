# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may go wrong in the middle of which operation, and what then happens: the table of docs/day_two.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """Something done after the first day. before and change: what the inventory wants; new: it needs new machines."""

    name: str
    playbook: str
    before: Mapping[str, Any]
    change: Mapping[str, Any]
    new: bool = False


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong when all is prepared and no server is touched yet.

    breaks and repairs: scripts of root on one machine; ``{peers}`` are the addresses of the others. broken: what is
    wrong with the inventory. goes_on: the run waits until it is over, and ends well. says: what the run tells, as a
    regular expression. happens: the same for a reader; outcome: in a word.
    """

    name: str
    says: str
    happens: str
    breaks: str = ""
    repairs: str = ""
    outcome: str = "stops"
    broken: Mapping[str, Any] | None = None
    goes_on: bool = False


OPERATIONS = (
    Operation(
        "configuration change",
        "aegis.nats.deploy",
        before={"max_pending": "64MiB"},
        change={"max_pending": "128MiB"},
    ),
)
KILLED = Fault(
    "kill -9 of the run",
    says="",
    outcome="the next run goes on",
    happens="the server that was being restarted runs, the others were not touched",
)
FAULTS = (
    KILLED,
    Fault(
        "kill -9 of a server",
        breaks="systemctl kill --signal=KILL nats-server",
        says="",
        goes_on=True,
        outcome="waits, goes on",
        happens="systemd starts it again; the run waits until it has caught up, and goes on",
    ),
    Fault(
        "kill -9 of a server that stays down",
        breaks="systemctl kill --signal=KILL nats-server; systemctl stop nats-server",
        repairs="systemctl start nats-server",
        says=r"(no route to|replica|meta group:) {node}",
        happens="the gate says which server is missing",
    ),
    Fault(
        "network cut of one node",
        breaks="for peer in {peers}; do ip route add blackhole $peer/32; done",
        repairs="for peer in {peers}; do ip route del blackhole $peer/32; done",
        says=r"(no route to|replica|meta group:) {node}",
        happens="the gate says which server can't be reached, or which streams are behind on it",
    ),
    Fault(
        "disk full on one node",
        breaks="dd if=/dev/zero of=/var/lib/nats/filler bs=64k status=none; true",
        repairs="rm -f /var/lib/nats/filler; systemctl restart nats-server",
        says=r"{node}: (JetStream|/healthz)|(replica|meta group:) {node}",
        happens="the gate says that the server's JetStream is off, or which streams are behind on it",
    ),
    Fault(
        "configuration that the server refuses when it starts",
        says=r"Error listening on leafnode port: 22 .* Rolled back to release \w+, which runs",
        happens="the first host is rolled back, with the server's own words",
        outcome="rolled back",
        broken={"extra": {"leafnodes": {"port": 22}}},
    ),
    Fault(
        "a host unreachable",
        breaks="systemctl stop ssh.socket ssh 2>/dev/null; pkill -9 sshd; true",
        repairs="systemctl start ssh",
        says=r"{node}.*(UNREACHABLE|unreachable)",
        happens="the run says which host it can't reach",
    ),
)


def table() -> str:
    """Every cell that is tested, as the page for operators shows it, and what happens there."""
    grid = [
        "| operation | " + " | ".join(fault.name for fault in FAULTS) + " |",
        "|---" * (len(FAULTS) + 1) + "|",
        *(f"| {each.name} | " + " | ".join(fault.outcome for fault in FAULTS) + " |" for each in OPERATIONS),
    ]
    meanings = ["| fault | what happens |", "|---|---|", *(f"| {fault.name} | {fault.happens} |" for fault in FAULTS)]
    return "\n".join([*grid, "", *meanings]) + "\n"
