# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deploy keeps the accounts on running servers as the tree says, whatever others did and whoever is away."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import Unreachable, close_client, open_client
from ansible_collections.aegis.nats.plugins.module_utils.client.connect import run as run_async
from ansible_collections.aegis.nats.plugins.module_utils.client.login import read_creds
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.resolver.signer import Signer
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, deployed_estate, good, put, wait_until
from ansible_collections.aegis.nats.tests.end_to_end.test_check_mode import told

PUSH = "Push the accounts and have every server confirm"
NODES = ("n1", "n2", "n3")
ALPHA = "stores/MyCompany/accounts/TeamAlpha/TeamAlpha.jwt"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    with deployed_estate(tmp_path_factory.mktemp("live") / "estate", binary) as made:
        yield made


def access(estate: Estate, user: str, server: int) -> Access:
    pki = estate.root / "nats" / "pki"
    issued = pki / "issued" / "clients" / "deploy"
    pair = Pair(issued.with_suffix(".crt").read_bytes(), issued.with_suffix(".key").read_bytes())
    login = read_creds((estate.root / "nats/trust/keys/creds/MyCompany" / f"{user}.creds").read_bytes())
    url = f"tls://127.0.0.1:{estate.ports['client'][server]}"
    return Access((url,), (pki / "ca.crt").read_bytes(), pair, login, timeout=5.0)


def get_in(accesses: list[Access]) -> list[bool]:
    """Who of them is let in, each at its server."""

    async def work(one: Access) -> bool:
        try:
            await close_client(await open_client(one, one.servers[0]))
        except Unreachable as error:
            assert "authorization" in str(error) or "maximum account" in str(error), error
            return False
        return True

    return [run_async(work(one)) for one in accesses]


def ask_as_sys(estate: Estate, subject: str, payload: bytes) -> None:
    """What somebody else with the system account's creds does."""

    async def work() -> None:
        one = access(estate, "SYS/sys", 0)
        client = await open_client(one, one.servers[0])
        await client.nats.request(subject, payload, timeout=5)
        await client.round_trip(5)
        await close_client(client)

    run_async(work())
    time.sleep(0.5)


def operator(estate: Estate) -> Signer:
    token = tokens.read((estate.root / "nats/trust/stores/MyCompany/MyCompany.jwt").read_text())
    keys = (token.subject, *token.nats["signing_keys"])
    return Signer(Folder(str(estate.root / "nats/trust"), NoSeal()), keys, int(time.time()))


def pushed(run: Run) -> list[str]:
    return [reason for (_dummy, task), lists in told(run).items() if task == PUSH for each in lists for reason in each]


def check_and_deploy(estate: Estate) -> list[str]:
    """The reasons of the push; the check before the run gave the same, and the one after it has nothing to say."""
    check = estate.deploy("--check", "--diff")
    run = estate.deploy()
    assert told(check) == told(run)
    assert told(estate.deploy("--check")) == {}
    return pushed(run)


def test_an_account_changed_behind_our_back_is_put_right(live: Estate) -> None:
    place = live.root / "nats/trust" / ALPHA
    token = tokens.read(place.read_text())
    claims: dict[str, Any] = {**token.claims, "iat": int(time.time()) + 60}
    claims["nats"] = {**claims["nats"], "limits": {**claims["nats"]["limits"], "conn": 0}}
    ask_as_sys(live, "$SYS.REQ.CLAIMS.UPDATE", tokens.sign(claims, operator(live).pairs[0]).text.encode())
    assert get_in([access(live, "TeamAlpha/order-service", 2)]) == [False]
    reasons = check_and_deploy(live)
    assert len(reasons) == 1 and reasons[0].startswith("TeamAlpha: 3 of 3 servers have other claims"), reasons
    assert tokens.read(place.read_text()).issued_at > claims["iat"]
    assert get_in([access(live, "TeamAlpha/order-service", number) for number in range(3)]) == [True] * 3


def test_an_account_deleted_behind_our_back_is_back(live: Estate) -> None:
    key = tokens.read((live.root / "nats/trust" / ALPHA).read_text()).subject
    signer = operator(live)
    ask_as_sys(live, "$SYS.REQ.CLAIMS.DELETE", signer.deletion(signer.pairs[0], [key]))
    assert get_in([access(live, "TeamAlpha/order-service", 1)]) == [False]
    *absent, why = check_and_deploy(live)
    assert absent == [f"TeamAlpha: {node} does not have it" for node in NODES]
    assert why == "TeamAlpha: servers were using it when it was deleted, it is issued again"
    assert get_in([access(live, "TeamAlpha/order-service", number) for number in range(3)]) == [True] * 3


def test_a_server_that_is_down_is_named_or_allowed_for(live: Estate) -> None:
    put(live.settings, "nats_trust_accounts[0].limits.connections", 321)
    second = next(pid for pid, words in live.processes().items() if "/n2/" in words)
    os.kill(second, signal.SIGKILL)
    assert wait_until(lambda: second not in live.processes(), 10)
    failed = live.deploy("--tags", "trust")
    assert failed.code != 0 and "2 of 3 servers answered (n1, n3), missing: n2" in failed.text, failed.output
    went_on = live.deploy("--tags", "trust", "-e", "nats_trust_allow_missing=true")
    good(went_on)
    assert any("not there: n2" in warning for warning in went_on.warnings), went_on.output
    assert pushed(went_on) == ["TeamAlpha: newer claims than 2 of 2 servers have (limits)"]
    repaired = live.deploy()
    good(repaired)
    assert told(live.deploy("--check")) == {}
    assert len(live.processes()) == 3


def test_a_purged_account_is_gone_from_every_server(live: Estate) -> None:
    users = [access(live, "ExternalPartner/gateway", number) for number in range(3)]
    assert get_in(users) == [True] * 3
    del live.settings["nats_trust_accounts"][1]
    live.settings["nats_trust_purge"] = True

    async def connected_meanwhile() -> list[str]:
        client = await open_client(users[1], users[1].servers[0])
        reasons = await asyncio.get_running_loop().run_in_executor(None, check_and_deploy, live)
        assert client.nats.is_closed, "a user of the account is still connected"
        await close_client(client)
        return reasons

    assert run_async(connected_meanwhile()) == [f"ExternalPartner: was purged, {node} still has it" for node in NODES]
    # Their creds went with them; what somebody kept of those is no use.
    assert not (live.root / "nats/trust/keys/creds/MyCompany/ExternalPartner").exists()
    assert get_in(users) == [False] * 3


@pytest.mark.long
def test_a_run_that_ended_between_purge_and_deletion_is_finished(live: Estate) -> None:
    put(live.settings, "nats_trust_accounts[+]", {"name": "ShortLived", "users": [{"name": "one"}]})
    made = live.deploy()
    good(made)
    user = access(live, "ShortLived/one", 2)
    del live.settings["nats_trust_accounts"][1]
    live.settings["nats_trust_purge"] = True
    only_the_store = live.deploy(playbook=str(Path(__file__).with_name("controller.yml")))
    assert only_the_store.code == 0 and get_in([user]) == [True], only_the_store.output
    assert check_and_deploy(live) == [f"ShortLived: was purged, {node} still has it" for node in NODES]
    assert get_in([user]) == [False]
