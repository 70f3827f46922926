# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server through every way in without an operator: who gets in, who does not, what a user may do, what is seen.

The tests are one story and run in their order: each changes nats_server_auth of the running server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.tests.end_to_end.callout_service import CalloutService
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good
from ansible_collections.aegis.nats.tests.end_to_end.secrets import files_below, leaks
from ansible_collections.aegis.nats.tests.end_to_end.test_config_mode import (
    HASH,
    HASHED,
    nothing,
    publishing,
    refused,
    talk,
    tls,
)

KEY = keys.make(keys.Role.USER, bytes(range(1, 33)))
SERVICE = keys.make(keys.Role.USER, bytes(range(2, 34)))
ISSUER = keys.make(keys.Role.ACCOUNT, bytes(range(3, 35)))
CURVE = keys.make(keys.Role.CURVE, bytes(range(4, 36)))
PASSWORD = 'a "planted" password $7 4f1c'
TOKEN = "a-planted-token-93be"
ASKED = "a-planted-password-that-the-service-knows-17"
SECRETS = {
    "a seed": KEY.seed,
    "the seed of the service": SERVICE.seed,
    "the issuer's seed": ISSUER.seed,
    "the curve seed": CURVE.seed,
    "a password": PASSWORD,
    "the token": TOKEN,
    "a hash": HASH,
    "the password that was hashed before": HASHED,
}
NKEY_USERS: list[dict[str, Any]] = [
    {"name": "order-service", "nkey": KEY.public_key, "publish": {"allow": ["orders.>"], "deny": ["orders.admin.>"]}},
]
PASSWORD_USERS: list[dict[str, Any]] = [
    {"name": "report", "password": PASSWORD, "publish": {"allow": ["report.>"]}, "responses": {"max": 1, "ttl": "5s"}},
    {"name": "reporter", "password": HASH},
]
CALLOUT: dict[str, Any] = {
    "issuer": ISSUER.public_key,
    "account": "AUTH",
    "auth_users": [SERVICE.public_key, "admin"],
    "xkey": CURVE.public_key,
    "allowed_accounts": ["APP"],
}
ACCOUNTS: list[dict[str, Any]] = [
    {"name": "AUTH", "users": [{"name": "callout", "nkey": SERVICE.public_key}]},
    {"name": "APP", "limits": {"jetstream": {"disk": "10M"}}},
    {"name": "ADMIN", "users": [{"name": "admin", "password": HASH}]},
]


class Story:
    """The server, and everything that the runs said."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.told: dict[str, str] = {}
        estate.settings = {name: value for name, value in estate.settings.items() if not name.startswith("nats_trust_")}
        estate.settings.update(nats_server_cluster=False, nats_server_hash_passwords=True)

    def run(self, name: str, *options: str, **settings: Any) -> Run:
        self.estate.settings.update({f"nats_server_{key}": value for key, value in settings.items()})
        run = self.estate.deploy("-vvvv", "--diff", *options)
        self.told[name] = run.output
        good(run)
        return run

    def unchanged(self) -> None:
        """A second run changes nothing, and nothing is restarted."""
        before, running = self.estate.snapshot(), self.estate.processes()
        run = self.run("again")
        assert run.changes == []
        assert (self.estate.snapshot(), self.estate.processes()) == (before, running)

    def publishing(self, *subjects: str, certificate: str = "deploy", **login: Any) -> list[str]:
        found: list[str] = talk(self.estate, publishing(*subjects), certificate, **login)
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Story]:
    estate = Estate(tmp_path_factory.mktemp("ways") / "estate", binary, nodes=("n1",))
    try:
        yield Story(estate)
    finally:
        estate.close()


def reloaded(run: Run) -> bool:
    reasons = [str(reason) for result in run.results for reason in result["reasons"]]
    return any("a reload takes it" in reason for reason in reasons) and not any("restart" in each for each in reasons)


def test_nkey(story: Story) -> None:
    default = {"publish": {"deny": ["admin.>"]}}
    story.run("nkey", auth="nkey", users=NKEY_USERS, default_permissions=default)
    found = story.publishing("orders.new", "orders.admin.x", "other", nkeys_seed_str=KEY.seed)
    assert ["orders.admin.x" in found[0], "other" in found[1], len(found)] == [True, True, 2]
    for login in ({}, {"nkeys_seed_str": SERVICE.seed}, {"user": "order-service", "password": ""}):
        assert refused(story.estate, **login)
    story.unchanged()


def test_users(story: Story) -> None:
    """A change of the way without another system account is a reload; a password is hashed, and hashed once."""
    run = story.run("users", auth="users", users=PASSWORD_USERS)
    assert reloaded(run)
    found = story.publishing("report.x", "orders.new", user="report", password=PASSWORD)
    assert [len(found), "orders.new" in found[0]] == [1, True]
    # Who says nothing of what it may do gets the default.
    found = story.publishing("orders.new", "admin.x", user="reporter", password=HASHED)
    assert [len(found), "admin.x" in found[0]] == [1, True]
    for login in (
        {},
        {"user": "report", "password": "x"},
        {"user": "report", "password": ""},
        {"nkeys_seed_str": KEY.seed},
    ):
        assert refused(story.estate, **login)
    story.unchanged()
    checked = story.run("check", "--check", users=[{**PASSWORD_USERS[0], "password": TOKEN}, PASSWORD_USERS[1]])
    assert "password of users/report: changed, hashed anew" in [r for x in checked.results for r in x["reasons"]]
    story.estate.settings["nats_server_users"] = PASSWORD_USERS
    story.unchanged()


def test_users_by_certificate(story: Story) -> None:
    named = {"name": "CN=order-service,O=MyOrganization", "publish": {"allow": ["orders.>"]}}
    story.run("map", users=[named, *PASSWORD_USERS], tls_verify_and_map=True)
    found = story.publishing("orders.new", "report.x", certificate="order-service")
    assert [len(found), "report.x" in found[0]] == [1, True]
    assert refused(story.estate, "partner")
    assert refused(story.estate, "deploy", user="nobody", password=PASSWORD)
    story.run("no map", users=PASSWORD_USERS, tls_verify_and_map=False)


def test_token(story: Story) -> None:
    """Not by a reload: it would leave the users of before in."""
    assert not reloaded(story.run("token", auth="token", token=TOKEN))
    assert story.publishing("anything", token=TOKEN) == []
    for login in ({}, {"token": TOKEN + "x"}, {"user": "report", "password": PASSWORD}):
        assert refused(story.estate, **login)
    story.unchanged()


def test_callout(story: Story) -> None:
    """A real service decides: what it lets in has the rights that it gave; without it nobody new gets in."""
    story.run("callout", auth="callout", accounts=ACCOUNTS, callout=CALLOUT)
    service = CalloutService(ISSUER, CURVE, "APP", {"anna": ASKED})

    async def decided() -> dict[str, Any]:
        url = f"tls://127.0.0.1:{story.estate.ports['client'][0]}"
        own = await nats.connect(url, tls=tls(story.estate, "deploy"), nkeys_seed_str=SERVICE.seed)
        await service.serve(own)
        found: dict[str, Any] = {}
        for name, login in {"anna": ASKED, "otto": ASKED, "": ""}.items():
            found[name] = await _try(story.estate, {"user": name, "password": login} if name else {})
        found["anna with another password"] = await _try(story.estate, {"user": "anna", "password": PASSWORD})
        await own.close()
        return found

    found = asyncio.run(decided())
    assert found.pop("anna") == ["orders.new"]
    assert set(found.values()) == {"refused"}
    assert {encrypted for _name, encrypted in service.asked} == {True}
    assert {name for name, _encrypted in service.asked} >= {"anna", "otto"}
    # Those that are not asked about get in without the service, others do not.
    assert story.publishing("x", user="admin", password=HASHED) == []
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization|authentication|timeout"):
        talk(story.estate, nothing, user="anna", password=ASKED)
    story.unchanged()


async def _try(estate: Estate, login: Mapping[str, str]) -> Any:
    """What a client of the service's choice may not publish to, or that it is refused."""
    errors: list[str] = []

    async def note(error: Exception) -> None:
        errors.append(str(error))

    client = nats.NATS()
    try:
        await client.connect(
            f"tls://127.0.0.1:{estate.ports['client'][0]}",
            tls=tls(estate, "deploy"),
            error_cb=note,
            allow_reconnect=False,
            connect_timeout=5,
            **login,
        )
    except nats.errors.Error as error:
        assert "authorization violation" in str(error).lower(), error
        return "refused"
    await client.publish("anna.hello", b"")
    await client.publish("orders.new", b"")
    await client.flush()
    await client.flush()
    await client.close()
    return [subject for subject in ("anna.hello", "orders.new") if any(subject in error for error in errors)]


def test_no_secret_is_seen(story: Story) -> None:
    """Nor is one left on the host but as a hash in the server's own configuration."""
    root = story.estate.root
    places = files_below(story.estate.home, story.estate.scratch, *root.glob("nodes/*/log"), *root.glob("nodes/*/run"))
    assert leaks(SECRETS, {**story.told, **places}) == []
    plain = {name: text for name, text in SECRETS.items() if "hash" not in name}
    assert leaks(plain, files_below(*root.glob("nodes/*/etc"), root / "nats")) == []
    hashes = (root / "nats" / "secrets" / "passwords.json").read_text(encoding="utf-8")
    assert (
        leaks({str(n): line.split('"')[3] for n, line in enumerate(hashes.splitlines()) if "$2b$" in line}, story.told)
        == []
    )
