# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of clients and routes that are pinned by name: new ones are pinned everywhere before anybody shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.handshake import Answer, Identity, Listener, shake
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good
from ansible_collections.aegis.nats.tests.end_to_end.staying import Staying, routes
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

ROTATE = str(ROOT / "playbooks/rotate_certificates.yml")
PINNED, SWITCHED = "Have every server pin them", "Switch to the staged release"


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    """A cluster that lets in the keys of two clients, and of its own servers."""
    made = Estate(tmp_path_factory.mktemp("pinned") / "estate", binary)
    made.settings["nats_server_tls_pinned_certs"] = ["clients/deploy", "clients/order-*"]
    made.settings["nats_server_cluster_tls_pinned_certs"] = ["*/route"]
    try:
        good(made.deploy())
        yield made
    finally:
        made.close()


def key_of(path: Path) -> str:
    public = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public.public_bytes(*form))
    return digest.finalize().hex()


def keys(estate: Estate, pattern: str) -> set[str]:
    return {key_of(path) for path in (estate.root / "nats/pki/issued").glob(f"{pattern}.crt")}


def pins(estate: Estate, file: str) -> list[set[str]]:
    """By node, what its release in use pins."""
    places = [estate.root / f"nodes/{node}/etc/current/{file}" for node in estate.nodes]
    return [set(re.findall(r"[0-9a-f]{64}", place.read_text())) for place in places]


def pair(estate: Estate, name: str) -> Identity:
    issued = estate.root / "nats/pki/issued"
    content = b"".join((issued / f"{name}.{kind}").read_bytes() for kind in ("crt", "key"))
    return Identity(name, (estate.root / "nats/pki/ca.crt").read_text(), content)


def answers(estate: Estate, kind: str, identity: Identity) -> set[Answer]:
    ports = estate.ports["cluster" if kind == "route" else "client"]
    return {shake(Listener(kind, kind, "127.0.0.1", port), identity, 10).answer for port in ports}


def lets_in(estate: Estate, kind: str, identity: Identity) -> bool:
    found = answers(estate, kind, identity)
    assert len(found & {Answer.ACCEPTED, Answer.REFUSED, Answer.CLOSED}) == len(found) == 1, found
    return found == {Answer.ACCEPTED}


def test_only_pinned_keys_are_let_in(pinned: Estate) -> None:
    assert pins(pinned, "route_pins.conf") == [keys(pinned, "*/route")] * 3
    assert pins(pinned, "pins.conf") == [keys(pinned, "clients/deploy") | keys(pinned, "clients/order-service")] * 3
    assert good(pinned.deploy()).changes == []
    assert lets_in(pinned, "client", pair(pinned, "clients/order-service"))
    assert not lets_in(pinned, "client", pair(pinned, "clients/partner"))
    assert lets_in(pinned, "route", pair(pinned, "n2/route"))
    assert not lets_in(pinned, "route", pair(pinned, "clients/deploy"))


@pytest.mark.long
def test_a_rotation_drops_no_connection(pinned: Estate) -> None:
    old = {kind: pair(pinned, name) for kind, name in (("client", "clients/deploy"), ("route", "n1/route"))}
    before = {name: keys(pinned, name) for name in ("*/route", "clients/deploy", "clients/order-service")}
    servers, linked = set(pinned.processes()), routes(pinned)
    with Staying(pinned) as clients:
        pinned.killed_at(PINNED, playbook=ROTATE, count=len(pinned.nodes))
        # Nobody shows a new key yet, and everybody would take it.
        new = {kind: pair(pinned, name) for kind, name in (("client", "clients/deploy"), ("route", "n1/route"))}
        assert not keys(pinned, "*/route") & before["*/route"]
        assert pins(pinned, "route_pins.conf") == [keys(pinned, "*/route") | before["*/route"]] * 3
        for node in pinned.nodes:
            assert key_of(pinned.root / f"nodes/{node}/etc/current/tls/route.crt") in before["*/route"]
        for identities in (old, new):
            assert all(lets_in(pinned, kind, identity) for kind, identity in identities.items())
        run = good(pinned.deploy(playbook=ROTATE))
        assert (clients.disconnects, clients.errors) == (0, [])
    assert (set(pinned.processes()), routes(pinned)) == (servers, linked)
    assert not [each for each in run.changes if each[1] == PINNED], "pinned before the kill"
    assert keys(pinned, "*/route") == {
        key_of(pinned.root / f"nodes/{node}/etc/current/tls/route.crt") for node in pinned.nodes
    }
    clients_keys = [keys(pinned, name) | before[name] for name in ("clients/deploy", "clients/order-service")]
    assert pins(pinned, "pins.conf") == [clients_keys[0] | clients_keys[1]] * 3
    assert good(pinned.deploy()).changes == []


def test_what_is_revoked_is_pinned_no_more(pinned: Estate) -> None:
    """The same run that makes the new key ends the old one: it is the one order in which a theft ends."""
    stolen = pair(pinned, "clients/order-service")
    pinned.settings["nats_pki_revoked"] = [{"name": "clients/order-service", "reason": "key_compromise"}]
    run = good(pinned.deploy())
    hosts = [each[0] for each in run.changes if each[1] == PINNED]
    assert sorted(hosts) == list(pinned.nodes)
    assert not lets_in(pinned, "client", stolen)
    assert lets_in(pinned, "client", pair(pinned, "clients/order-service"))
    assert good(pinned.deploy()).changes == []


def test_a_name_that_nobody_has(pinned: Estate) -> None:
    pinned.settings["nats_server_cluster_tls_pinned_certs"] = ["*/route", "n4/route"]
    before = pins(pinned, "route_pins.conf")
    run = pinned.deploy()
    assert run.code != 0
    assert "no certificate that this run keeps is called n4/route" in run.text
    assert pins(pinned, "route_pins.conf") == before
