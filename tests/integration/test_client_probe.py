# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""client_probe against a real cluster, with each check once as expected and once broken on purpose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import run
from ansible_collections.aegis.nats.plugins.module_utils.client.login import read_creds
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.probe.checks import Check
from ansible_collections.aegis.nats.plugins.module_utils.probe.perimeter import Finding
from ansible_collections.aegis.nats.plugins.module_utils.probe.permissions import check_request
from ansible_collections.aegis.nats.plugins.module_utils.probe.session import Sessions
from ansible_collections.aegis.nats.plugins.module_utils.probe.verb_client_probe import VERB as PROBE
from ansible_collections.aegis.nats.plugins.module_utils.resolver.verb_account_push import VERB as PUSH
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import (
    SERVERS,
    Authority,
    Cluster,
    Tree,
    new_key,
    running,
)

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")
PERMISSIONS = {
    "pub": {"allow": ["orders.>", "$JS.API.>", "_INBOX.>"], "deny": ["orders.admin.>"]},
    "sub": {"allow": ["orders.>", "_INBOX.>"]},
    "resp": {"max": 1, "ttl": 5_000_000_000},
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        _fill(started)
        yield started


def _fill(cluster: Cluster) -> None:
    """TeamAlpha exports orders.public.> as a service, ExternalPartner imports it."""
    tree, alpha, partner = cluster.tree, new_key(Role.ACCOUNT), new_key(Role.ACCOUNT)
    export = {"name": "PublicOrders", "subject": "orders.public.>", "type": "service"}
    importing = {**export, "account": alpha.public_key, "local_subject": "partner.orders.>"}
    accounts = [
        ("TeamAlpha", alpha, tree.account_jwt(alpha, "TeamAlpha", exports=[export])),
        ("ExternalPartner", partner, tree.account_jwt(partner, "ExternalPartner", imports=[importing])),
    ]
    (cluster.folder / "order.creds").write_bytes(tree.user_creds(alpha, "order-service", **PERMISSIONS))
    (cluster.folder / "partner.creds").write_bytes(tree.user_creds(partner, "gateway"))
    (cluster.folder / "foreign.creds").write_bytes(Tree().user_creds(alpha, "order-service"))
    params = cluster.parameters(
        expect=cluster.names,
        expect_count=None,
        creds=str(cluster.sys_creds),
        operator_keys=[tree.signing.public_key],
        accounts=[{"name": name, "public_key": keys.public_key, "jwt": jwt} for name, keys, jwt in accounts],
    )
    pushed = perform(PUSH, params, Surroundings(False, datetime.now(timezone.utc), NoSeal()))
    assert pushed.get("pushed") == ["TeamAlpha", "ExternalPartner"], pushed


def probe(cluster: Cluster, *checks: dict[str, Any], check: bool = False, **changes: Any) -> Any:
    clients = [
        {"name": name, "creds": str(cluster.folder / f"{name}.creds")} for name in ("order", "partner", "foreign")
    ]
    params = {**cluster.parameters(clients=clients, checks=list(checks)), **changes}
    return perform(PROBE, params, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


AS_EXPECTED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "connect", "client": "order"}, "at all 3 servers: let in"),
    ({"kind": "connect", "client": "foreign", "allowed": False}, "authorization"),
    ({"kind": "plaintext"}, "at all 3 servers: refused"),
    ({"kind": "no_certificate", "client": "order"}, "at all 3 servers: refused"),
    ({"kind": "no_credentials"}, "Authorization Violation"),
    ({"kind": "publish", "client": "order", "subject": "orders.new"}, "permitted"),
    (
        {"kind": "publish", "client": "order", "subject": "orders.admin.x", "allowed": False},
        'at all 3 servers: permissions violation for publish to "orders.admin.x"',
    ),
    ({"kind": "subscribe", "client": "order", "subject": "orders.*"}, "permitted"),
    (
        {"kind": "subscribe", "client": "order", "subject": "stock.>", "allowed": False},
        'permissions violation for subscription to "stock.>"',
    ),
    ({"kind": "request", "client": "partner", "subject": "nobody.there", "allowed": False}, "no responders"),
    (
        {
            "kind": "exchange",
            "responder": "order",
            "subject": "orders.public.x",
            "client": "partner",
            "local_subject": "partner.orders.x",
        },
        "replied",
    ),
    (
        {"kind": "exchange", "responder": "order", "subject": "orders.x", "client": "partner", "allowed": False},
        "no responders",
    ),
    (
        {"kind": "stream_roundtrip", "client": "order", "subject": "orders.probe"},
        "10 messages written and read, 3 replicas current, deleted",
    ),
]


@pytest.mark.parametrize(("check", "detail"), AS_EXPECTED, ids=lambda value: str(value)[:60])
def test_it_is_so_and_its_opposite_is_noticed(cluster: Cluster, check: dict[str, Any], detail: str) -> None:
    result = probe(cluster, check)
    assert "failed" not in result and not result["changed"], result["msg"]
    assert detail in result["checks"][0]["detail"], result["checks"]
    if check["kind"] != "stream_roundtrip":
        defaults = {"plaintext": False, "no_certificate": False, "no_credentials": False}
        opposite = not check.get("allowed", defaults.get(check["kind"], True))
        wrong = probe(cluster, {**check, "allowed": opposite, "name": "opposite"}, timeout=1.0)
        assert wrong["failed"] and "1 of 1 checks are not as expected:\n  - opposite: " in wrong["msg"], wrong


async def _late(cluster: Cluster, allowed: bool, after: float) -> tuple[Finding, float]:
    """What a request finds, and after how long, when somebody begins to answer ``after`` seconds."""
    pair = Pair(cluster.certificate.read_bytes(), cluster.key.read_bytes())
    nobody = Access((cluster.urls[0],), cluster.authority.path.read_bytes(), pair, timeout=3.0)
    logins = {name: read_creds((cluster.folder / f"{name}.creds").read_bytes()) for name in ("order", "partner")}
    sessions = Sessions({name: replace(nobody, login=login) for name, login in logins.items()}, nobody)

    async def answer(message: Any) -> None:
        await message.respond(b"late")

    async def serve() -> None:
        await asyncio.sleep(after)
        client = await sessions.client("order", cluster.urls[0])
        await client.nats.subscribe("orders.public.late", cb=answer)

    serving = asyncio.ensure_future(serve())
    check = Check("late", "request", client="partner", subject="partner.orders.late", allowed=allowed)
    begin = time.monotonic()
    try:
        return await check_request(check, sessions, cluster.urls[0]), time.monotonic() - begin
    finally:
        serving.cancel()
        await sessions.close()


def test_who_expects_a_reply_waits_for_somebody_to_answer(cluster: Cluster) -> None:
    found, took = run(_late(cluster, True, 0.7))
    assert found == Finding(True, "replied") and took >= 0.6
    missing, took = run(_late(cluster, True, 60))
    assert missing == Finding(False, "no responders") and 3 <= took < 6


def test_who_expects_no_reply_takes_the_first_word(cluster: Cluster) -> None:
    found, took = run(_late(cluster, False, 0.7))
    assert found == Finding(True, "no responders") and took < 0.5


def test_nothing_is_concluded_from_a_server_that_is_not_there(cluster: Cluster) -> None:
    checks = [{"kind": kind} for kind in ("plaintext", "no_certificate", "no_credentials")]
    checks.append({"kind": "connect", "client": "order", "allowed": False})
    result = probe(cluster, *checks, servers=["tls://127.0.0.1:1"])
    assert result["failed"] and [found["ok"] for found in result["checks"]] == [False] * 4, result
    assert all("nothing listens there" in found["detail"] for found in result["checks"])


def test_nothing_is_concluded_from_a_server_that_is_not_trusted(cluster: Cluster, tmp_path: Path) -> None:
    ca = str(Authority(tmp_path, "other").path)
    result = probe(cluster, {"kind": "no_certificate"}, {"kind": "no_credentials"}, ca=ca)
    assert [found["ok"] for found in result["checks"]] == [False, False], result
    assert all("certificate is not accepted" in found["detail"] for found in result["checks"])


def test_a_certificate_of_another_authority_is_turned_away(cluster: Cluster, tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path, "other").leaf("stranger")
    check = {"kind": "connect", "client": "order", "allowed": False}
    result = probe(cluster, check, certificate=str(certificate), key=str(key))
    assert "failed" not in result, result
    assert "refused (" in result["checks"][0]["detail"], result


def test_a_stream_of_somebody_else_is_not_touched(cluster: Cluster) -> None:
    keeping = {"kind": "stream_roundtrip", "client": "order", "subject": "orders.kept", "stream": "KEPT", "keep": True}
    kept = probe(cluster, keeping)
    assert kept["changed"] and kept["checks"][0]["ok"], kept
    assert probe(cluster, keeping)["checks"][0]["ok"]
    request = {
        "kind": "request",
        "client": "order",
        "subject": "$JS.API.STREAM.UPDATE.KEPT",
        "payload": '{"name": "KEPT", "subjects": ["orders.kept"], "num_replicas": 3, "description": "theirs"}',
    }
    assert "failed" not in probe(cluster, {**request})
    result = probe(cluster, keeping)
    assert result["failed"] and "not touched" in result["msg"], result


def test_check_mode_sends_nothing(cluster: Cluster) -> None:
    result = probe(
        cluster,
        {"kind": "publish", "client": "order", "subject": "orders.new"},
        {"kind": "stream_roundtrip", "client": "order", "subject": "orders.probe"},
        {"kind": "connect", "client": "order"},
        check=True,
    )
    assert [found["skipped"] for found in result["checks"]] == [True, True, False], result
