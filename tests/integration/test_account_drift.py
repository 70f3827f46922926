# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""account_push where somebody else was at work: purged accounts, drift, and servers that are away."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import (
    Unreachable,
    close_client,
    open_client,
    run,
)
from ansible_collections.aegis.nats.plugins.module_utils.client.login import read_creds
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.plugins.module_utils.resolver.verb_account_push import VERB
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import account_path, operator_path, seed_path
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Cluster, Tree, new_key, running

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("cluster")) as started:
        yield started


class Account:
    """An account of the cluster's tree, its token in a store, and a user of it."""

    def __init__(self, cluster: Cluster, name: str, **claims: Any) -> None:
        self.cluster, self.name, self.keys = cluster, name, new_key(Role.ACCOUNT)
        self.store = cluster.folder / "store"
        self.token = cluster.tree.account_jwt(self.keys, name, **claims)
        self.file = self.store / account_path("Acme", name)
        tree = cluster.tree
        for path, content in (
            (operator_path("Acme"), tree.operator_jwt()),
            (account_path("Acme", name), self.token),
            (seed_path(tree.signing.public_key), tree.signing.seed),
        ):
            (self.store / path).parent.mkdir(parents=True, exist_ok=True)
            (self.store / path).write_text(content)
        self.creds = cluster.tree.user_creds(self.keys, "user")

    @property
    def given(self) -> dict[str, str]:
        return {"name": self.name, "public_key": self.keys.public_key, "jwt": self.file.read_text()}

    @property
    def removed(self) -> dict[str, str]:
        return {"name": self.name, "public_key": self.keys.public_key}

    def stored(self) -> list[Optional[str]]:
        return [self.cluster.stored(name, [self.keys])[0] for name in self.cluster.names]

    def access(self, server: int = 0) -> Access:
        cluster = self.cluster
        pair = Pair(cluster.certificate.read_bytes(), cluster.key.read_bytes())
        login = read_creds(self.creds)
        return Access((cluster.urls[server],), cluster.authority.path.read_bytes(), pair, login, timeout=5.0)

    def gets_in(self, server: int = 0) -> bool:
        async def work() -> None:
            await close_client(await open_client(self.access(server), self.cluster.urls[server]))

        try:
            run(work())
        except Unreachable as error:
            assert "authorization" in str(error), error
            return False
        return True


def push(
    cluster: Cluster, accounts: list[Account], removed: list[Account], check: bool = False, **changes: Any
) -> dict[str, Any]:
    params = cluster.parameters(
        expect=cluster.names,
        expect_count=None,
        creds=str(cluster.sys_creds),
        operator_keys=[cluster.tree.operator.public_key, cluster.tree.signing.public_key],
        accounts=[account.given for account in accounts],
        removed_accounts=[account.removed for account in removed],
        path=str(cluster.folder / "store"),
    )
    return perform(VERB, {**params, **changes}, Surroundings(check, datetime.now(timezone.utc), NoSeal()))


def push_elsewhere(cluster: Cluster, account: Account, token: str) -> None:
    """What somebody else does with a token of their own, over the same servers."""

    async def work() -> None:
        access = Access(
            tuple(cluster.urls),
            cluster.authority.path.read_bytes(),
            Pair(cluster.certificate.read_bytes(), cluster.key.read_bytes()),
            read_creds(cluster.sys_creds.read_bytes()),
        )
        client = await open_client(access, cluster.urls[0])
        await client.nats.request("$SYS.REQ.CLAIMS.UPDATE", token.encode(), timeout=5)
        await client.round_trip(5)
        await close_client(client)

    run(work())
    end = time.monotonic() + 5
    while account.stored() != [token] * 3 and time.monotonic() < end:
        time.sleep(0.05)
    assert account.stored() == [token] * 3


def check_and_run(cluster: Cluster, accounts: list[Account], removed: list[Account], **changes: Any) -> dict[str, Any]:
    """What the run said; the check before it said the same, and the one after it has nothing to say."""
    held, files = [each.stored() for each in (*accounts, *removed)], [each.file.read_bytes() for each in accounts]
    checked = push(cluster, accounts, removed, check=True, **changes)
    assert [each.stored() for each in (*accounts, *removed)] == held
    assert [each.file.read_bytes() for each in accounts] == files
    done = push(cluster, accounts, removed, **changes)
    assert "failed" not in done, done["msg"]
    for name in ("changed", "reasons", "pushed", "deleted", "closed", "strangers", "missing"):
        assert checked[name] == done[name]
    again = push(cluster, accounts, removed, **changes)
    assert not again["changed"] and not again["reasons"], again
    return done


def test_a_purged_account_is_deleted_everywhere_and_its_users_are_out(cluster: Cluster) -> None:
    kept, gone = Account(cluster, "Kept"), Account(cluster, "Gone")
    assert check_and_run(cluster, [kept, gone], [])["pushed"] == ["Kept", "Gone"]

    async def connected_while_it_is_deleted() -> float:
        client = await open_client(gone.access(1), cluster.urls[1])
        begin = time.monotonic()
        done = asyncio.get_running_loop().run_in_executor(None, check_and_run, cluster, [kept], [gone])
        while not client.nats.is_closed and time.monotonic() < begin + 20:
            await asyncio.sleep(0.01)
        result = await done
        assert client.nats.is_closed, "the connection is still there"
        assert result["deleted"] == ["Gone"] and result["pushed"] == [], result
        assert result["reasons"] == [f"Gone: was purged, {name} still has it" for name in cluster.names]
        return time.monotonic() - begin

    run(connected_while_it_is_deleted())
    assert gone.stored() == [None] * 3 and None not in kept.stored()
    assert [gone.gets_in(number) for number in range(3)] == [False] * 3
    assert kept.gets_in()


def test_a_deleted_account_that_comes_back_is_deleted_again(cluster: Cluster) -> None:
    gone = Account(cluster, "Returning")
    check_and_run(cluster, [gone], [])
    check_and_run(cluster, [], [gone])
    push_elsewhere(cluster, gone, gone.token)
    assert gone.gets_in()
    assert check_and_run(cluster, [], [gone])["deleted"] == ["Returning"]
    assert not gone.gets_in()


def test_strangers_are_told_and_left_alone(cluster: Cluster) -> None:
    stranger = Account(cluster, "Stranger")
    check_and_run(cluster, [stranger], [])
    found = push(cluster, [], [])
    assert "failed" not in found and not found["changed"], found
    assert {"name": "Stranger", "public_key": stranger.keys.public_key} in found["strangers"]
    assert any("Stranger" in warning and "left alone" in warning for warning in found["warnings"])
    assert None not in stranger.stored()


def test_an_account_deleted_behind_our_back_is_back(cluster: Cluster) -> None:
    ours = Account(cluster, "Ours")
    check_and_run(cluster, [ours], [])
    assert push(cluster, [], [ours])["deleted"] == ["Ours"]
    assert not ours.gets_in()
    found = check_and_run(cluster, [ours], [])
    assert found["reasons"] == [f"Ours: {name} does not have it" for name in cluster.names]
    assert [ours.gets_in(number) for number in range(3)] == [True] * 3


@pytest.mark.parametrize("signer", ["ours", "foreign"])
def test_an_account_changed_behind_our_back_is_put_right(cluster: Cluster, signer: str) -> None:
    ours = Account(cluster, f"Changed-{signer}")
    check_and_run(cluster, [ours], [])
    later = int(time.time()) + 100
    revoked = {new_key(Role.USER).public_key: later - 50}
    tree = cluster.tree if signer == "ours" else Tree()
    changes = {"limits": {"conn": 0}, "revocations": revoked} if signer == "ours" else {}
    push_elsewhere(cluster, ours, tree.account_jwt(ours.keys, ours.name, issued=later, **changes))
    found = check_and_run(cluster, [ours], [])
    text = "\n".join(found["reasons"])
    assert "3 of 3 servers have other claims, signed by somebody else at" in text and "it is issued again" in text, text
    assert ("keeps 1 revocations that only the servers had" in text) is (signer == "ours")
    held = tokens.read(ours.file.read_text())
    assert ours.stored() == [ours.file.read_text()] * 3
    assert held.issued_at == later + 1 and held.issuer == cluster.tree.signing.public_key
    assert held.nats["limits"]["conn"] == -1
    assert held.nats.get("revocations") == (revoked if signer == "ours" else None)
    assert ours.gets_in() and ours.gets_in(2)


def test_without_a_key_of_the_operator_nothing_is_put_right(cluster: Cluster, tmp_path: Path) -> None:
    ours, gone = Account(cluster, "Keyless"), Account(cluster, "KeylessGone")
    check_and_run(cluster, [ours, gone], [])
    denied = push(cluster, [ours], [gone], path=str(tmp_path))
    assert denied["failed"] and "holds no seed of operator_keys" in denied["msg"], denied
    assert push(cluster, [ours], [gone], path=None)["problems"][0]["path"] == "path"
    assert None not in gone.stored()
    push_elsewhere(
        cluster, ours, cluster.tree.account_jwt(ours.keys, ours.name, issued=int(time.time()) + 9, tags=["x"])
    )
    denied = push(cluster, [ours], [], path=None)
    assert denied["failed"] and "give path" in denied["msg"], denied


def test_a_token_that_the_store_does_not_hold_is_not_outrun(cluster: Cluster, tmp_path: Path) -> None:
    ours = Account(cluster, "Elsewhere")
    check_and_run(cluster, [ours], [])
    given = copy.copy(ours)
    given.file = tmp_path / "given.jwt"
    given.file.write_text(ours.token)
    ours.file.write_text(cluster.tree.account_jwt(ours.keys, ours.name, issued=5))
    push_elsewhere(
        cluster, ours, cluster.tree.account_jwt(ours.keys, ours.name, issued=int(time.time()) + 9, tags=["x"])
    )
    for check in (True, False):
        result = push(cluster, [given], [], check=check)
        assert result["failed"] and "does not hold the JWT of Elsewhere" in result["msg"], result


def test_the_system_account_is_never_deleted(cluster: Cluster) -> None:
    system = Account(cluster, "SYS")
    system.keys = cluster.tree.system
    result = push(cluster, [], [system])
    assert result["failed"] and "not allowed to delete system account" in result["msg"], result
    assert push(cluster, [], [])["servers"] == cluster.names


def test_who_is_wanted_can_t_be_removed(cluster: Cluster) -> None:
    both = Account(cluster, "Both")
    result = push(cluster, [both], [both])
    assert result["problems"][0]["path"] == "removed_accounts[0].public_key", result


def test_a_server_that_is_down_may_be_allowed_for(cluster: Cluster) -> None:
    new, gone = Account(cluster, "WhileAway"), Account(cluster, "GoneWhileAway")
    check_and_run(cluster, [gone], [])
    cluster.stop("n2")
    try:
        assert "missing: n2" in push(cluster, [new], [gone], timeout=1.0)["msg"]
        assert new.stored() == [None] * 3
        found = check_and_run(cluster, [new], [gone], timeout=1.0, allow_missing=True)
        assert found["missing"] == ["n2"] and found["confirmed"] == {"WhileAway": ["n1", "n3"]}
        assert "not there: n2" in found["warnings"][0]
        assert (found["closed"], found["deleted"]) == (["GoneWhileAway"], [])
        assert "GoneWhileAway: is closed only, until n2 can delete it too" in found["reasons"]
        assert not gone.gets_in(0) and not gone.gets_in(2)
    finally:
        cluster.start("n2")
    healed = check_and_run(cluster, [new], [gone], allow_missing=True)
    assert healed["deleted"] == ["GoneWhileAway"] and healed["missing"] == []
    assert "WhileAway: n2 does not have it" in healed["reasons"] or None not in new.stored()
    assert gone.stored() == [None] * 3 and new.gets_in(1) and not gone.gets_in(1)


def test_servers_that_forbid_deletion_name_the_variable(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, SERVERS[-1], Tree())
    for name in cluster.names:
        config = tmp_path / f"{name}.conf"
        config.write_text(config.read_text().replace("allow_delete: true", "allow_delete: false"))
    try:
        cluster.start()
        gone, new = Account(cluster, "Gone"), Account(cluster, "New")
        check_and_run(cluster, [gone], [])
        result = push(cluster, [new], [gone])
        assert result["failed"], result
        for name in cluster.names:
            line = f"{name}: its resolver does not allow it: set nats_server_resolver_allow_delete: true"
            assert line in result["msg"], result
        assert None not in new.stored(), "what was to be pushed was pushed all the same"
    finally:
        cluster.stop()
