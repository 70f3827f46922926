# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in plaintext gets TLS while clients publish: refused by a deploy, killed, ended by the next run, proven."""

from __future__ import annotations

import json
import shutil
import socket
import urllib.request
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, version_of
from ansible_collections.aegis.nats.tests.end_to_end.staying import CREDS, routes, tls_context
from ansible_collections.aegis.nats.tests.integration.live_streams import Streams

ENABLE = str(ROOT / "playbooks/enable_tls.yml")
SWITCHED = "Switch to the staged release"


def asks_for_tls(port: int) -> bool:
    """What a server says to whoever connects."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        return bool(json.loads(client.makefile("rb").readline().partition(b" ")[2]).get("tls_required"))


def plain_connections(estate: Estate) -> list[str]:
    """Names of clients that are connected without TLS."""
    found = []
    for port in estate.ports["monitoring"]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/connz", timeout=5) as answer:
            told = json.load(answer)["connections"]
        found += [each.get("name") or each["ip"] for each in told if not each.get("tls_version")]
    return found


@pytest.mark.long
def test_a_plaintext_cluster_gets_tls(tmp_path: Path, binary: str) -> None:
    estate = Estate(tmp_path / "estate", binary)
    wish = {"nats_server_tls": True, "nats_server_cluster_tls": True}
    estate.settings.update(dict.fromkeys(wish, False), nats_server_version=version_of(binary))
    estate.settings["nats_server_lame_duck_grace_period"] = "1s"
    try:
        first = estate.deploy()
        good(first)
        refused = estate.deploy(playbook=ENABLE)
        assert refused.code and "write nats_server_tls: true" in refused.text, refused.output
        estate.settings.update(wish)
        pids, links = estate.processes(), routes(estate)
        refused = estate.deploy()
        assert refused.code and "run the playbook aegis.nats.enable_tls" in refused.text, refused.output
        estate.settings["nats_server_max_pending"] = "128MiB"
        refused = estate.deploy(playbook=ENABLE)
        assert refused.code and "something else needs a restart (max_pending" in refused.text, refused.output
        del estate.settings["nats_server_max_pending"]
        checked = estate.deploy("--check", playbook=ENABLE)
        good(checked)
        assert (estate.processes(), routes(estate)) == (pids, links)
        assert not any(asks_for_tls(port) for port in estate.ports["client"])
        (tmp_path / "application").mkdir()
        creds = shutil.copy(estate.root / CREDS, tmp_path / "application")
        urls = [f"nats://127.0.0.1:{port}" for port in estate.ports["client"]]
        streams = Streams(urls, tls_context(estate), str(creds), {"A3": 3, "B3": 3})
        streams.fill()
        with streams.traffic():
            estate.killed_at(SWITCHED, playbook=ENABLE)
            assert estate.processes() == pids, "a reload keeps the servers"
            estate.killed_when(lambda: len(set(pids) - set(estate.processes())) == 1, playbook=ENABLE)
            run = estate.deploy(playbook=ENABLE)
            good(run)
        print(f"longest wait of a publisher: {streams.longest_wait:.2f} s, {run.seconds:.0f} s for the last run")
        streams.check()
        assert not set(pids) & set(estate.processes())
        assert all(asks_for_tls(port) for port in estate.ports["client"])
        assert plain_connections(estate) == []
        again = estate.deploy(playbook=ENABLE)
        assert (again.code, again.changes) == (0, []), again.output
    finally:
        estate.close()
