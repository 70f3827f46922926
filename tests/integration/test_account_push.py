# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_push against a real cluster. AEGIS_NATS_SERVERS names the programs, separated by colons; the last is used."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.resolver import push as pushing
from ansible_collections.aegis.nats.plugins.module_utils.resolver.verb_account_push import VERB
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, Tree, new_key, running

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def push(cluster: Cluster, accounts: list[tuple[str, KeyPair, str]], check: bool = False, **changes: Any) -> Any:
    params = cluster.parameters(
        expect=cluster.names,
        expect_count=None,
        creds=str(cluster.sys_creds),
        operator_keys=[cluster.tree.operator.public_key, cluster.tree.signing.public_key],
        accounts=[{"name": name, "public_key": keys.public_key, "jwt": jwt} for name, keys, jwt in accounts],
    )
    return perform(VERB, {**params, **changes}, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


def test_an_account_reaches_every_server_once(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    now = int(time.time())
    accounts = [("TeamAlpha", keys, cluster.tree.account_jwt(keys, "TeamAlpha", issued=now - 60))]

    checked = push(cluster, accounts, check=True)
    assert checked["changed"] and checked["pushed"] == ["TeamAlpha"] and not checked["confirmed"], checked
    assert cluster.stored("n1", [keys]) == [None]

    first = push(cluster, accounts)
    assert first["changed"] and first["reasons"] == checked["reasons"], first
    assert first["reasons"] == [f"TeamAlpha: {name} does not have it" for name in cluster.names]
    assert first["confirmed"] == {"TeamAlpha": cluster.names}
    assert [cluster.stored(name, [keys]) for name in cluster.names] == [[accounts[0][2]]] * 3

    second = push(cluster, accounts)
    assert not second["changed"] and second["pushed"] == [] and second["reasons"] == []

    resigned = [("TeamAlpha", keys, cluster.tree.account_jwt(keys, "TeamAlpha", issued=now - 30))]
    assert not push(cluster, resigned)["changed"]

    newer = [("TeamAlpha", keys, cluster.tree.account_jwt(keys, "TeamAlpha", issued=now, limits={"conn": 5}))]
    third = push(cluster, newer)
    assert third["reasons"] == ["TeamAlpha: newer claims than 3 of 3 servers have (limits)"]
    assert third["confirmed"] == {"TeamAlpha": cluster.names}

    older = push(cluster, accounts)
    assert older["failed"] and "newer JWT" in older["msg"] and "give path" in older["msg"], older
    assert [cluster.stored(name, [keys]) for name in cluster.names] == [[newer[0][2]]] * 3


def test_a_server_that_missed_it_is_named_and_served(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamBeta", keys, cluster.tree.account_jwt(keys, "TeamBeta"))]
    cluster.stop("n2")
    try:
        missing = push(cluster, accounts, timeout=1.0)
        assert missing["failed"] and "missing: n2" in missing["msg"], missing
        assert cluster.stored("n1", [keys]) == [None]
        alone = push(cluster, accounts, expect=["n1", "n3"])
        assert alone["confirmed"] == {"TeamBeta": ["n1", "n3"]}, alone
    finally:
        cluster.start("n2")
    healed = push(cluster, accounts)
    assert healed["reasons"] == ["TeamBeta: n2 does not have it"], healed
    assert cluster.stored("n2", [keys]) == [accounts[0][2]]


def test_what_a_server_would_stumble_over_is_refused_all_at_once(cluster: Cluster) -> None:
    foreign, expired, fine = new_key(Role.ACCOUNT), new_key(Role.ACCOUNT), new_key(Role.ACCOUNT)
    now = int(time.time())
    accounts = [
        ("Foreign", foreign, Tree().account_jwt(foreign, "Foreign")),
        ("Expired", expired, cluster.tree.account_jwt(expired, "Expired", issued=now - 100, expires=now - 1)),
        ("Fine", fine, cluster.tree.account_jwt(fine, "Fine")),
    ]
    result = push(cluster, accounts)
    assert result["failed"] and [problem["path"] for problem in result["problems"]] == [
        "accounts[0].jwt",
        "accounts[1].jwt",
    ]
    assert cluster.stored("n1", [foreign, expired, fine]) == [None, None, None]


def test_every_url_says_why_it_could_not_be_reached(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamAlpha", keys, cluster.tree.account_jwt(keys, "TeamAlpha"))]
    result = push(cluster, accounts, servers=["tls://127.0.0.1:1", cluster.urls[0]], certificate=None, key=None)
    assert result["failed"] and "tls://127.0.0.1:1: refused" in result["msg"], result
    assert f"{cluster.urls[0]}: " in result["msg"] and "no client certificate was given" in result["msg"], result
    other = cluster.folder / "other.creds"
    other.write_bytes(Tree().user_creds(new_key(Role.ACCOUNT), "nobody"))
    assert "authorization" in push(cluster, accounts, creds=str(other))["msg"]


def test_a_user_of_another_account_is_told_so(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamGamma", keys, cluster.tree.account_jwt(keys, "TeamGamma"))]
    assert push(cluster, accounts)["changed"]
    creds = cluster.folder / "gamma.creds"
    creds.write_bytes(cluster.tree.user_creds(keys, "gamma"))
    result = push(cluster, accounts, creds=str(creds), timeout=1.0)
    assert result["failed"] and "0 of 3 servers answered" in result["msg"], result


def test_the_certificate_s_name_is_checked(cluster: Cluster) -> None:
    assert "failed" not in push(cluster, [], tls_hostname="nats.test")
    wrong = push(cluster, [], tls_hostname="other.test")
    assert wrong["failed"] and "certificate is not accepted: Hostname mismatch" in wrong["msg"], wrong


def test_a_server_s_own_refusal_is_told(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("Identity", keys, cluster.tree.account_jwt(keys, "Identity", signer=cluster.tree.operator))]
    result = push(cluster, accounts)
    assert result["failed"] and "Identity: n2 refused it: " in result["msg"], result
    assert "requires issuer to be a signing key" in result["msg"], result


def test_a_server_that_nobody_counted_is_served_too(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamDelta", keys, cluster.tree.account_jwt(keys, "TeamDelta"))]
    result = push(cluster, accounts, expect=["n3"])
    assert result["confirmed"] == {"TeamDelta": cluster.names}, result
    counted = push(cluster, accounts, expect=None, expect_count=3)
    assert counted["servers"] == cluster.names and not counted["changed"], counted


def test_the_least_that_a_user_must_be_allowed(cluster: Cluster) -> None:
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamEpsilon", keys, cluster.tree.account_jwt(keys, "TeamEpsilon"))]
    lists, updates = "$SYS.REQ.CLAIMS.LIST", "$SYS.REQ.CLAIMS.UPDATE"
    looks = ("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", "$SYS.REQ.ACCOUNT.*.INFO")
    creds = cluster.folder / "pusher.creds"

    def allowed(*subjects: str) -> None:
        permissions = {"pub": {"allow": list(subjects)}, "sub": {"allow": ["_INBOX.>"]}}
        creds.write_bytes(cluster.tree.user_creds(cluster.tree.system, "pusher", **permissions))

    allowed(lists, *looks)
    result = push(cluster, accounts, creds=str(creds))
    assert result["failed"] and f"not allowed to publish {updates}" in result["msg"], result
    allowed(lists, *looks, updates)
    assert push(cluster, accounts, creds=str(creds))["confirmed"] == {"TeamEpsilon": cluster.names}


def test_a_server_without_tls_is_sent_nothing(tmp_path: Path) -> None:
    """A ``tls://`` URL whose server offers plain text: no token may travel."""
    cluster = Cluster(tmp_path, SERVERS[-1], Tree(), size=1)
    config = tmp_path / "n1.conf"
    lines = [
        line for line in config.read_text().splitlines() if not line.startswith(("tls ", "cluster ", "jetstream "))
    ]
    config.write_text("\n".join([*lines, "trace: true"]))
    try:
        cluster.start()
        result = push(cluster, [])
        plain = push(cluster, [], servers=[url.replace("tls:", "nats:") for url in cluster.urls])
    finally:
        cluster.stop()
    assert "does not use TLS: nothing was sent" in result["msg"], result
    assert plain["servers"] == ["n1"], plain
    connects = [line for line in (tmp_path / "n1.log").read_text().splitlines() if "CONNECT" in line]
    assert len(connects) == 1, "only nats://, which allows plain text, may have logged in"


def test_a_lost_connection_is_told_in_words(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that the connection goes to is killed between asking and sending."""
    keys = new_key(Role.ACCOUNT)
    accounts = [("TeamZeta", keys, cluster.tree.account_jwt(keys, "TeamZeta"))]
    original = pushing.send

    async def killing(*arguments: Any) -> Any:
        cluster.stop("n1")
        return await original(*arguments)

    monkeypatch.setattr(pushing, "send", killing)
    try:
        result = push(cluster, accounts, servers=cluster.urls[:1], timeout=2.0)
        assert result["failed"] and "closed the connection" in result["msg"], result
    finally:
        monkeypatch.undo()
        cluster.start("n1")
    assert push(cluster, accounts)["servers"] == cluster.names


def test_a_thousand_accounts(cluster: Cluster) -> None:
    keys = [new_key(Role.ACCOUNT) for _dummy in range(1000)]
    accounts = [(f"A{number}", one, cluster.tree.account_jwt(one, f"A{number}")) for number, one in enumerate(keys)]
    begin = time.monotonic()
    result = push(cluster, accounts)
    took = time.monotonic() - begin
    assert len(result["confirmed"]) == 1000, result
    assert all(servers == cluster.names for servers in result["confirmed"].values())
    begin = time.monotonic()
    assert not push(cluster, accounts)["changed"]
    print(f"1,000 accounts to 3 servers: {took:.1f} s; again: {time.monotonic() - begin:.1f} s")
    assert took < 60
