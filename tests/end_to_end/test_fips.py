# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A running cluster is switched to FIPS mode: that it is in it is seen by what it refuses, and nothing is lost.

One story; the tests run in their order.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.probe.hello import GROUPS, SUITES, Offer
from ansible_collections.aegis.nats.plugins.module_utils.probe.knock import Answer, say_hello
from ansible_collections.aegis.nats.plugins.module_utils.probe.perimeter import check_fips
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, deployed_estate, good
from ansible_collections.aegis.nats.tests.end_to_end.holdings import put
from ansible_collections.aegis.nats.tests.end_to_end.staying import INBOX
from ansible_collections.aegis.nats.tests.integration.live_streams import until
from nats.js import JetStreamContext

TEXT = b"a planted message that was there before 5d1e"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    with deployed_estate(tmp_path_factory.mktemp("fips") / "estate", binary) as made:
        yield made


def urls(cluster: Estate) -> list[str]:
    return [f"tls://127.0.0.1:{port}" for port in cluster.ports["client"]]


def as_order_service(cluster: Estate, work: Callable[[JetStreamContext], Awaitable[Any]], curve: str = "") -> Any:
    """A real client with certificate and creds, whose own TLS is cut down to one curve on request."""
    pki = cluster.root / "nats/pki"
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    context.load_cert_chain(pki / "issued/clients/order-service.crt", pki / "issued/clients/order-service.key")
    if curve:
        context.set_ecdh_curve(curve)

    async def run() -> Any:
        client = await nats.connect(
            urls(cluster),
            tls=context,
            user_credentials=str(cluster.root / "nats/trust/keys/creds/MyCompany/TeamAlpha/order-service.creds"),
            inbox_prefix=INBOX,
            allow_reconnect=False,
            connect_timeout=5,
        )
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(run())


async def write(stream: JetStreamContext) -> None:
    await until(lambda: stream.add_stream(name="KEPT", subjects=["orders.kept"], num_replicas=3))
    for number in range(20):
        await put(stream, "orders.kept", TEXT + b" %d" % number, headers={"Nats-Msg-Id": str(number)})


async def read(stream: JetStreamContext) -> list[bytes]:
    return [(await until(lambda: stream.get_msg("KEPT", number + 1))).data or b"" for number in range(20)]  # noqa: B023


def taken(cluster: Estate, offer: Offer) -> set[Answer]:
    return {say_hello(url, Access((), timeout=5), offer).answer for url in urls(cluster)}


def test_without_it_the_check_fails(cluster: Estate) -> None:
    """The judge of what follows: a cluster that is not in FIPS mode does not pass for one."""
    as_order_service(cluster, write)
    found = asyncio.run(check_fips(Access((), timeout=5), urls(cluster)[0]))
    assert found.ok is False and "TLS_CHACHA20_POLY1305_SHA256 with CurveP256" in found.detail


def test_what_conflicts_is_told_before_a_host_is_touched(cluster: Estate) -> None:
    before = cluster.snapshot()
    cluster.settings.update(
        nats_server_fips=True,
        nats_server_jetstream_cipher="chacha",
        nats_server_tls_curve_preferences=["X25519"],
        nats_pki_leaf_key_type="ed25519",
    )
    run = cluster.deploy()
    paths = [path for path, _message in run.problems]
    assert run.code != 0 and cluster.snapshot() == before
    assert {"nats_server_jetstream_cipher", "nats_server_tls_curve_preferences[0]", "nats_server_tls_key_type"} <= set(
        paths
    )
    for name in ("nats_server_jetstream_cipher", "nats_server_tls_curve_preferences", "nats_pki_leaf_key_type"):
        del cluster.settings[name]
    cluster.settings.update(nats_server_fips=True, nats_server_version="2.12.0")
    refused = cluster.deploy()
    assert [path for path, _message in refused.problems] == ["nats_server_fips"], refused.output
    del cluster.settings["nats_server_version"]


def test_the_switch_restarts_and_is_proven(cluster: Estate) -> None:
    pids = set(cluster.processes())
    run = cluster.deploy()
    good(run)
    now = set(cluster.processes())
    assert len(now) == 3 and not now & pids
    for pid in now:
        assert b"GODEBUG=fips140=on" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    for place in cluster.root.glob("nodes/*/etc/current/nats-server.conf"):
        text = place.read_text()
        assert 'cipher: "aes"' in text and text.count("CurveP384") == 2 and "X25519" not in text


def test_every_server_is_in_fips_mode(cluster: Estate) -> None:
    for url in urls(cluster):
        found = asyncio.run(check_fips(Access((), timeout=5), url))
        assert found.ok, found.detail
    curves = {name: taken(cluster, Offer(groups=(name,))) for name in GROUPS}
    suites = {name: taken(cluster, Offer((name,))) for name in SUITES}
    assert {name for name, answers in curves.items() if answers == {Answer.ADMITTED}} == {"CurveP256", "CurveP384"}
    assert {name for name, answers in suites.items() if answers == {Answer.TLS_ALERT}} == {
        "TLS_CHACHA20_POLY1305_SHA256"
    }


def test_a_real_client_works_and_finds_what_was_there(cluster: Estate) -> None:
    """Logged in by an operator's JWT and an NKey (Ed25519, FIPS 186-5); written under ChaCha20, read under AES."""
    kept = as_order_service(cluster, read, curve="prime256v1")
    assert kept == [TEXT + b" %d" % number for number in range(20)]
    as_order_service(cluster, lambda stream: stream.publish("orders.kept", TEXT), curve="secp384r1")
    with pytest.raises((ssl.SSLError, nats.errors.Error, OSError)):
        as_order_service(cluster, read, curve="secp521r1")
    stored = [place for place in cluster.root.glob("nodes/*/data/jetstream/**/*") if place.is_file()]
    assert stored and not [place for place in stored if TEXT in place.read_bytes()]


def test_again_nothing_changes(cluster: Estate) -> None:
    pids = set(cluster.processes())
    run = cluster.deploy()
    assert run.code == 0 and not run.changes, run.output
    assert set(cluster.processes()) == pids
