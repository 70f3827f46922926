# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running checks, as far as no server is needed; see tests/integration for the rest."""

from __future__ import annotations

from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import run
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import KINDS, Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.perimeter import Finding
from ansible_collections.aegis.nats.plugins.module_utils.probe.run import _together, run_checks
from ansible_collections.aegis.nats.plugins.module_utils.probe.session import Sessions
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports

URLS = tuple(f"tls://127.0.0.1:{port}" for port in free_ports(2))
CHECKS = [Check(kind, kind, client="order", responder="order", subject="a") for kind in KINDS]
CHECKS += [Check(f"no {kind}", kind, client="order", responder="order", subject="a", allowed=False) for kind in KINDS]


def verdicts(check_mode: bool) -> dict[str, tuple[bool, bool]]:
    access = Access(URLS, timeout=2.0)
    found = run(run_checks(CHECKS, Sessions({"order": access}, access), check_mode))
    return {verdict.name: (verdict.ok, verdict.skipped) for verdict in found}


def test_no_check_passes_where_no_server_is() -> None:
    assert set(verdicts(False).values()) == {(False, False)}


def test_check_mode_skips_what_sends() -> None:
    skipped = {name for name, (_dummy, skipped) in verdicts(True).items() if skipped}
    kinds = {"publish", "request", "exchange", "stream_roundtrip"}
    assert skipped == kinds | {f"no {kind}" for kind in kinds}


def test_what_all_servers_say_is_said_once() -> None:
    same, other = Finding(True, "permitted"), Finding(False, "refused")
    assert _together(URLS, [same, same]) == "at all 2 servers: permitted"
    assert _together(URLS, [same, other]) == f"{URLS[0]}: permitted; {URLS[1]}: refused"
    assert _together(URLS[:1], [same]) == f"{URLS[0]}: permitted"
