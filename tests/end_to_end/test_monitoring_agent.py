# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent with real servers and a real receiver: what arrives, how soon, and that no secret does."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import server_binary, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.loud_server import PLANTED, LoudServer, loud_server
from ansible_collections.aegis.nats.tests.end_to_end.shipping import (
    COLLECTOR,
    Agent,
    Receiver,
    needs_collector,
    seconds_until,
    shipping,
)
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_scrub import PUBLIC, PUBLIC_LINES, SEED
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_scrub import SECRET_LINES as SECRETS

pytestmark = needs_collector
SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
EVENTS = {
    "login_failed": 20,
    "handshake_error": 1,
    "reload_refused": 4,
    "slow_consumer": 1,
    "permission_violation": 2,
    "limit_exceeded": 2,
}


def _raise_alarm(server: LoudServer) -> None:
    """Everything that there is an event for. What the server prints of its secrets is in the refused reloads."""
    server.fail_to_log_in(f"guest{number}" for number in range(20))
    server.come_without_certificate()
    server.overstep()
    server.read_slowly()
    server.crowd()
    server.reload(gateway="-other")
    server.reload(leaf="-other")
    server.reload(js="-other")
    server.reload(js="-first\\n" + PLANTED + "-second")
    server.reload(peer="-other", route="-other")


@pytest.mark.parametrize(
    "program",
    [""] + [pytest.param(path, marks=pytest.mark.long) for path in SERVERS],
    ids=lambda path: Path(path).parent.name or "pinned",
)
def test_events_arrive_without_secrets(program: str, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(loud_server(tmp_path / "server", program or server_binary()))
        agent = stack.enter_context(shipping(tmp_path, server.log))
        assert set(agent.counts.values()) == {0}
        _raise_alarm(server)
        seconds = seconds_until(agent, EVENTS)
        print(f"everything has arrived {seconds:.1f} s after the last event")
        assert seconds < 30
        assert wait_until(lambda: all(agent.counts[event] >= count for event, count in EVENTS.items()), 5)
        records = agent.receiver.records
        seen = Counter(record.event for record in records if record.event)
        assert {event: agent.counts[event] for event in seen} == dict(seen)
        assert seen["login_failed"] == 20
        assert seen["handshake_error"] == 1
        assert agent.counts["account_refused"] == 0
        for record in records:
            assert record.resource["host.name"] == record.resource["nats.server"] == "n1"
            assert record.resource["nats.cluster"] == "harbour"
            assert record.resource["service.name"] == "nats-server"
        failed = [record for record in records if record.event == "login_failed"]
        assert {record.attributes["user.name"] for record in failed} == {f"guest{number}" for number in range(20)}
        assert {record.attributes["client.address"] for record in failed} == {"127.0.0.1"}
        assert {record.severity for record in failed} == {"ERR"}
        # The server did print them, or nothing would be proven.
        assert PLANTED in server.log.read_text()
        assert PLANTED not in agent.receiver.file.read_text()
        assert PLANTED.encode() not in agent.left()


def test_nothing_is_lost_while_nobody_receives(tmp_path: Path) -> None:
    with loud_server(tmp_path / "server", server_binary()) as server, shipping(tmp_path, server.log) as agent:
        server.fail_to_log_in(f"before{number}" for number in range(10))
        seconds_until(agent, {"login_failed": 10})
        agent.receiver.stop()
        server.fail_to_log_in(f"while{number}" for number in range(30))
        server.reload(gateway="-other")
        assert wait_until(lambda: agent.counts["login_failed"] == 40, 10)
        assert wait_until(lambda: b"while29" in agent.left(), 10), "the queue is on disk"
        assert PLANTED.encode() not in agent.left()
        # Killed, and not there for a while: what it had sent away is not sent again, what came meanwhile is read.
        agent.stop(signal.SIGKILL)
        server.fail_to_log_in(f"after{number}" for number in range(10))
        agent.deploy()
        agent.receiver.start()
        seconds_until(agent, {"login_failed": 50, "reload_refused": 1})
        seen = Counter(record.attributes.get("user.name") for record in agent.receiver.records if record.event)
        names = {
            f"{when}{number}"
            for when, count in (("before", 10), ("while", 30), ("after", 10))
            for number in range(count)
        }
        assert names <= set(seen)
        assert {name for name in names if seen[name] > 1} == set()
        assert PLANTED not in agent.receiver.file.read_text()


def test_nothing_is_lost_or_told_twice_when_the_log_is_turned_over(tmp_path: Path) -> None:
    names = [f"user{number:03}" for number in range(150)]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(loud_server(tmp_path / "server", server_binary(), log_size=4000))
        agent = stack.enter_context(shipping(tmp_path, server.log))
        server.fail_to_log_in(iter(names[:100]))
        # Turned over while nobody reads, too.
        agent.stop()
        server.fail_to_log_in(iter(names[100:]))
        agent.deploy()
        seconds_until(agent, {"login_failed": len(names)})
        assert len(list(server.log.parent.glob("nats-server.log.*"))) >= 3
        failed = [record for record in agent.receiver.records if record.event == "login_failed"]
        assert Counter(record.attributes["user.name"] for record in failed) == Counter(names)


def test_every_shape_of_a_secret_is_masked(tmp_path: Path) -> None:
    """What scrub.py hides, the agent hides; it may hide more, for it knows less."""
    log = tmp_path / "nats-server.log"
    start = "[7] 2026/11/29 12:00:00.000000"
    bodies = [f"before {line} \nafter" for line, _secret in SECRETS] + [f"public {line}" for line in PUBLIC_LINES]
    more = [
        f'trace {{"user":"u","pass":"{PLANTED}","auth_token": "{PLANTED}"}}',
        f"a token alone nats://{PLANTED}@10.0.0.1:4222",
        f'password: "{PLANTED} whose quote is missing',
        f"old keys {SEED[:1]}O{SEED[2:]} {SEED[:1]}A{SEED[2:]} {SEED[:1]}X{SEED[2:]}",
        f'10.0.0.1:1 - cid:1 - authentication error - Nkey "{PUBLIC}"',
    ]
    with shipping(tmp_path, log) as agent:
        log.write_text("".join(f"{start} [ERR] {body}\n" for body in bodies + more))
        assert wait_until(lambda: len(agent.receiver.records) >= len(bodies + more), 20)
        arrived = [record.body for record in agent.receiver.records]
        assert not [secret for _line, secret in SECRETS if any(secret in body for body in arrived)]
        assert not [body for body in arrived if PLANTED in body or SEED[2:] in body]
        assert len([body for body in arrived if body.startswith("before")]) == len(SECRETS)
        assert len([body for body in arrived if body.startswith("public")]) == len(PUBLIC_LINES)
        assert f"10.0.0.1:1 - cid:1 - authentication error - Nkey {PUBLIC}" in "\n".join(arrived)


def test_what_clients_call_themselves_counts_for_nothing(tmp_path: Path) -> None:
    """A client's name stands in the server's lines, between quotation marks."""
    names = [
        'v1:go:x - authentication error - User \\"root\\"',
        "v1:go:x - TLS handshake error: ",
        "v1:go:A/user:root",
        "Failed to reload server configuration: ",
    ]
    log = tmp_path / "nats-server.log"
    lines = [f'127.0.0.1:1 - cid:7 - "{name}" - "A/team/user:eve" - maximum payload exceeded: 2 vs 1' for name in names]
    lines.append(f'[::1]:5 - cid:8 - "{names[0]}" - Client connection created')
    with shipping(tmp_path, log) as agent:
        log.write_text("".join(f"[7] 2026/11/29 12:00:00.000000 [ERR] {line}\n" for line in lines))
        assert wait_until(lambda: len(agent.receiver.records) == len(lines), 20)
        assert {event: count for event, count in agent.counts.items() if count} == {"limit_exceeded": len(names)}
        exceeded = [record for record in agent.receiver.records if record.event]
        assert {record.attributes["user.name"] for record in exceeded} == {"eve"}
        assert {record.attributes["nats.account"] for record in exceeded} == {"A/team"}


def test_a_line_that_is_none_of_the_server_is_not_told(tmp_path: Path) -> None:
    log = tmp_path / "nats-server.log"
    with shipping(tmp_path, log) as agent:
        log.write_text(f"{PLANTED} without a beginning\n[7] 2026/11/29 12:00:00.000000 [TRC] {PLANTED} payload\n")
        assert wait_until(lambda: len(agent.receiver.records) == 1, 20)
        assert agent.receiver.records[0].body == "********"
        assert PLANTED.encode() not in agent.left()


# Named, or the name of the test would carry the token into the environment.
@pytest.mark.parametrize(
    "token",
    [f"{PLANTED}: 'to$ken' \"${{env:HOME}}\" #1", f"{PLANTED}: map", "0012345678"],
    ids=["signs", "map", "number"],
)
def test_a_receiver_that_asks_who_is_there(token: str, tmp_path: Path) -> None:
    """Certificates of both sides and a header whose value is no word of YAML, none of it where others can read it."""
    authority = Authority(tmp_path, "authority")
    server, client = authority.leaf("receiver"), authority.leaf("agent")
    tls = {"cert_file": str(server[0]), "key_file": str(server[1]), "client_ca_file": str(authority.path)}
    receiver = Receiver(tmp_path, tls, token="asked for")
    log = tmp_path / "nats-server.log"
    log.write_text("[7] 2026/11/29 12:00:00.000000 [INF] Server is ready\n")
    given = {
        "nats_monitoring_agent_otlp_tls": True,
        "nats_monitoring_agent_otlp_ca": str(authority.path),
        "nats_monitoring_agent_otlp_certificate": str(client[0]),
        "nats_monitoring_agent_otlp_key": str(client[1]),
        "nats_monitoring_agent_headers": {"x-oneuptime-token": token},
    }
    agent = Agent(tmp_path / "agent", log, receiver, **given)
    try:
        receiver.start()
        told = agent.deploy()
        assert wait_until(lambda: bool(receiver.records), 20), (agent.root / "nats-agent.log").read_text()
        assert receiver.records[0].resource["token"] == token
        assert PLANTED not in told
        assert PLANTED.encode() not in agent.left()
        assert PLANTED.encode() not in Path(f"/proc/{agent.pid}/cmdline").read_bytes()
        assert PLANTED.encode() not in Path(f"/proc/{agent.pid}/environ").read_bytes()
        assert (agent.root / "etc" / "header-1").stat().st_mode & 0o777 == 0o600
        pid = agent.pid
        assert "changed=0" in agent.deploy()
        assert agent.pid == pid
    finally:
        agent.stop(signal.SIGKILL)
        receiver.stop()


def test_check_mode_tells_what_the_run_does_and_the_next_run_does_nothing(tmp_path: Path) -> None:
    given = {
        "nats_monitoring_agent_install_method": "local",
        "nats_monitoring_agent_binary_src": str(COLLECTOR),
        "nats_monitoring_agent_binary_path": str(tmp_path / "otelcol"),
        "nats_monitoring_agent_headers": {"x-token": PLANTED},
    }
    agent = Agent(tmp_path / "agent", tmp_path / "nats-server.log", Receiver(tmp_path), **given)
    try:
        checked = agent.play("--check", "--diff")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert not (tmp_path / "otelcol").exists()
        assert not (agent.root / "etc").exists()
        told = agent.deploy()
        assert _changed(told) == _changed(checked.stdout) > 0
        assert PLANTED not in checked.stdout + told
        for arguments in ((), ("--check",)):
            again = agent.play(*arguments)
            assert _changed(again.stdout) == 0, again.stdout
        pid = agent.pid
        agent.deploy(nats_monitoring_agent_attributes={"deployment.environment": "harbour"})
        assert agent.pid != pid
    finally:
        agent.stop(signal.SIGKILL)


def test_the_release_comes_from_an_archive_whose_checksum_is_proved(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    name = f"otelcol-contrib_0.155.0_linux_{'arm64' if os.uname().machine == 'aarch64' else 'amd64'}.tar.gz"
    with tarfile.open(mirror / name, "w:gz", compresslevel=1) as archive:
        archive.add(str(COLLECTOR), "otelcol-contrib")
    listed = mirror / "opentelemetry-collector-releases_otelcol-contrib_checksums.txt"
    listed.write_text(f"{'0' * 64}  {name}\n")
    given = {
        "nats_monitoring_agent_install_method": "archive",
        "nats_monitoring_agent_archive_url": mirror.as_uri(),
        "nats_monitoring_agent_archive_cache": str(tmp_path / "cache"),
        "nats_monitoring_agent_binary_path": str(tmp_path / "otelcol-contrib"),
    }
    agent = Agent(tmp_path / "agent", tmp_path / "nats-server.log", Receiver(tmp_path), **given)
    try:
        refused = agent.play()
        assert refused.returncode != 0
        assert "nats_monitoring_agent_archive_url" in refused.stdout
        assert not (tmp_path / "otelcol-contrib").exists()
        listed.write_text(f"{hashlib.sha256((mirror / name).read_bytes()).hexdigest()}  {name}\n")
        agent.deploy()
        assert _changed(agent.play().stdout) == 0
    finally:
        agent.stop(signal.SIGKILL)


def _changed(told: str) -> int:
    return int(told.rpartition("changed=")[2].split()[0])


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"nats_monitoring_agent_otlp_endpoint": "collector.example:4317"}, "nats_monitoring_agent_otlp_endpoint"),
        ({"nats_monitoring_agent_otlp_protocol": "http"}, "nats_monitoring_agent_otlp_endpoint"),
        ({"nats_monitoring_agent_otlp_protocol": "carrier"}, "nats_monitoring_agent_otlp_protocol"),
        ({"nats_monitoring_agent_otlp_key": "/etc/key"}, "nats_monitoring_agent_otlp_certificate"),
        ({"nats_server_log_file": ""}, "nats_monitoring_agent_log_file"),
        ({"nats_monitoring_agent_memory": 64}, "nats_monitoring_agent_memory"),
        ({"nats_monitoring_agent_install_method": "guess"}, "nats_monitoring_agent_install_method"),
        (
            {
                "nats_monitoring_agent_install_method": "local",
                "nats_monitoring_agent_binary_src": COLLECTOR,
                "nats_monitoring_agent_binary_sha256": "0" * 64,
            },
            "nats_monitoring_agent_binary_src",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, object], named: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path / "agent", tmp_path / "nats-server.log", Receiver(tmp_path))
    done = agent.play(tasks_from="agent_preflight.yml", **settings)
    assert done.returncode != 0
    assert f"n1: {named}" in done.stdout or f"{named}: {COLLECTOR}" in done.stdout
    assert not (agent.root / "etc").exists()


@pytest.mark.parametrize(
    "settings",
    [
        {"nats_server_log_file": "", "nats_monitoring_service_manager": "systemd"},
        {
            "nats_monitoring_agent_otlp_protocol": "http",
            "nats_monitoring_agent_otlp_endpoint": "https://one.example:4318",
        },
        {"nats_monitoring_agent_otlp_endpoint": ""},
        {"nats_monitoring_agent_own_metrics_port": 8888, "nats_monitoring_agent_debug": True},
        {"nats_monitoring_agent_attributes": {"deployment.environment": 'a $place "here"'}},
        {"nats_monitoring_events": True, "nats_monitoring_agent_otlp_protocol": "http"}
        | {"nats_monitoring_agent_otlp_endpoint": "https://one.example:4318"},
    ],
)
def test_the_collector_takes_every_form_of_the_configuration(settings: dict[str, object], tmp_path: Path) -> None:
    """The task that writes it has the collector validate it."""
    agent = Agent(tmp_path / "agent", tmp_path / "nats-server.log", Receiver(tmp_path))
    done = agent.play(tasks_from="agent_config.yml", nats_monitoring_agent_user="root", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (agent.root / "etc" / "agent.yaml").exists()
