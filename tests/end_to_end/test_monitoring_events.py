# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers tell the system account, heard on one host of a real estate and sent to a real receiver."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import close_client, open_client, tls_context
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import run as run_async
from ansible_collections.aegis.nats.plugins.module_utils.node.events import SUBJECTS
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.tests.end_to_end.estate import (
    Estate,
    free_ports,
    good,
    put,
    wait_until,
)
from ansible_collections.aegis.nats.tests.end_to_end.secrets import files_below, leaks, secrets_of
from ansible_collections.aegis.nats.tests.end_to_end.shipping import COLLECTOR, Receiver, Record, needs_collector
from ansible_collections.aegis.nats.tests.end_to_end.test_live_accounts import (
    ALPHA,
    access,
    ask_as_sys,
    get_in,
    operator,
)
from ansible_collections.aegis.nats.tests.end_to_end.watched import MONITORING

PROGRAM = os.environ.get("AEGIS_NATS_CLI")
pytestmark = [
    needs_collector,
    pytest.mark.skipif(not PROGRAM, reason="nats is not there: set AEGIS_NATS_CLI or run ./test end_to_end"),
]
#: In which an event has to arrive.
SECONDS = 30.0
NODE = "{{ quickstart_node_dir }}"
USER = {"name": "events", "publish": {"deny": [">"]}, "subscribe": {"allow": list(SUBJECTS)}}
#: A user who may hear one subject more.
WIDER = {"name": "wider", "publish": {"deny": [">"]}, "subscribe": {"allow": [*SUBJECTS, "$SYS.ACCOUNT.*.CONNECT"]}}


class Told:
    """An estate of two, of which the second hears what both tell."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.receiver = Receiver(estate.root)
        self.node = estate.root / "nodes" / "n2"
        self.estate.settings.update(
            nats_monitoring_exporter=False,
            nats_monitoring_expiry=False,
            nats_monitoring_prometheus="none",
            nats_monitoring_library_dir=f"{NODE}/lib",
            nats_monitoring_config_dir=f"{NODE}/monitoring",
            nats_monitoring_python=sys.executable,
            nats_monitoring_agent="{{ inventory_hostname == nats_monitoring_events_host }}",
            nats_monitoring_agent_install_method="preinstalled",
            nats_monitoring_agent_binary_path=COLLECTOR,
            nats_monitoring_agent_config_dir=f"{NODE}/agent",
            nats_monitoring_agent_data_dir=f"{NODE}/agent-data",
            nats_monitoring_agent_metrics_port=free_ports(1)[0],
            nats_monitoring_agent_otlp_endpoint=f"127.0.0.1:{self.receiver.port}",
            nats_monitoring_agent_otlp_tls=False,
            nats_client_folder=f"{NODE}/clients",
            nats_monitoring_events=True,
            nats_monitoring_events_host="n2",
            nats_monitoring_events_binary_path=PROGRAM,
            nats_monitoring_events_dir=f"{NODE}/events",
            nats_monitoring_events_file_size=4,
        )
        self.estate.hosts["n1"]["nats_monitoring_agent_host"] = "host-of-n1"

    def run(self, *options: str) -> Any:
        return self.estate.deploy("--limit", "n2", *options, playbook=MONITORING)

    def pids(self) -> list[int]:
        places = sorted((self.node / "run").glob("nats-[ae]*.json"))
        return [json.loads(place.read_text())["pid"] for place in places]

    def records(self, reason: str, who: str = "") -> list[Record]:
        """The arrived events of a reason."""
        return [
            each
            for each in self.receiver.records
            if each.attributes.get("nats.reason") == reason and who in each.attributes.get("user.name", "")
        ]

    def written(self) -> dict[str, str]:
        """What was heard, the agent's queue, all logs and settings, what arrived, and how the programs were started."""
        folders = ("events", "agent", "agent-data", "log", "monitoring", "run")
        found = files_below(*(self.node / folder for folder in folders))
        found["arrived"] = self.receiver.file.read_text(encoding="utf-8")
        for pid in self.pids():
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for each in (str(pid), *children):
                for what in ("cmdline", "environ"):
                    found[f"{what} of {each}"] = Path(f"/proc/{each}/{what}").read_bytes().decode("utf-8", "replace")
        return found

    def counted(self) -> str:
        port = self.estate.settings["nats_monitoring_agent_metrics_port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def close(self) -> None:
        self.receiver.stop()
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Told]:
    estate = Estate(tmp_path_factory.mktemp("events") / "estate", binary, ("n1", "n2"))
    put(estate.settings, "nats_trust_system_account.users[+]", USER)
    put(estate.settings, "nats_trust_system_account.users[+]", WIDER)
    made = Told(estate)
    try:
        good(estate.deploy())
        yield made
    finally:
        made.close()
        estate.close()


def test_a_login_that_may_hear_more_is_refused_before_a_host_is_touched(told: Told) -> None:
    before = told.estate.snapshot("nodes", "nats")
    told.estate.settings["nats_monitoring_events_user"] = "wider"
    try:
        refused = told.run()
    finally:
        del told.estate.settings["nats_monitoring_events_user"]
    assert refused.code != 0
    assert "nats_monitoring_events_user: wider may hear $SYS.ACCOUNT.*.CONNECT" in refused.text
    assert "nats_trust_system_account.users" in refused.text
    assert told.estate.snapshot("nodes", "nats") == before


def test_a_check_says_what_a_run_does_and_the_next_run_does_nothing(told: Told) -> None:
    before = told.estate.snapshot("nodes", "nats")
    said = good(told.run("--check"))
    assert told.estate.snapshot("nodes", "nats") == before
    told.receiver.start()
    done = good(told.run())
    assert sorted(set(said.changes)) == sorted(set(done.changes))
    running = told.pids()
    assert len(running) == 2
    again = good(told.run())
    assert again.changes == [] and told.pids() == running
    for place in (told.node / "clients" / "nats-events").iterdir():
        assert place.stat().st_mode & 0o077 == 0, place


def _server_id(told: Told, number: int) -> str:
    with urllib.request.urlopen(
        f"http://127.0.0.1:{told.estate.ports['monitoring'][number]}/varz", timeout=5
    ) as answer:
        return str(json.load(answer)["server_id"])


def _revoke(told: Told, user: str) -> None:
    """What an operator does at once: an account's token in which a user is revoked, pushed to the servers."""
    token = tokens.read((told.estate.root / "nats/trust" / ALPHA).read_text())
    now = int(time.time())
    claims: dict[str, Any] = {**token.claims, "iat": now}
    claims["nats"] = {**claims["nats"], "revocations": {user: now}}
    pushed = tokens.sign(claims, operator(told.estate).pairs[0]).text.encode()
    ask_as_sys(told.estate, "$SYS.REQ.CLAIMS.UPDATE", pushed)


def _ended(told: Told, number: int, end: Callable[[int], None], reason: str) -> tuple[Record, float]:
    """The event of a connection at a server that something ends, and the seconds that it took to arrive."""

    async def work() -> tuple[Record, float]:
        one = access(told.estate, "TeamAlpha/order-service", number)
        client = await open_client(one, one.servers[0])
        loop = asyncio.get_running_loop()
        began = time.monotonic()
        await loop.run_in_executor(None, end, client.nats.client_id)
        assert await loop.run_in_executor(None, wait_until, lambda: bool(told.records(reason)), SECONDS)
        seconds = time.monotonic() - began
        await close_client(client)
        return told.records(reason)[0], seconds

    return run_async(work())


def _user_key(told: Told) -> str:
    place = told.estate.root / "nats/trust/stores/MyCompany/accounts/TeamAlpha/users/order-service.jwt"
    return tokens.read(place.read_text()).subject


def test_why_connections_end_and_who_is_refused_arrives_without_a_secret(told: Told) -> None:
    key = _user_key(told)
    number = _server_id(told, 0)

    def kick(client: int) -> None:
        ask_as_sys(told.estate, f"$SYS.REQ.SERVER.{number}.KICK", json.dumps({"cid": client}).encode())

    kicked, seconds = _ended(told, 0, kick, "Kicked")
    print(f"a kicked client was told after {seconds:.1f} s")
    assert (kicked.resource["host.name"], kicked.resource["nats.server"]) == ("host-of-n1", "n1")
    revoked, seconds = _ended(told, 1, lambda _client: _revoke(told, key), "Credentials Revoked")
    print(f"a revoked client was told after {seconds:.1f} s")
    assert (revoked.resource["host.name"], revoked.resource["nats.server"]) == ("n2", "n2")
    # Its creds are no use any more, at the other server too: this login fails, and brings the whole JWT.
    assert get_in([access(told.estate, "TeamAlpha/order-service", 0)]) == [False]
    assert wait_until(lambda: bool(told.records("Authentication Failure", key)), SECONDS)
    failed = told.records("Authentication Failure", key)[0]
    assert failed.resource["host.name"] == "host-of-n1"
    assert (failed.event, failed.severity) == ("login_failed_event", "ERR")
    for each in (kicked, revoked):
        assert (each.event, each.severity) == ("disconnect_event", "INF")
        assert each.attributes["nats.account"] == "TeamAlpha"
        assert each.attributes["nats.client.library"].startswith("python3 ")
    for each in (kicked, revoked, failed):
        assert (each.attributes["user.name"], each.attributes["client.address"]) == (key, "127.0.0.1")
        assert each.resource["nats.cluster"] == "quickstart"
        assert abs(each.nanoseconds / 1e9 - time.time()) < 120
    # What clients ended themselves is not told, and nothing is counted a second time.
    assert not told.records("Client Closed")
    assert "disconnect_event" not in told.counted() and "login_failed_event" not in told.counted()
    written = told.written()
    # The server did say it, or nothing would be proven: the creds that were refused hold this token.
    creds = (told.estate.root / "nats/trust/keys/creds/MyCompany/TeamAlpha/order-service.creds").read_text()
    assert "eyJ0eXAi" in creds
    assert not [name for name, text in written.items() if "eyJ0eXAi" in text]
    assert not leaks(secrets_of(told.estate), written)


def test_what_is_heard_is_kept_in_files_that_are_turned_over(told: Told) -> None:
    names = [f"guest{number:02}" for number in range(36)]
    for start in range(0, len(names), 9):
        part = names[start : start + 9]
        run_async(_fail(told, part))
        assert wait_until(lambda part=part: all(told.records("Authentication Failure", name) for name in part), SECONDS)
    files = sorted((told.node / "events").iterdir())
    assert [place.name for place in files] == ["events.jsonl", "events.jsonl.1", "events.jsonl.2"]
    assert all(place.stat().st_size <= 4096 and place.stat().st_mode & 0o007 == 0 for place in files)
    # Servers tell of each on both subjects.
    arrived = Counter(each.attributes["user.name"] for each in told.records("Authentication Failure", "guest"))
    assert arrived == Counter(names)


async def _fail(told: Told, names: list[str]) -> None:
    """Logins of users that there are not."""
    one = access(told.estate, "TeamAlpha/order-service", 1)

    async def ignore(_error: Exception) -> None:
        """The library would print it."""

    for name in names:
        with pytest.raises(nats.errors.Error, match="Authorization"):
            await nats.connect(
                one.servers[0],
                tls=tls_context(one.ca, one.pair),
                user=name,
                password="no such password",
                allow_reconnect=False,
                error_cb=ignore,
            )


def test_a_host_that_is_not_to_hear_any_more_loses_its_login(told: Told) -> None:
    told.estate.settings.update(nats_monitoring_events=False, nats_monitoring_agent=True)
    good(told.run())
    assert not (told.node / "clients" / "nats-events").exists()
    assert not (told.node / "monitoring" / "events.json").exists()
    assert len(told.pids()) == 1
