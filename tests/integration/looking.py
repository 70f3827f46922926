# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as tests have it made: what each host tells of its server, and the knocking, judged. For tests only."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Optional

from ansible_collections.aegis.nats.plugins.module_utils.audit import certificates, run
from ansible_collections.aegis.nats.plugins.module_utils.audit.knocking import Visitor
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Result, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_audit import AUDIT
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform

RED = (Verdict.FAIL, Verdict.WARN)


def wait_for(address: str, port: int, why: Callable[[], str]) -> None:
    """Until somebody listens there. why: what to tell where nobody does."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
            return
        time.sleep(0.05)
    raise AssertionError(why())


def told_by(pid: int, search: Iterable[Path]) -> dict[str, Any]:
    """What aegis.nats.node_audit tells of a server."""
    surroundings = Surroundings(check_mode=False, now=datetime.now(timezone.utc), seal=NoSeal())
    params = {"pid": pid, "pid_file": None, "monitor": None, "monitor_ca": None, "timeout": 5.0}
    facts = perform(AUDIT, {**params, "search": [str(place) for place in search]}, surroundings)
    assert not facts.get("failed"), facts
    return facts


def judged(
    told: Mapping[str, Mapping[str, Any]],
    ca: str,
    pair: Optional[Pair],
    address: str = "127.0.0.1",
    last: Optional[datetime] = None,
) -> tuple[Result, ...]:
    """told: by host, what ``told_by`` has; ca: PEM; address: where all of them are reached."""
    now = datetime.now(timezone.utc)
    visitor = Visitor(Access((), ca=ca.encode(), pair=pair, timeout=4), certificates.stranger(now))
    hosts = {host: {"address": address, "facts": facts} for host, facts in told.items()}
    return run.judged(run.audit(hosts, [], visitor, now, last))


def red(results: Iterable[Result]) -> list[tuple[str, Finding]]:
    """The red findings, each with its control."""
    return [(each.control.id, finding) for each in results for finding in each.findings if finding.verdict in RED]
