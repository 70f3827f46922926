# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit's proof in operator mode: users who are not connected, what resolvers hold, what lies on the controller.

As in test_audit, each mutation is a server that really runs so; its tree is in a store that the collection has made.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import controller, run, store
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Result, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Seal
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role, from_seed, make
from ansible_collections.aegis.nats.plugins.module_utils.trust.store import seed_path
from ansible_collections.aegis.nats.tests.integration import test_audit as hardened
from ansible_collections.aegis.nats.tests.integration.live_streams import until
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import Reversed, trust

SERVERS = hardened.SERVERS
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no server")
NOW = datetime.now(timezone.utc)
LIMITED: Mapping[str, Any] = {
    "publish": {"allow": ["orders.>", "$JS.API.>"]},
    "subscribe": {"allow": ["orders.>", "_INBOX_app.>"]},
}
TREE: Mapping[str, Any] = {
    "operator": {"name": "Acme", "signing_keys": 1, "strict_signing_key_usage": True},
    "system_account": {
        "name": "SYS",
        "users": [{"name": "sys", "publish": {"allow": ["$SYS.REQ.>"]}, "subscribe": {"allow": ["_INBOX_sys.>"]}}],
    },
    "accounts": [
        {
            "name": "Orders",
            "limits": {"jetstream": {"memory": "16M", "disk": "64M"}},
            "signing_keys": [1, {"role": "reader", "template": LIMITED}],
            "users": [
                {"name": "app", **LIMITED},
                {"name": "reader", "role": "reader"},
                {"name": "gone", "revoked": False},
                {"name": "left", "expires": "1h", **LIMITED},
            ],
        }
    ],
}
Tree = dict[str, Any]


@dataclass
class Server(hardened.Server):
    """A hardened server in operator mode with its store. tree: what is made; made: what it came to.

    after_making: what becomes of the store and of the resolver's folder before the server starts.
    """

    tree: Tree = field(default_factory=lambda: copy.deepcopy(dict(TREE)))
    made: dict[str, Any] = field(default_factory=dict)
    issued: datetime = NOW
    after_making: Callable[[Server], None] = lambda server: None
    seal: Seal = field(default_factory=NoSeal)
    memory: bool = False
    reading: Seal = field(default_factory=NoSeal)
    inventory: str = "nats_server_version: 2.12.0\n"

    @property
    def store(self) -> Path:
        return self.folder / "controller/trust"

    @property
    def resolver(self) -> Path:
        return self.folder / "resolver"

    def make(self) -> None:
        """The store, made so that one user is revoked and one has ended, and the accounts as they were pushed."""
        (self.folder / "controller").mkdir(mode=0o700)
        (self.folder / "controller/hosts.yml").write_text(self.inventory)
        before = self.issued - timedelta(hours=2)
        assert not trust(self.store, self.tree, before, self.seal).get("failed")
        users = self.tree["accounts"][0]["users"]
        for user in users:
            if "revoked" in user:
                user["revoked"] = True
        # The next run would issue anew what has ended.
        with self._shelved(*(user["name"] for user in users if user.get("expires") == "1h")):
            ended = {**self.tree, "accounts": copy.deepcopy(self.tree["accounts"])}
            ended["accounts"][0]["users"] = [user for user in users if user.get("expires") != "1h"]
            self.made = trust(self.store, ended, self.issued, self.seal)
        assert not self.made.get("failed"), self.made
        self.resolver.mkdir(mode=0o700)
        for account in self.made["accounts"]:
            self.hold(account["public_key"], account["jwt"])

    @contextlib.contextmanager
    def _shelved(self, *names: str) -> Iterator[None]:
        """Users whose files are not there for a while."""
        places = [place for name in names for place in self.store.rglob(f"{name}.*")]
        shelf = self.folder / "shelf"
        shelf.mkdir()
        for number, place in enumerate(places):
            shutil.move(place, shelf / str(number))
        yield
        for number, place in enumerate(places):
            shutil.move(shelf / str(number), place)

    def hold(self, key: str, token: str) -> None:
        place = self.resolver / f"{key}.jwt"
        place.write_text(token)
        place.chmod(0o600)

    def key(self, public: str) -> KeyPair:
        content = (self.store / seed_path(public)).read_bytes()
        return from_seed(self.seal.open(content, "a seed").decode())

    def account(self) -> dict[str, Any]:
        found: dict[str, Any] = next(each for each in self.made["accounts"] if each["name"] == "Orders")
        return found

    def again(self, text: str, signer: KeyPair, **changes: Any) -> tokens.Token:
        """A token with other claims."""
        claims = copy.deepcopy(dict(tokens.read(text).claims))
        claims["nats"].update(changes.pop("nats", {}))
        return tokens.sign({**claims, **changes}, signer)

    def text(self) -> str:
        system = self.made["system_account"]["public_key"]
        held = {each["public_key"]: each["jwt"] for each in self.made["accounts"]}
        preload = held if self.memory else {system: held[system]}
        resolver = "MEMORY" if self.memory else f'{{ type: full, dir: "{self.resolver}" }}'
        log = {"log_file": f'"{self.log}"', "log_size_limit": 1048576, "log_max_num": 3}
        top = {**log, "http": f'"{self.monitoring}:{self.ports["monitoring"]}"', **self.top}
        return f"""
listen: "127.0.0.1:{self.ports["client"]}"
server_name: n1
{self._tls(self.certificate, self.client_tls)}
operator: "{self.made["operator"]["jwt"]}"
resolver: {resolver}
resolver_preload: {{ {", ".join(f'{key}: "{token}"' for key, token in preload.items())} }}
leafnodes {{ listen: "127.0.0.1:{self.ports["leafnode"]}", {self._tls("leafnode", self.leaf_tls)} }}
jetstream {{ store_dir: "{self.folder}/js", key: $JS_KEY }}
{chr(10).join(f"{key}: {value}" for key, value in top.items())}
"""

    def creds(self, user: str) -> str:
        """Those of a user, opened, in a file for a client."""
        path = next(self.store.glob(f"keys/creds/*/*/{user}.creds"))
        place = self.folder / f"{user}.opened"
        place.touch(mode=0o600)
        place.write_bytes(self.seal.open(path.read_bytes(), str(path)))
        return str(place)

    async def fill(self) -> None:
        """Something that must not be readable on the disk, by somebody who is let in."""
        client = await self.connect("app")
        js = client.jetstream()
        await until(lambda: js.add_stream(name="ORDERS", subjects=["orders.>"]))
        await until(lambda: js.publish("orders.one", b"what is ordered"))
        await client.close()

    async def connect(self, user: str) -> Any:
        return await self.dial(self.creds(user))

    async def dial(self, place: str) -> Any:
        """With a creds file."""
        return await nats.connect(
            f"tls://127.0.0.1:{self.ports['client']}",
            tls=self.context(),
            user_credentials=place,
            inbox_prefix=b"_INBOX_app",
            connect_timeout=5,
            allow_reconnect=False,
        )

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self.make()
        self.after_making(self)
        with super().running():
            yield

    def results(self) -> tuple[Result, ...]:
        facts = self.facts()
        found = run.judged(self.look({"n1": {"address": "127.0.0.1", "facts": facts}}))
        self.unseen = hardened.unseen(found)
        for path in self.store.rglob("*.nk"):
            seed = self.seal.open(path.read_bytes(), str(path)).decode().strip()
            assert seed not in repr(found) + repr(facts)
        return found

    def look(self, hosts: Mapping[str, Mapping[str, Any]]) -> Any:
        now = datetime.now(timezone.utc)
        kept = controller.look({str(self.store): "trust store"}, [], [str(self.folder / "controller/hosts.yml")])
        stored = store.read(str(self.store), self.reading)
        return run.audit(hosts, [], self.visitor(now), now, self.last, stored=stored, kept=kept)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("pki")
    authority(folder, common_name="Our CA", now=NOW)
    wanted = [
        {"name": "server", "profile": "server", "common_name": "n1", **hardened.NAMES},
        {"name": "leafnode", "profile": "leafnode", "common_name": "n1", **hardened.NAMES},
        {"name": "app", "profile": "client", "common_name": "app"},
    ]
    made = certificate(folder, wanted, NOW)
    assert not made.get("failed"), made
    return Pki(folder)


@pytest.fixture
def server(tmp_path: Path, pki: Pki) -> Server:
    tmp_path.chmod(0o700)
    return Server(tmp_path, pki, SERVERS[-1])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> tuple[set[tuple[str, str, str]], set[str]]:
    """What is red on the hardened server, and what nobody could look at."""
    made = Server(tmp_path_factory.mktemp("sound"), pki, SERVERS[-1])
    made.folder.chmod(0o700)
    with made.running():
        found = made.audit()
    # On a machine that carries no logs away; and a user of the store has ended, which is told.
    assert set(found) - {("logs", "log of n1", "warn")} <= {
        ("expiry", "user left of Orders", "warn"),
        ("expiry", "creds of user left of Orders", "warn"),
    }, found
    assert not made.unseen
    return set(found), made.unseen


def users(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.tree["accounts"][0]["users"]
    return found


def template(server: Server) -> dict[str, Any]:
    found = server.tree["accounts"][0]["signing_keys"][1]
    found["template"] = copy.deepcopy(dict(found["template"]))
    said: dict[str, Any] = found["template"]
    return said


def without_signing_key(server: Server) -> None:
    server.tree["operator"].update(signing_keys=0, strict_signing_key_usage=False)


def signed_by_identity(server: Server) -> None:
    """Only where the operator does not insist does a server take it."""
    server.tree["operator"].update(strict_signing_key_usage=False)

    def sign(made: Server) -> None:
        account = made.account()
        made.hold(account["public_key"], made.again(account["jwt"], made.key(made.made["operator"]["public_key"])).text)

    server.after_making = sign


def foreign(server: Server) -> None:
    def put(made: Server) -> None:
        stranger, account = make(Role.OPERATOR, os.urandom(32)), make(Role.ACCOUNT, os.urandom(32))
        claims = {"sub": account.public_key, "name": "Foreign", "iat": 1, "nats": {"type": "account", "version": 2}}
        made.hold(account.public_key, tokens.sign(claims, stranger).text)

    server.after_making = put


def ended_account(server: Server) -> None:
    """A server that starts deletes those that have ended; one that runs keeps what is on its disk."""

    def put(made: hardened.Server) -> None:
        assert isinstance(made, Server)
        key, ended = make(Role.ACCOUNT, os.urandom(32)), int(NOW.timestamp()) - 60
        signer = made.key(tokens.read(made.made["operator"]["jwt"]).nats["signing_keys"][0])
        made.hold(key.public_key, made.again(made.account()["jwt"], signer, sub=key.public_key, exp=ended).text)

    server.after = put


def strange_signer(server: Server) -> None:
    """A user of the store, signed by a key that is none of the account's."""

    def put(made: Server) -> None:
        key = make(Role.ACCOUNT, os.urandom(32))
        place = next(made.store.glob("stores/*/accounts/Orders/users/reader.jwt"))
        claims = {"issuer_account": made.account()["public_key"], "pub": {}, "sub": {}}
        user = make(Role.USER, os.urandom(32)).public_key
        place.write_text(made.again(place.read_text(), key, sub=user, nats=claims).text)
        next(made.store.glob("keys/creds/Acme/Orders/reader.creds")).unlink()

    server.after_making = put


def user_of_identity(strict: bool) -> Callable[[Server], None]:
    """A user whom the account's own key has signed: servers of a strict operator refuse it, others let it in."""

    def put(made: Server) -> None:
        place = next(made.store.glob("stores/*/accounts/Orders/users/reader.jwt"))
        key = made.key(made.account()["public_key"])
        limits = {"subs": -1, "data": -1, "payload": -1, "pub": {"allow": ["a"]}, "sub": {"allow": ["a"]}}
        place.write_text(made.again(place.read_text(), key, nats={"issuer_account": "", **limits}).text)
        next(made.store.glob("keys/creds/Acme/Orders/reader.creds")).unlink()

    def change(server: Server) -> None:
        server.tree["operator"].update(strict_signing_key_usage=strict)
        server.after_making = put

    return change


def not_pushed(server: Server) -> None:
    """The store has an account that the resolver has not heard of."""
    server.tree["accounts"].append({"name": "New", "users": [{"name": "one"}]})

    def take(made: Server) -> None:
        key = next(each["public_key"] for each in made.made["accounts"] if each["name"] == "New")
        (made.resolver / f"{key}.jwt").unlink()

    server.after_making = take


def older_creds(server: Server) -> None:
    """The tree limits a user, and what it was given before allows everything and is not revoked."""

    def put(made: Server) -> None:
        place = next(made.store.glob("stores/*/accounts/Orders/users/app.jwt"))
        token = tokens.read(place.read_text())
        nats_claims = {"pub": {}, "sub": {}}
        older = made.again(token.text, made.key(token.issuer), iat=token.issued_at - 60, nats=nats_claims)
        held = next(made.store.glob("keys/creds/Acme/Orders/app.creds"))
        held.write_text(held.read_text().replace(token.text, older.text))

    server.after_making = put


def readable(server: Server) -> None:
    server.after_making = lambda made: next(made.store.glob("keys/creds/*/*/app.creds")).chmod(0o644)


def in_git(*commands: str) -> Callable[[Server], None]:
    def put(made: Server) -> None:
        (made.store / "keys/.gitignore").unlink(missing_ok=True)
        for command in ("init -q .", *commands):
            subprocess.run(["git", *command.split()], cwd=made.folder / "controller", check=True)

    return lambda server: setattr(server, "after_making", put)


SEED = make(Role.ACCOUNT, os.urandom(32)).seed
MUTATIONS: dict[str, tuple[Callable[[Server], Any], set[str]]] = {
    "a user of the store who may everything": (lambda s: users(s).append({"name": "free"}), {"permissions-limited"}),
    "a role that hears all replies": (
        lambda s: template(s).update(subscribe={"allow": ["_INBOX.>"]}),
        {"permissions-limited"},
    ),
    "older creds that allow more": (older_creds, {"permissions-limited"}),
    "a deny rule with a hole": (
        lambda s: users(s)[0].update(publish={"allow": ["orders.>", "$JS.API.>"], "deny": ["orders.admin.*"]}),
        {"deny-rules"},
    ),
    "a bearer without end": (lambda s: users(s).append({"name": "web", "bearer": True, **LIMITED}), {"bearer-limited"}),
    "a role of bearers": (lambda s: template(s).update(bearer=True), {"bearer-limited"}),
    "a system user who may everything": (
        lambda s: s.tree["system_account"]["users"].append({"name": "root"}),
        {"system-users"},
    ),
    "many system users": (
        lambda s: s.tree["system_account"]["users"].extend(
            {**s.tree["system_account"]["users"][0], "name": f"sys{number}"} for number in range(5)
        ),
        {"system-users"},
    ),
    "an operator without a signing key": (without_signing_key, {"trust-hierarchy"}),
    "an operator who does not insist": (
        lambda s: s.tree["operator"].update(strict_signing_key_usage=False),
        {"trust-hierarchy"},
    ),
    "an account that the identity key has signed": (signed_by_identity, {"trust-hierarchy"}),
    "a user whom nobody of the account has signed": (strange_signer, {"trust-hierarchy"}),
    "a user whom the identity key has signed": (user_of_identity(strict=False), {"trust-hierarchy"}),
    "one whom servers refuse for that": (user_of_identity(strict=True), {"trust-hierarchy"}),
    "an account that was not pushed": (not_pushed, {"trust-hierarchy"}),
    "an account of somebody else": (foreign, {"resolver-contents"}),
    "an account that has ended": (ended_account, {"resolver-contents", "expiry"}),
    "a user that ends": (
        lambda s: users(s).append({"name": "short", "expires": "5d", **LIMITED}),
        {"expiry"},
    ),
    "an account that ends": (lambda s: s.tree["accounts"][0].update(expires="5d"), {"expiry"}),
    "an operator who ends": (lambda s: s.tree["operator"].update(expires="5d"), {"expiry"}),
    "creds that others read": (readable, {"secrets-stored"}),
    "a store that git has": (in_git("add -f ."), {"secrets-stored"}),
    "a store that git would take": (in_git(), {"secrets-stored"}),
    "a seed in the inventory": (lambda s: setattr(s, "inventory", f"seed: {SEED}\n"), {"secrets-stored"}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_turns_its_control_red_and_no_other(
    name: str, server: Server, sound: tuple[set[tuple[str, str, str]], set[str]]
) -> None:
    change, expected = MUTATIONS[name]
    change(server)
    with server.running():
        found = server.audit()
    hardened.turned_red(found, sound[0], expected)
    assert server.unseen <= sound[1], server.unseen
    assert SEED not in repr(found)


def verdicts(results: tuple[Result, ...]) -> dict[str, Verdict]:
    return {result.control.id: result.verdict for result in results}


def findings(results: tuple[Result, ...], control: str) -> list[Finding]:
    return [finding for result in results if result.control.id == control for finding in result.findings]


def test_everybody_of_the_store_is_judged_once_connected_or_not(server: Server) -> None:
    async def look() -> tuple[Result, ...]:
        client = await server.connect("app")
        try:
            return server.results()
        finally:
            await client.close()

    with server.running():
        results = asyncio.run(look())
    told = findings(results, "permissions-limited")
    assert sorted(each.subject for each in told if each.subject.startswith("user ")) == [
        "user app of Orders",
        "user reader of Orders",
    ]
    (idle,) = (each.evidence for each in told if each.subject == "users of the store")
    assert "user gone of Orders (revoked)" in idle and "user left of Orders (ended)" in idle
    assert [each.subject for each in findings(results, "system-users")] == ["user sys of SYS"]


def test_accounts_of_a_memory_resolver_are_known_as_well(
    server: Server, sound: tuple[set[tuple[str, str, str]], set[str]]
) -> None:
    server.memory = True
    users(server).append({"name": "free"})
    with server.running():
        found = server.audit()
    hardened.turned_red(found, sound[0], {"permissions-limited"})
    assert not server.unseen


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("program", SERVERS)
def test_servers_and_the_audit_agree_on_whom_an_identity_key_may_sign(
    tmp_path: Path, pki: Pki, program: str, strict: bool
) -> None:
    tmp_path.chmod(0o700)
    server = Server(tmp_path, pki, program)
    user_of_identity(strict)(server)

    async def gets_in() -> bool:
        place = next(server.store.glob("stores/*/accounts/Orders/users/reader.jwt"))
        seed = server.key(tokens.read(place.read_text()).subject).seed
        (tmp_path / "reader.opened").write_bytes(creds.write(creds.Creds(place.read_text(), seed)))
        try:
            await (await server.dial(str(tmp_path / "reader.opened"))).close()
        except nats.errors.Error:
            return False
        return True

    with server.running():
        let_in = asyncio.run(gets_in())
        results = server.results()
    judged = {each.subject for each in findings(results, "permissions-limited")}
    assert let_in is not strict and ("user reader of Orders" in judged) is let_in


def test_a_sealed_store_is_opened_or_told_as_not_looked_at(server: Server) -> None:
    users(server).append({"name": "web", "bearer": True, **LIMITED})
    server.seal = server.reading = Reversed()
    with server.running():
        opened = server.results()
        server.reading = NoSeal()
        shut = server.results()
    assert verdicts(opened)["bearer-limited"] is Verdict.FAIL
    (kept,) = (each for each in findings(opened, "secrets-stored") if each.subject.startswith("trust store"))
    assert kept.verdict is Verdict.PASS and "are sealed" in kept.evidence and "clear text" not in kept.evidence
    for control in ("permissions-limited", "deny-rules", "system-users", "bearer-limited", "expiry"):
        assert verdicts(shut)[control] is Verdict.COULD_NOT_LOOK, control
    assert any("is sealed with Ansible Vault" in each.evidence for each in findings(shut, "bearer-limited"))


def test_a_store_of_another_operator_tells_nothing_of_these_users(server: Server) -> None:
    def swap(made: Server) -> None:
        shutil.rmtree(made.store)
        assert not trust(made.store, {**TREE, "operator": {"name": "Other"}}, NOW).get("failed")

    with server.running():
        swap(server)
        results = server.results()
    assert verdicts(results)["permissions-limited"] is Verdict.COULD_NOT_LOOK
    assert any("of operator Other, whom no server trusts" in each.evidence for each in findings(results, "expiry"))


def test_servers_that_hold_different_accounts(server: Server, tmp_path: Path, pki: Pki) -> None:
    """Two servers of an operator; what one has heard of, the other has not."""
    (tmp_path / "second").mkdir(mode=0o700)

    class Second(Server):
        def make(self) -> None:
            self.made = server.made
            shutil.copytree(server.resolver, self.resolver)
            account = server.account()
            signer = server.key(tokens.read(server.made["operator"]["jwt"]).nats["signing_keys"][0])
            self.hold(account["public_key"], server.again(account["jwt"], signer, nats={"description": "new"}).text)

        @property
        def store(self) -> Path:
            return server.store

    second = Second(tmp_path / "second", pki, SERVERS[-1])
    with server.running(), second.running():
        hosts = {
            name: {"address": "127.0.0.1", "facts": each.facts()} for name, each in (("n1", server), ("n2", second))
        }
        results = run.judged(server.look(hosts))
    red = {result.control.id for result in results if result.verdict is Verdict.FAIL}
    assert red == {"resolver-contents"}, results
    assert any("servers hold different versions of it" in each.evidence for each in findings(results, red.pop()))
