# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations of certificates and of their authority on a running cluster, stopped and taken up, with an application."""

from __future__ import annotations

import asyncio
import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good
from ansible_collections.aegis.nats.tests.end_to_end.live_client import LiveClient
from cryptography import x509

ORDERS = "TeamAlpha/order-service.creds"
CERTIFICATES, CA = (str(ROOT / f"playbooks/rotate_{what}.yml") for what in ("certificates", "ca"))
HANDSHAKES = "Shake hands with every listener of every server"


def serials(estate: Estate) -> dict[str, int]:
    folder = estate.root / "nats/pki/issued"
    return {
        str(path.relative_to(folder)): x509.load_pem_x509_certificate(path.read_bytes()).serial_number
        for path in sorted(folder.rglob("*.crt"))
    }


def trusted(estate: Estate) -> list[int]:
    text = (estate.root / "nats/pki/ca.crt").read_bytes()
    return [one.serial_number for one in x509.load_pem_x509_certificates(text)]


def record(estate: Estate) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((estate.root / "nats/pki/rotation.json").read_text())
    return found


def connections(estate: Estate) -> list[tuple[str, Any]]:
    """Every route and client connection of every server, by its number there."""
    found: list[tuple[str, Any]] = []
    for port in estate.ports["monitoring"]:
        for what, key in (("routez", "routes"), ("connz", "connections")):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=5) as answer:
                told = json.load(answer)
            found += [(f"{port}/{what}", each["rid" if what == "routez" else "cid"]) for each in told[key]]
    return sorted(found)


@pytest.fixture
def client(running: Estate, tmp_path: Path) -> Iterator[LiveClient]:
    with LiveClient(running, ORDERS, tmp_path / "application").running() as alive:
        yield alive
    print(f"longest silence {alive.longest_silence:.2f} s, errors {sorted(set(alive.errors))}")


def test_the_certificates(running: Estate, client: LiveClient) -> None:
    before, linked, pids = serials(running), connections(running), running.processes()
    checked = good(running.deploy("--check", playbook=CERTIFICATES))
    assert "all that were issued before" in checked.text and serials(running) == before
    running.killed_at("Issue the certificates that are due", playbook=CERTIFICATES)
    halfway = serials(running)
    assert record(running)["current"]["phase"] == "issue"
    run = good(running.deploy(playbook=CERTIFICATES))
    assert [each["outcome"] for each in run.results if each["task"] == HANDSHAKES] == ["ok"] * 3
    after = serials(running)
    assert after.keys() == before.keys() and not set(after.values()) & set(before.values())
    assert after == halfway, "what was issued before the kill is issued once"
    assert record(running)["current"] is None
    assert client.hears() and not client.errors
    assert (connections(running), running.processes()) == (linked, pids)
    again = good(running.deploy(playbook=CERTIFICATES))
    assert again.changes == [] and "to rotate once more, say so" in again.text
    assert good(running.deploy()).changes == [] and serials(running) == after


@pytest.mark.long
def test_the_authority(running: Estate, client: LiveClient) -> None:
    pki = running.root / "nats/pki"
    before, linked, pids, (old,) = serials(running), connections(running), running.processes(), trusted(running)
    good(running.deploy("--check", playbook=CA))
    assert trusted(running) == [old] and not (pki / "next").exists()
    running.killed_at("Keep the certificate authority", playbook=CA)
    run = good(running.deploy(playbook=CA))
    assert "give all clients" in run.text and "nats_rotate_to=issue" in run.text
    assert trusted(running)[0] == old and len(trusted(running)) == 2 and serials(running).items() >= before.items()
    waiting = good(running.deploy(playbook=CA))
    assert waiting.changes == [] and "nats_rotate_to=issue" in waiting.text
    assert good(running.deploy()).changes == [], "a deploy in between stays in the phase"
    running.killed_at("Issue the certificates that are due", "-e", "nats_rotate_to=issue", playbook=CA)
    run = good(running.deploy("-e", "nats_rotate_to=issue", playbook=CA))
    assert "nats_rotate_to=drop" in run.text
    assert trusted(running)[1] == old and not set(serials(running).values()) & set(before.values())
    assert good(running.deploy()).changes == []
    running.killed_at("Switch to the staged release", "-e", "nats_rotate_to=drop", playbook=CA)
    old_pair = pki / "previous/issued/rotation/probe"
    contents = [Path(f"{old_pair}.{kind}").read_bytes() for kind in ("crt", "key")]
    good(running.deploy("-e", "nats_rotate_to=drop", playbook=CA))
    assert len(trusted(running)) == 1 and old not in trusted(running)
    assert {path.name for path in pki.iterdir() if path.is_dir()} == {"issued", "retired"}
    assert (
        not (pki / "issued/rotation").exists() and next((pki / "retired").glob("*/ca.key")).stat().st_mode & 0o77 == 0
    )
    assert client.hears() and not client.errors
    assert (connections(running), running.processes()) == (linked, pids)
    assert good(running.deploy()).changes == []
    for name, content in zip(("old.crt", "old.key"), contents):
        (running.scratch / name).write_bytes(content)
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(str(running.scratch / "old.crt"), str(running.scratch / "old.key"))
    assert refused(running, context)


def refused(estate: Estate, context: ssl.SSLContext) -> bool:
    async def knock() -> None:
        creds = str(estate.root / "nats/trust/keys/creds/MyCompany" / ORDERS)
        url = f"tls://127.0.0.1:{estate.ports['client'][0]}"
        await nats.connect(url, tls=context, user_credentials=creds, allow_reconnect=False, connect_timeout=5)

    try:
        asyncio.run(knock())
    except (OSError, nats.errors.Error, asyncio.TimeoutError):
        return True
    return False


@pytest.mark.long
def test_sealed_below_another_with_keys_on_hosts(estate: Estate) -> None:
    """Every secret is sealed and both authorities have a passphrase; nothing of it is seen."""
    password = estate.root.parent / "vault-password"
    password.write_text("the vault's secret\n")
    vault = ("--vault-password-file", str(password))
    secrets = {"nats_pki_passphrase": "hunter22hunter", "nats_pki_intermediate_passphrase": "hunter33hunter"}
    below = {"name": "issuing", "common_name": "Issuing CA", "days": 1000}
    estate.settings.update(**secrets, nats_pki_intermediate=below, nats_pki_keys="host")
    good(estate.deploy(*vault))
    for what in (CERTIFICATES, CA):
        before = serials(estate)
        run = good(estate.deploy(*vault, "-e", "nats_rotate_to=drop", playbook=what))
        assert not set(serials(estate).values()) & set(before.values())
        assert not [secret for secret in (*secrets.values(), "PRIVATE KEY") if secret in run.output]
        assert good(estate.deploy(*vault)).changes == []
    keys = list((estate.root / "nats/pki").rglob("*.key"))
    assert {path.read_bytes()[:14] for path in keys} == {b"$ANSIBLE_VAULT"} and len(keys) == 8
