# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may go wrong in the middle of which operation, and what then happens: the table of docs/day_two.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

STAGED, SWITCHED = "Stage the configuration and have the server check it", "Switch to the staged release"
REKEYED = "Switch to the release in use with its key"


@dataclass(frozen=True)
class Ending:
    """What becomes of a run with a fault.

    outcome: in a word. says: what the run tells, as a regular expression; ``{node}`` is the server with the fault.
    goes_on: the run waits until the fault is over, or needs not wait, and ends well.
    """

    outcome: str
    says: str = ""
    goes_on: bool = False


NOT_HERE = Ending("does not apply")
#: A server that has never run has nothing to be rolled back to.
NEVER_RAN = Ending("stopped", r"Error listening on leafnode port: 22 .* so the server is stopped")
#: A deploy starts what does not run.
STARTED = Ending("starts it, goes on", goes_on=True)
STOPS = "stops"


@dataclass(frozen=True)
class Operation:
    """Something done after the first day.

    before and change: what the inventory wants; options: of the run. middle: the task, and on how many servers it has
    ended, when the fault comes; killed: the task after whose first change the run is killed. about: the server that
    comes, leaves or is lost, so that the fault is on another. restarts: every server is a new process in the end. once:
    what is done already is refused. new: it needs new machines. instead: how it ends with a fault that ends otherwise
    elsewhere.
    """

    name: str
    playbook: str
    before: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    middle: tuple[str, int] = (STAGED, 3)
    killed: str = SWITCHED
    about: str = ""
    restarts: bool = True
    once: bool = False
    new: bool = False
    instead: Mapping[str, Ending] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong in the middle.

    breaks and repairs: scripts of root on one machine; ``{{peers}}`` are the addresses of the others. broken: what is
    wrong with the inventory. happens: what it comes to, for a reader.
    """

    name: str
    ending: Ending
    happens: str
    breaks: str = ""
    repairs: str = ""
    broken: Optional[Mapping[str, Any]] = None

    def after(self, operation: Operation) -> Ending:
        """How the operation ends with it."""
        return operation.instead.get(self.name, self.ending)


KILLED = Fault(
    "kill -9 of the run",
    Ending("the next run goes on"),
    happens="the server that was being changed runs, the others were not touched",
)
CRASH, DOWN, CUT, FULL = (
    "kill -9 of a server",
    "kill -9 of a server that stays down",
    "network cut of one node",
    "disk full on one node",
)
REFUSED, AWAY = "configuration that the server refuses when it starts", "a host unreachable"
FAULTS = (
    KILLED,
    Fault(
        CRASH,
        Ending("waits, goes on", goes_on=True),
        breaks="systemctl kill --signal=KILL nats-server",
        happens="systemd starts it again; the run waits until it has caught up, and goes on",
    ),
    Fault(
        DOWN,
        Ending(STOPS, r"(no route to|replica|meta group:) {node}"),
        breaks="systemctl kill --signal=KILL nats-server; systemctl stop nats-server",
        repairs="systemctl start nats-server",
        happens="the gate says which server is missing",
    ),
    Fault(
        CUT,
        Ending(STOPS, r"(no route to|replica|meta group:) {node}"),
        breaks="for peer in {peers}; do ip route add blackhole $peer/32; done",
        repairs="for peer in {peers}; do ip route del blackhole $peer/32; done",
        happens="the gate says which server can't be reached, or which streams are behind on it",
    ),
    Fault(
        FULL,
        Ending(STOPS, r"{node}: (JetStream|/healthz)|(replica|meta group:) {node}"),
        breaks="dd if=/dev/zero of=/var/lib/nats/filler bs=64k status=none; true",
        repairs="rm -f /var/lib/nats/filler; systemctl restart nats-server",
        happens="the gate says that the server's JetStream is off, or which streams are behind on it",
    ),
    Fault(
        REFUSED,
        Ending("rolled back", r"Error listening on leafnode port: 22 .* Rolled back to release \w+.*, which runs"),
        happens="the first host is rolled back, with the server's own words; one that never ran before is stopped",
        broken={"extra": {"leafnodes": {"port": 22}}},
    ),
    Fault(
        AWAY,
        Ending(STOPS, r"{node}.*(UNREACHABLE|unreachable)"),
        breaks="systemctl stop ssh.socket ssh 2>/dev/null; pkill -9 sshd; true",
        repairs="systemctl start ssh",
        happens="the run says which host it can't reach",
    ),
)
OPERATIONS = (
    Operation("configuration change", "aegis.nats.deploy", {"max_pending": "64MiB"}, {"max_pending": "128MiB"}),
    Operation("rolling restart", "aegis.nats.rolling_restart", instead={REFUSED: NOT_HERE}),
    Operation(
        "upgrade",
        "aegis.nats.upgrade",
        {"server": "servers/2.14.4", "version": "2.14.4"},
        {"server": "server", "version": "2.15.1"},
        new=True,
    ),
    Operation(
        "TLS enabled",
        "aegis.nats.enable_tls",
        {"tls": False},
        {"tls": True},
        instead={
            DOWN: STARTED,
            REFUSED: Ending("refused before", "something else needs a restart .* No server was touched"),
        },
    ),
    Operation(
        "node added",
        "aegis.nats.deploy",
        middle=(STAGED, 4),
        about="n4",
        restarts=False,
        instead={REFUSED: NEVER_RAN, DOWN: STARTED},
    ),
    Operation(
        "node removed",
        "aegis.nats.remove_node",
        options=("-e", "nats_remove=n4"),
        middle=("Write down that it leaves", 1),
        killed="Write down that it leaves",
        about="n4",
        restarts=False,
        instead={each: Ending(STOPS, r"no leader \((?![^)]*{node})[^)]* answered\)") for each in (DOWN, CUT)},
    ),
    Operation(
        "node replaced",
        "aegis.nats.replace",
        options=("-e", "nats_replace=n2"),
        about="n2",
        restarts=False,
        once=True,
        instead={REFUSED: NEVER_RAN},
    ),
    Operation(
        "JetStream keys rotated",
        "aegis.nats.rotate_jetstream_key",
        options=("-e", "nats_rotate_again=true"),
        middle=(REKEYED, 1),
        killed=REKEYED,
        instead={REFUSED: NOT_HERE},
    ),
)


def table() -> str:
    """Every cell that is tested, as the page for operators shows it, and what happens there."""
    grid = [
        "| operation | " + " | ".join(fault.name for fault in FAULTS) + " |",
        "|---" * (len(FAULTS) + 1) + "|",
        *(
            f"| {each.name} | " + " | ".join(fault.after(each).outcome for fault in FAULTS) + " |"
            for each in OPERATIONS
        ),
    ]
    meanings = ["| fault | what happens |", "|---|---|", *(f"| {fault.name} | {fault.happens} |" for fault in FAULTS)]
    return "\n".join([*grid, "", *meanings]) + "\n"
