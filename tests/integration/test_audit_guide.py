# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit finds every weakness of clusters that are built of a guide's snippets; guide_rows.py says which, and where.

Real servers, certificates by openssl and a tree by nsc as the guide has them, applications that are connected.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Result
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration import looking, own_address
from ansible_collections.aegis.nats.tests.integration.guide_cluster import Guide, account_server
from ansible_collections.aegis.nats.tests.integration.guide_rows import BESIDE, NOT_OF_A_CLUSTER, PLACES, ROWS, Told
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, new_key
from ansible_collections.aegis.nats.tests.official.official import needs_nsc

pytestmark = [pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no server"), needs_nsc]
USERS = ("order-service", "inventory-service", "monitoring")
#: What is told of the program and of the machine that the tests run on, whatever the guide says.
OF_THE_MACHINE = ("version", "unit-hardened")
SHIPPED = "nothing on this host carries logs away"
Measured = dict[str, Counter[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """By place, how often each finding is there, as (control, verdict, evidence)."""
    folder = tmp_path_factory.mktemp("guide")
    folder.chmod(0o700)
    with contextlib.ExitStack() as stack:
        address = "127.0.0.1"
        if own_address.POSSIBLE:
            address = stack.enter_context(own_address.own_address("198.51.100.78"))
        guide = Guide(folder, address, SERVERS[-1])
        guide.make()
        found = {"as written": as_written(guide), **formed(guide), **dict(singles(guide))}
    return {place: Counter(findings(results, folder)) for place, results in found.items()}


def as_written(guide: Guide) -> tuple[Result, ...]:
    with guide.running():
        found = guide.audit()
        assert not any(guide.asked(node, "routez")["routes"] for node in guide.nodes), "it forms a cluster"
        return found


def formed(guide: Guide) -> dict[str, tuple[Result, ...]]:
    guide.forms = True

    async def audit_with_applications() -> tuple[Result, ...]:
        clients = [await guide.connect(user, node) for user, node in zip(USERS, guide.nodes)]
        try:
            return await asyncio.to_thread(guide.audit)
        finally:
            for client in clients:
                await client.close()

    with guide.running():
        found = asyncio.run(audit_with_applications())
        return {"formed": found, "ecdsa": guide.with_ecdsa(guide.nodes[-1])}


def singles(guide: Guide) -> Iterator[tuple[str, tuple[Result, ...]]]:
    keys = {name: new_key(Role.USER).public_key for name in ("order", "inventory", "admin")}
    for name in ("tls", "nkeys", "permissions", "jwt"):
        yield name, guide.single(name, **(keys if name == "nkeys" else {}))
    with account_server(guide.nodes[0].etc / "jwt/accounts") as port:
        yield "url", guide.single("url", accounts=port)


def findings(results: Iterable[Result], folder: Path) -> Iterator[tuple[str, str, str]]:
    """With what differs from run to run left out."""
    for result in results:
        for finding in result.findings:
            evidence = re.sub(rf"{re.escape(str(folder))}/[\w-]+/(etc|var)", "…", finding.evidence)
            evidence = re.sub(r", of [\w-]+:[\w-]+: ", ": ", evidence)
            evidence = re.sub(r"serial [0-9A-F]+", "serial …", evidence)
            yield result.control.id, finding.verdict.value, re.sub(r"\bA[A-Z2-7]{55}\b", "A…", evidence)


@pytest.mark.parametrize("told", ROWS, ids=lambda told: f"{told.row}-{told.place}-{told.control}")
def test_every_weakness_is_found(told: Told, measured: Measured) -> None:
    if told.control == "monitoring-closed" and not own_address.POSSIBLE:
        pytest.skip(own_address.WHY_NOT)
    there = measured[told.place]
    assert there[told.control, told.verdict, told.evidence] == told.times, there


@pytest.mark.parametrize("place", PLACES)
def test_what_else_is_red_is_known(place: str, measured: Measured) -> None:
    red = {verdict.value for verdict in looking.RED}
    rows = {(told.control, told.verdict, told.evidence) for told in ROWS}
    known = {(told.control, told.verdict, told.evidence) for told in BESIDE if place in told.place.split(", ")}
    found = {key for key in measured[place] if key[1] in red and key[0] not in OF_THE_MACHINE and SHIPPED not in key[2]}
    assert found - rows == known, "".join(f"\n{entry}" for entry in sorted((found - rows) ^ known))


def test_each_row_is_looked_at() -> None:
    assert {told.row for told in ROWS} | set(NOT_OF_A_CLUSTER) == set(range(1, 41))
    assert not {told.row for told in ROWS} & set(NOT_OF_A_CLUSTER)
    assert {told.place for told in ROWS} <= set(PLACES)
