# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers without an operator: users with a key, a password or a certificate, proven by a client from outside."""

from __future__ import annotations

import asyncio
import copy
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import assert_told
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good

KEY = keys.make(keys.Role.USER, bytes(range(32)))
PASSWORD = 'config-"mode"-\\marker-$7f3 {{!'
HASHED = "hush-marker-of-the-reporter"
HASH = "$2b$11$abcdefghijklmnopqrstuuqRDLFYF.iyYjnCi4h7lJSdLjMgFXNpm"
ADMIN = "admin-marker-2c91"
SECRETS = (PASSWORD, "marker-$7f3", HASHED, HASH, ADMIN)

ACCOUNTS: list[dict[str, Any]] = [
    {
        "name": "TeamAlpha",
        "limits": {"connections": 50, "jetstream": {"memory": "10M", "disk": "100M", "streams": 5}},
        "exports": [{"name": "PublicOrders", "subject": "orders.public.>", "type": "service"}],
        "mappings": [{"subject": "legacy.*", "to": [{"subject": "orders.$1"}]}],
        "users": [
            {
                "name": "order-service",
                "nkey": KEY.public_key,
                "publish": {"allow": ["orders.>", "legacy.>", "_INBOX.>", "$JS.API.>"], "deny": ["orders.admin.>"]},
                "subscribe": {"allow": ["orders.>", "_INBOX.>"]},
                "responses": {"max": 1, "ttl": "5s"},
            },
            {
                "name": "inventory-service",
                "password": PASSWORD,
                "publish": {"allow": ["inventory.>"]},
                "subscribe": {"allow": ["inventory.>", "orders.shipped"]},
                "connection_types": ["STANDARD"],
            },
        ],
    },
    {
        "name": "ExternalPartner",
        "imports": [
            {
                "name": "PublicOrders",
                "account": "TeamAlpha",
                "subject": "orders.public.>",
                "local_subject": "partner.orders.>",
                "type": "service",
            }
        ],
        "users": [{"name": "reporter", "password": HASH}],
    },
    {"name": "SYS", "users": [{"name": "admin", "password": ADMIN}]},
]


def config_mode(estate: Estate) -> None:
    estate.settings = {name: value for name, value in estate.settings.items() if not name.startswith("nats_trust_")}
    estate.settings.update(
        nats_server_auth="accounts",
        nats_server_hash_passwords=True,
        nats_server_accounts=[unsafe(account) for account in copy.deepcopy(ACCOUNTS)],
        nats_server_system_account="SYS",
    )


def unsafe(account: dict[str, Any]) -> dict[str, Any]:
    """Passwords that Ansible must not take for templates."""
    for user in account["users"]:
        if "password" in user:
            user["password"] = "{% raw %}" + user["password"] + "{% endraw %}"
    return account


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Estate]:
    """Three servers in config mode."""
    made = Estate(tmp_path_factory.mktemp("config") / "estate", binary)
    try:
        config_mode(made)
        run = made.deploy("-vvvv", "--diff")
        (made.root / "tmp" / "first.txt").write_text(run.output)
        good(run)
        yield made
    finally:
        made.close()


class Session:
    """A client of one node and the errors that its server sent."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.client = nats.NATS()

    async def note(self, error: Exception) -> None:
        self.errors.append(str(error).lower())


def talk(
    estate: Estate,
    does: Callable[[Session], Awaitable[Any]],
    certificate: str = "deploy",
    node: int = 0,
    **login: str,
) -> Any:
    """What ``does`` returns; raises what the login raises."""

    async def run() -> Any:
        session = Session()
        await session.client.connect(
            f"tls://127.0.0.1:{estate.ports['client'][node]}",
            tls=tls(estate, certificate),
            error_cb=session.note,
            allow_reconnect=False,
            connect_timeout=5,
            **login,
        )
        try:
            return await does(session)
        finally:
            await session.client.close()

    return asyncio.run(run())


def tls(estate: Estate, certificate: str) -> ssl.SSLContext:
    folder = estate.root / "nats" / "pki"
    context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    client = folder / "issued" / "clients" / certificate
    context.load_cert_chain(f"{client}.crt", f"{client}.key")
    return context


async def nothing(session: Session) -> None:
    await session.client.flush()


def publishing(*subjects: str) -> Callable[[Session], Awaitable[list[str]]]:
    async def does(session: Session) -> list[str]:
        for subject in subjects:
            await session.client.publish(subject, b"x")
        await session.client.flush()
        await session.client.flush()
        return session.errors

    return does


def refused(estate: Estate, certificate: str = "deploy", **login: str) -> bool:
    try:
        talk(estate, nothing, certificate, **login)
    except nats.errors.Error as error:
        assert "authorization violation" in str(error).lower(), error
        return True
    return False


def test_the_nkey_user_may_do_what_it_says(cluster: Estate) -> None:
    found = talk(cluster, publishing("orders.new", "orders.admin.x", "inventory.x"), nkeys_seed_str=KEY.seed)
    assert len(found) == 2
    assert "orders.admin.x" in found[0]
    assert "inventory.x" in found[1]


def test_the_password_user_may_do_what_it_says(cluster: Estate) -> None:
    login = {"user": "inventory-service", "password": PASSWORD}
    found = talk(cluster, publishing("inventory.x", "orders.new"), node=1, **login)
    assert len(found) == 1
    assert "orders.new" in found[0]


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"user": "inventory-service", "password": PASSWORD + "x"},
        {"user": "inventory-service", "password": ""},
        {"user": "reporter", "password": HASH},
        {"user": "order-service", "password": ""},
        {"nkeys_seed_str": keys.make(keys.Role.USER, bytes(32)).seed},
    ],
    ids=["nothing", "wrong password", "no password", "the hash", "the key's name", "another key"],
)
def test_others_are_refused(cluster: Estate, login: Mapping[str, str]) -> None:
    assert refused(cluster, **login)


def test_a_service_is_shared_and_nothing_else(cluster: Estate) -> None:
    async def both(partner: Session) -> tuple[bytes, bool]:
        owner = Session()
        await owner.client.connect(
            f"tls://127.0.0.1:{cluster.ports['client'][0]}",
            tls=tls(cluster, "deploy"),
            error_cb=owner.note,
            nkeys_seed_str=KEY.seed,
        )
        heard: list[str] = []

        async def answer(message: Any) -> None:
            heard.append(message.subject)
            await message.respond(b"answer")

        await owner.client.subscribe("orders.>", cb=answer)
        await owner.client.flush()
        await asyncio.sleep(0.5)
        reply = await partner.client.request("partner.orders.list", b"", timeout=5)
        await partner.client.publish("orders.secret", b"")
        await partner.client.flush()
        await asyncio.sleep(0.5)
        await owner.client.close()
        return reply.data, heard == ["orders.public.list"]

    assert talk(cluster, both, node=2, user="reporter", password=HASHED) == (b"answer", True)


def test_mapped_subjects_and_streams(cluster: Estate) -> None:
    async def does(session: Session) -> str:
        heard = await session.client.subscribe("orders.old")
        await session.client.flush()
        await session.client.publish("legacy.old", b"")
        message = await heard.next_msg(timeout=5)
        stream = await session.client.jetstream().add_stream(name="ORDERS", subjects=["orders.kept"], num_replicas=3)
        await session.client.jetstream().delete_stream(stream.config.name)
        return f"{message.subject} {stream.config.num_replicas}"

    assert talk(cluster, does, nkeys_seed_str=KEY.seed) == "orders.old 3"


def test_the_system_account_asks_the_servers(cluster: Estate) -> None:
    async def does(session: Session) -> int:
        answers = await session.client.subscribe("_INBOX.servers")
        await session.client.publish("$SYS.REQ.SERVER.PING", b"", reply="_INBOX.servers")
        return len([await answers.next_msg(timeout=5) for _dummy in range(3)])

    assert talk(cluster, does, user="admin", password=ADMIN) == 3


def test_no_password_is_told(cluster: Estate) -> None:
    """Not in the output of the first run at -vvvv --diff, nor of one that changes a password, nor left in a file."""
    first = (cluster.root / "tmp" / "first.txt").read_text()
    cluster.settings["nats_server_accounts"][2]["users"][0]["password"] = ADMIN + "-new"
    changed = cluster.deploy("-vvvv", "--diff")
    good(changed)
    cluster.settings["nats_server_accounts"][2]["users"][0]["password"] = ADMIN
    back = cluster.deploy("-vvvv", "--diff")
    assert reloads(back) == {"n1", "n2", "n3"}
    for secret in SECRETS:
        for output in (first, changed.output, back.output):
            assert secret not in output
        assert not [place for place in files_outside_releases(cluster) if secret.encode() in place.read_bytes()]
        assert not [words for words in cluster.processes().values() if secret in words]


def reloads(run: Run) -> set[str]:
    good(run)
    return {
        str(result["host"])
        for result in run.results
        if any(str(reason).startswith("accounts.SYS.users") and "reload" in reason for reason in result["reasons"])
    }


def files_outside_releases(estate: Estate) -> list[Path]:
    """All but the inventory, which names them, and the private configuration of the servers."""
    return [
        place
        for place in estate.root.rglob("*")
        if place.is_file() and place.name not in ("inventory.yml", "nats-server.conf")
    ]


def test_a_second_run_changes_nothing(cluster: Estate) -> None:
    before, running = cluster.snapshot(), cluster.processes()
    run = cluster.deploy()
    good(run)
    assert run.changes == []
    assert cluster.snapshot() == before
    assert cluster.processes() == running


def test_what_is_wrong_is_told_before_a_host_is_touched(cluster: Estate) -> None:
    before = cluster.snapshot()
    accounts = cluster.settings["nats_server_accounts"]
    kept = copy.deepcopy(accounts)
    accounts[0]["users"][1]["publish"]["allow"] = ["orders.>.x"]
    accounts[0]["users"][0]["nkey"] = "U" + "A" * 55
    accounts[1]["users"][0] = {"name": "reporter"}
    accounts[1]["imports"][0]["account"] = "TeamBeta"
    try:
        assert_told(
            cluster.deploy(),
            [
                ("nats_server_accounts[0].users[1].publish.allow[0]", '">" must be the last token'),
                ("nats_server_accounts[0].users[0].nkey", "is not the public key of a user"),
                ("nats_server_accounts[1].users[0]", "has neither nkey nor password"),
                ("nats_server_accounts[1].imports[0].account", '"TeamBeta" is not in the tree: write one of'),
            ],
        )
    finally:
        cluster.settings["nats_server_accounts"] = kept
    assert cluster.snapshot() == before


def test_certificates_name_the_users(cluster: Estate) -> None:
    """Last, because it changes how the cluster lets clients in."""
    accounts = cluster.settings["nats_server_accounts"]
    accounts[1]["users"].append({"name": "CN=partner,O=MyOrganization", "publish": {"allow": ["partner.>"]}})
    cluster.settings["nats_server_tls_verify_and_map"] = True
    run = cluster.deploy()
    good(run)
    assert "is asked for besides a certificate that names this user" in run.text

    found = talk(cluster, publishing("partner.orders.x", "orders.new"), "partner")
    assert len(found) == 1
    assert "orders.new" in found[0]
    assert refused(cluster, "inventory-service")
    assert refused(cluster, "inventory-service", user="inventory-service", password=PASSWORD)
    assert talk(cluster, publishing("orders.new"), "order-service", nkeys_seed_str=KEY.seed) == []
    assert cluster.deploy().changes == []
