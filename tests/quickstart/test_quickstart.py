# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""./quickstart as a person meets it: a cluster, the same cluster, no cluster."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
from pathlib import Path

import nats
from ansible_collections.aegis.nats.tests.quickstart.checkout import NODES, Checkout, alive


def material(checkout: Checkout) -> dict[str, bytes]:
    """Everything that is made: trust, certificates, secrets and the configurations that run."""
    kept = [*(checkout.state / "nats").rglob("*"), *(checkout.state / "nodes").glob("*/etc/**/*")]
    return {str(path.relative_to(checkout.state)): path.read_bytes() for path in kept if path.is_file()}


def changes(checkout: Checkout) -> list[str]:
    """What Ansible counted as changed in the last run."""
    return re.findall(r"changed=(\d+)", (checkout.state / "deploy.log").read_text())


def test_it_deploys_and_tells(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout + first.stderr
    assert alive(checkout.processes()) == list(NODES)
    client = checkout.client()
    assert set(client) == {"NATS_URL", "NATS_CA", "NATS_CERT", "NATS_KEY", "NATS_CREDS", "NATS_INBOX_PREFIX"}
    # The creds of all accounts lie beside those of this one; the summary says where.
    assert str(Path(client["NATS_CREDS"]).parents[1].relative_to(checkout.place)) in first.stdout
    assert "./quickstart stop" in first.stdout


def test_any_client_gets_in_with_what_it_leaves(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    client = checkout.client()
    tls = ssl.create_default_context(cafile=client["NATS_CA"])
    tls.load_cert_chain(client["NATS_CERT"], client["NATS_KEY"])

    async def exchange() -> bytes:
        connection = await nats.connect(
            client["NATS_URL"].split(","), tls=tls, user_credentials=client["NATS_CREDS"], connect_timeout=5
        )
        heard = await connection.subscribe("orders.test")
        await connection.publish("orders.test", b"hello")
        message = await heard.next_msg(timeout=5)
        await connection.close()
        return message.data

    assert asyncio.run(exchange()) == b"hello"


def test_it_leaves_nothing_open(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    assert checkout.state.stat().st_mode & 0o777 == 0o700
    secret = [
        path
        for path in (*(checkout.state / "nats").rglob("*"), *(checkout.state / "nodes").glob("*/etc/**/*"))
        if path.is_file() and (path.suffix in {".nk", ".key", ".creds", ".env", ".conf"} or "secrets" in path.parts)
    ]
    assert len(secret) >= 3 * len(NODES)
    assert not [str(path) for path in secret if path.stat().st_mode & 0o777 != 0o600]


def test_a_second_run_changes_nothing(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes, before = checkout.processes(), material(checkout)
    second = checkout.quickstart()
    assert second.returncode == 0, second.stdout + second.stderr
    assert set(changes(checkout)) == {"0"}
    assert checkout.processes() == processes
    assert material(checkout) == before


def test_every_control_of_the_audit_is_green_or_explained(
    checkout: Checkout, first: subprocess.CompletedProcess[str]
) -> None:
    processes, before = checkout.processes(), material(checkout)
    audited = checkout.quickstart("audit", "-e", "nats_audit_fail_on=warn")
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "Nothing fails but what is waived: 1 control." in audited.stdout
    assert "<title>" in (checkout.state / "audit" / "audit.html").read_text()
    assert (checkout.processes(), material(checkout)) == (processes, before)


def test_it_comes_back_after_a_stop(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes, before = checkout.processes(), material(checkout)
    stopped = checkout.quickstart("stop")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert not alive(processes)
    again = checkout.quickstart()
    assert again.returncode == 0, again.stdout + again.stderr
    assert material(checkout) == before
    assert not set(checkout.processes().values()) & set(processes.values())


def test_it_goes_without_a_trace(checkout: Checkout, first: subprocess.CompletedProcess[str]) -> None:
    processes = checkout.processes()
    cleaned = checkout.quickstart("clean")
    assert cleaned.returncode == 0, cleaned.stdout + cleaned.stderr
    assert not checkout.state.exists()
    assert not alive(processes)
