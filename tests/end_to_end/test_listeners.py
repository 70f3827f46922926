# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Websocket, MQTT, leaf nodes and gateways with certificates of their own: delivered, served, renewed by a reload.

Both homes of the keys. The tests of this file run in their order, on one cluster a home.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

import nats
import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, good, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.host_keys import deployed
from ansible_collections.aegis.nats.tests.end_to_end.listeners import LISTENERS, Listeners, ask, creds, of_nodes
from ansible_collections.aegis.nats.tests.end_to_end.staying import Staying, routes
from ansible_collections.aegis.nats.tests.end_to_end.test_check_mode import SWITCH, check_then_run
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

USES = {
    "websocket": {ExtendedKeyUsageOID.SERVER_AUTH},
    "mqtt": {ExtendedKeyUsageOID.SERVER_AUTH},
    "gateway": {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH},
    "leafnode": {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH},
}


@pytest.fixture(scope="module", params=["host", pytest.param("controller", marks=pytest.mark.long)])
def listeners(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, binary: str
) -> Iterator[Listeners]:
    made = Estate(tmp_path_factory.mktemp("listeners") / "estate", binary)
    try:
        made.settings["nats_pki_keys"] = request.param
        found = Listeners(made)
        deployed(made)
        found.issue_for_other()
        yield found
    finally:
        made.close()


def test_each_serves_its_own_certificate(listeners: Listeners) -> None:
    served = listeners.all_served()
    assert served == listeners.all_issued()
    assert len(set(served.values())) == len(served) == 12
    for profile, uses in USES.items():
        found = listeners.served(profile, 0).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        assert set(found.value) == uses
    keys = list(listeners.estate.root.glob("nodes/*/etc/current/tls/*.key"))
    at_home = listeners.estate.settings["nats_pki_keys"] == "host"
    assert len(keys) == (0 if at_home else 18)
    assert len(list(listeners.estate.root.glob("nodes/*/etc/keys/*/tls.key"))) == (18 if at_home else 0)
    assert {key.stat().st_mode & 0o777 for key in keys} <= {0o600}


def test_again_nothing_changes(listeners: Listeners) -> None:
    assert deployed(listeners.estate).changes == []


def test_a_client_over_a_secure_websocket(listeners: Listeners) -> None:
    async def round_trip() -> bytes:
        client = await nats.connect(
            f"wss://localhost:{listeners.ports['websocket'][1]}",
            tls=listeners.context(),
            user_credentials=str(creds(listeners.estate)),
            allow_reconnect=False,
        )
        inbox = await client.subscribe("orders.websocket")
        await client.publish("orders.websocket", b"over wss")
        message = await inbox.next_msg(timeout=5)
        await client.close()
        return message.data

    assert asyncio.run(round_trip()) == b"over wss"


def test_mqtt_answers_behind_tls(listeners: Listeners) -> None:
    """CONNECT of MQTT 3.1.1 with a password that is no token: refused by the protocol, so TLS and MQTT both stand."""
    user, password = b"\x00\x01u", b"\x00\x01p"
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01c" + user + password
    with listeners.secured("mqtt", 2) as secured:
        secured.sendall(bytes([0x10, len(body)]) + body)
        answer = secured.recv(4)
    assert answer[:2] == b"\x20\x02" and answer[3] in (4, 5), answer


def test_a_leaf_node_gets_in_with_its_certificate_only(listeners: Listeners) -> None:
    remote = f'url: "tls://127.0.0.1:{listeners.ports["leafnode"][0]}", credentials: "{creds(listeners.estate)}"'
    config = "leafnodes {{ remotes: [ {{ {}, {} }} ] }}"
    with listeners.other(config.format(remote, listeners.tls("other/leafnode"))) as url:
        assert wait_until(lambda: (ask(url, "leafz") or {}).get("leafnodes") == 1, 15), listeners.log()
        assert of_nodes(listeners.estate, "leafz")[0]["leafnodes"] == 1
    with listeners.other(config.format(remote, listeners.tls("other/websocket"))) as url:
        hub = listeners.estate.root / "nodes/n1/log/nats-server.log"
        assert wait_until(lambda: "incompatible key usage" in hub.read_text(), 15), listeners.log() + hub.read_text()
        assert (ask(url, "leafz") or {}).get("leafnodes") == 0, "a certificate without clientAuth got in"


def test_gateways_find_each_other(listeners: Listeners) -> None:
    own = listeners.tls("other/gateway", verify=True)
    there = ", ".join(f'"tls://127.0.0.1:{port}"' for port in listeners.ports["gateway"])
    config = f"""
        server_name: other-1
        gateway {{ name: other, listen: "127.0.0.1:{listeners.other_gateway}", {own}
                   gateways: [ {{ name: quickstart, urls: [{there}] }} ] }}
    """

    def whole() -> bool:
        told = ask(url, "gatewayz") or {}
        inbound = told.get("inbound_gateways", {}).get("quickstart", [])
        return "quickstart" in told.get("outbound_gateways", {}) and len(inbound) == 3

    with listeners.other(config) as url:
        assert wait_until(whole, 30), listeners.log()
        assert all("other" in told["outbound_gateways"] for told in of_nodes(listeners.estate, "gatewayz"))


def test_a_peer_without_certificate_is_refused(listeners: Listeners) -> None:
    for profile in ("gateway", "leafnode"):
        with pytest.raises((ssl.SSLError, ConnectionError)), listeners.secured(profile, 0) as secured:
            secured.sendall(b"PING\r\n")
            while secured.recv(4096):
                pass
            raise ConnectionError("closed")


def test_renewed_by_a_reload_that_nobody_notices(listeners: Listeners) -> None:
    """All certificates are due: every listener serves the new one, no server restarts, no client and no route drops."""
    estate = listeners.estate
    servers, before, was = set(estate.processes()), routes(estate), listeners.all_served()
    estate.settings.update(nats_pki_leaf_days=90, nats_pki_organization="Another")
    with Staying(estate) as clients:
        changes = check_then_run(estate)
    assert (clients.disconnects, clients.errors) == (0, [])
    assert (set(estate.processes()), routes(estate)) == (servers, before)
    assert all("reload" in reason for reason in changes["n1", SWITCH][0][1:]), changes["n1", SWITCH]
    now = listeners.all_served()
    assert now == listeners.all_issued()
    assert not set(now.values()) & set(was.values())
    assert set(LISTENERS) == {profile for profile, _number in now}
    assert deployed(estate).changes == []


@pytest.mark.long
def test_a_rotation_shakes_hands_with_each(listeners: Listeners) -> None:
    """Of the certificates; in the other home, of the authority: who has an old one is refused where one is wanted."""
    estate, was = listeners.estate, listeners.all_served()
    what = ["ca", "-e", "nats_rotate_to=drop"] if estate.settings["nats_pki_keys"] == "host" else ["certificates"]
    run = estate.deploy(*what[1:], playbook=str(ROOT / f"playbooks/rotate_{what[0]}.yml"))
    good(run)
    shaken = [each["handshakes"] for each in run.results if each["handshakes"]]
    assert len(shaken) == 3 * (3 if what[0] == "ca" else 1)
    for kind in ("client", "route", *LISTENERS):
        assert all(any(f"the {kind} port" in one["listener"] for one in each) for each in shaken), kind
    now = listeners.all_served()
    assert now == listeners.all_issued() and not set(now.values()) & set(was.values())
    assert deployed(estate).changes == []
