# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit's proof: a hardened server is broken in one way, and just the controls that are about it turn red.

Each mutation is a server of its own that really runs so. AEGIS_NATS_SERVERS names the programs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Optional

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import certificates, run
from ansible_collections.aegis.nats.plugins.module_utils.audit.knocking import Visitor
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Result, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access, Pair
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role, make
from ansible_collections.aegis.nats.tests.integration import looking, own_address
from ansible_collections.aegis.nats.tests.integration.live_streams import until
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no server")
NAMES = {"ip": ["127.0.0.1"], "dns": ["localhost"]}
KEY = "a-passphrase-of-JetStream-that-is-long-enough-4711"
USER, SYSTEM = make(Role.USER, os.urandom(32)), make(Role.USER, os.urandom(32))
#: bcrypt of some password; nobody logs in with it.
HASH = "$2a$11$W2zko751KUvVy59mUTWmpOdWjpEm5qhcCZRd05GjI/sSOT.xtiHyG"
PERMISSIONS = 'publish: {allow: ["orders.>", "$JS.API.>"]}, subscribe: {allow: ["orders.>", "_INBOX_app.>"]}'


Key = tuple[str, str, str]


@dataclass
class Server:
    """What a server is configured as. A mutation changes it; ``after`` is done once it runs."""

    folder: Path
    pki: Pki
    binary: str
    client_tls: dict[str, Any] = field(default_factory=lambda: {"verify": True, "min_version": '"1.3"'})
    leaf_tls: dict[str, Any] = field(default_factory=lambda: {"verify": True, "min_version": '"1.3"'})
    top: dict[str, Any] = field(default_factory=dict)
    monitoring: str = "127.0.0.1"
    certificate: str = "server"
    permissions: Optional[str] = PERMISSIONS
    system_permissions: Optional[str] = (
        'publish: {allow: ["$SYS.REQ.SERVER.PING.>"]}, subscribe: {allow: ["_INBOX_sys.>"]}'
    )
    jetstream: dict[str, Any] = field(default_factory=lambda: {"key": "$JS_KEY"})
    environment: dict[str, str] = field(default_factory=lambda: {"JS_KEY": KEY})
    plain: bool = False
    after: Callable[[Server], None] = lambda server: None
    last: Optional[datetime] = None
    further: Sequence[Door] = ()
    unseen: set[str] = field(default_factory=set)
    process: Optional[subprocess.Popen[bytes]] = None
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "nats.conf"

    @property
    def log(self) -> Path:
        return self.folder / "nats.log"

    def _tls(self, name: str, options: dict[str, Any]) -> str:
        files = {
            "cert_file": f'"{self.pki.file(name)}"',
            "key_file": f'"{self.pki.file(name, "key")}"',
            "ca_file": f'"{self.pki.folder}/ca.crt"',
            "timeout": 5,
        }
        said = {
            **files,
            **{key: str(value).lower() if isinstance(value, bool) else value for key, value in options.items()},
        }
        return "tls { " + ", ".join(f"{key}: {value}" for key, value in said.items() if value is not None) + " }"

    def _user(self, pair: KeyPair, permissions: Optional[str]) -> str:
        return f"{{ nkey: {pair.public_key}{f', permissions: {{ {permissions} }}' if permissions else ''} }}"

    def text(self) -> str:
        top = {
            "log_file": f'"{self.log}"',
            "log_size_limit": 1048576,
            "log_max_num": 3,
            "http": f'"{self.monitoring}:{self.ports["monitoring"]}"',
            **self.top,
        }
        store = {"store_dir": f'"{self.folder}/js"', **self.jetstream}
        tls = "" if self.plain else self._tls(self.certificate, self.client_tls)
        return f"""
listen: "127.0.0.1:{self.ports["client"]}"
server_name: n1
{tls}
accounts {{
  A {{ jetstream: enabled, users: [{self._user(USER, self.permissions)}] }}
  SYS {{ users: [{self._user(SYSTEM, self.system_permissions)}] }}
}}
system_account: SYS
leafnodes {{ listen: "127.0.0.1:{self.ports["leafnode"]}", {self._tls("leafnode", self.leaf_tls)}
  authorization {{ user: leaf, password: "{HASH}", account: A }} }}
jetstream {{ {", ".join(f"{key}: {value}" for key, value in store.items() if value is not None)} }}
{chr(10).join(f"{key}: {value}" for key, value in top.items() if value is not None)}
"""

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        held = [socket.create_server(("127.0.0.1", 0)) for _dummy in range(3)]
        self.ports = dict(zip(("client", "leafnode", "monitoring"), (one.getsockname()[1] for one in held)))
        for one in held:
            one.close()
        self.config.touch(mode=0o600)
        self.config.write_text(self.text())
        environment = {"PATH": os.environ["PATH"], **self.environment}
        self.process = subprocess.Popen([self.binary, "-c", str(self.config)], env=environment)
        try:
            for kind, port in self.ports.items():
                address = self.monitoring if kind == "monitoring" else "127.0.0.1"
                looking.wait_for(address, port, lambda: self.log.read_text() if self.log.exists() else "no log")
            self.log.chmod(0o640)
            if not self.plain:
                asyncio.run(self.fill())
            self.after(self)
            yield
        finally:
            self.process.terminate()
            self.process.wait(20)

    async def fill(self) -> None:
        """Something that must not be readable on the disk."""
        url = f"tls://127.0.0.1:{self.ports['client']}"
        client = await nats.connect(
            url,
            tls=self.context(),
            tls_handshake_first=bool(self.client_tls.get("handshake_first")),
            nkeys_seed_str=USER.seed,
            inbox_prefix=b"_INBOX_app",
            connect_timeout=5,
        )
        js = client.jetstream()
        await until(lambda: js.add_stream(name="ORDERS", subjects=["orders.>"]))
        await until(lambda: js.publish("orders.one", b"what is ordered"))
        await client.close()

    def context(self) -> ssl.SSLContext:
        """A client of the cluster."""
        context = ssl.create_default_context(cafile=str(self.pki.folder / "ca.crt"))
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(self.pki.file("app"), self.pki.file("app", "key"))
        return context

    def facts(self) -> dict[str, Any]:
        """What aegis.nats.node_audit tells."""
        assert self.process is not None
        facts = looking.told_by(self.process.pid, [self.folder])
        for secret in (KEY, HASH, USER.seed):
            assert secret not in repr(facts)
        return facts

    def visitor(self, now: datetime) -> Visitor:
        pair = Pair(Path(self.pki.file("app")).read_bytes(), Path(self.pki.file("app", "key")).read_bytes())
        access = Access((), ca=self.pki.ca.encode(), pair=pair, timeout=4)
        issued = Folder(str(self.pki.folder), NoSeal())
        misused = certificates.for_servers_alone(issued, self.pki.ca.encode(), now)
        return Visitor(access, certificates.stranger(now), *misused)

    def results(self) -> tuple[Result, ...]:
        now = datetime.now(timezone.utc)
        hosts = {"n1": {"address": "127.0.0.1", "facts": self.facts()}}
        return run.judged(run.audit(hosts, self.further, self.visitor(now), now, self.last))

    def audit(self) -> dict[tuple[str, str, str], Finding]:
        """The red findings, by control and subject; ports are not part of it, they differ."""
        results = self.results()
        self.unseen = unseen(results)
        return {
            (control, finding.subject.split(" (")[0], finding.verdict.value): finding
            for control, finding in looking.red(results)
        }


def unseen(results: Iterable[Result]) -> set[str]:
    """Controls of which something could not be looked at."""
    return {
        result.control.id
        for result in results
        for finding in result.findings
        if finding.verdict is Verdict.COULD_NOT_LOOK
    }


def turned_red(found: Mapping[Key, Finding], sound: Iterable[Key], expected: set[str]) -> None:
    """Just these controls have findings that the hardened server does not have."""
    new = {key: finding for key, finding in found.items() if key not in sound}
    assert {control for control, *_rest in new} == expected, new


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """An authority whose server certificates end when they should, and in five days; and keys that anybody reads."""
    folder = tmp_path_factory.mktemp("pki")
    now = datetime.now(timezone.utc)
    authority(folder, common_name="Our CA", now=now)
    wanted = [
        {"name": "server", "profile": "server", "common_name": "n1", **NAMES},
        {"name": "server2", "profile": "server", "common_name": "n1", **NAMES},
        {"name": "open", "profile": "server", "common_name": "n1", **NAMES},
        {"name": "leafnode", "profile": "leafnode", "common_name": "n1", **NAMES},
        {"name": "app", "profile": "client", "common_name": "app"},
        {"name": "short", "profile": "server", "common_name": "n1", "days": 5, **NAMES},
    ]
    made = certificate(folder, wanted, now)
    assert not made.get("failed"), made
    os.chmod(folder / "issued/open.key", 0o644)
    return Pki(folder)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    folder = tmp_path_factory.mktemp("other")
    now = datetime.now(timezone.utc)
    authority(folder, common_name="Their CA", now=now)
    certificate(folder, [{"name": "server", "profile": "server", "common_name": "n1", **NAMES}], now)
    return Pki(folder)


@pytest.fixture
def server(tmp_path: Path, pki: Pki) -> Server:
    os.chmod(tmp_path, 0o700)
    return Server(tmp_path, pki, SERVERS[-1])


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> set[tuple[str, str, str]]:
    """What is red on the hardened server, and why that is right."""
    made = Server(tmp_path_factory.mktemp("sound"), pki, SERVERS[-1])
    os.chmod(made.folder, 0o700)
    with made.running():
        found = made.audit()
    # A single server without an operator, on a machine that carries no logs away.
    assert {control for control, *_rest in found} <= {"trust-hierarchy", "logs"}, found
    assert all(finding.verdict is Verdict.WARN for finding in found.values())
    assert not made.unseen
    return set(found)


def of_others(server: Server, other: Pki) -> None:
    server.pki.folder.joinpath("issued/foreign.crt").write_bytes(Path(other.file("server")).read_bytes())
    server.pki.folder.joinpath("issued/foreign.key").write_bytes(Path(other.file("server", "key")).read_bytes())
    os.chmod(server.pki.folder / "issued/foreign.key", 0o600)
    server.certificate = "foreign"


def logged(text: str) -> Callable[[Server], None]:
    def write(server: Server) -> None:
        with server.log.open("a") as file:
            file.write(f"[1] 2026/11/29 00:00:00 [INF] {text}\n")

    return write


def lying_about(server: Server) -> None:
    place = server.folder / "left.creds"
    place.write_text(f"-----BEGIN USER NKEY SEED-----\n{USER.seed}\n-----END USER NKEY SEED-----\n")
    place.chmod(0o644)


def edited(server: Server) -> None:
    moment = time.time() + 60
    os.utime(server.config, (moment, moment))


def swapped(server: Server) -> None:
    """A certificate was renewed, and nobody has the server load it."""
    for kind in ("crt", "key"):
        place = server.folder / f"served.{kind}"
        place.write_bytes(Path(server.pki.file("server2", kind)).read_bytes())
        place.chmod(0o600)


def served_from_here(server: Server) -> None:
    for kind in ("crt", "key"):
        place = server.folder / f"served.{kind}"
        place.write_bytes(Path(server.pki.file("server", kind)).read_bytes())
        place.chmod(0o600)
    server.client_tls.update(cert_file=f'"{server.folder}/served.crt"', key_file=f'"{server.folder}/served.key"')
    server.after = swapped


def log_mode(server: Server) -> None:
    server.after = lambda made: made.log.chmod(0o644)


MUTATIONS: dict[str, tuple[Callable[[Server], Any], set[str]]] = {
    "no TLS": (lambda s: setattr(s, "plain", True), {"tls-authority"}),
    "weak suites": (
        lambda s: s.client_tls.update(
            min_version='"1.2"',
            cipher_suites='["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"]',
            allow_insecure_cipher_suites=True,
        ),
        {"tls-suites"},
    ),
    "no client certificate asked for": (lambda s: s.client_tls.update(verify=False), {"tls-client-certificate"}),
    "a user for whoever has none": (lambda s: s.top.update(no_auth_user=USER.public_key), {"login-required"}),
    "a user who may everything": (lambda s: setattr(s, "permissions", None), {"permissions-limited"}),
    "a user who hears all replies": (
        lambda s: setattr(
            s,
            "permissions",
            'publish: {allow: ["orders.>", "$JS.API.>"]}, subscribe: {allow: ["_INBOX.>", "_INBOX_app.>"]}',
        ),
        {"permissions-limited"},
    ),
    "no encryption": (lambda s: s.jetstream.update(key=None), {"data-encrypted"}),
    "the key in the configuration": (lambda s: s.jetstream.update(key=f'"{KEY}"'), {"data-encrypted"}),
    "the key is a path": (lambda s: s.environment.update(JS_KEY="/etc/nats/jetstream.key"), {"data-encrypted"}),
    "a weak key": (lambda s: s.environment.update(JS_KEY="short"), {"data-encrypted"}),
    "leaf nodes without certificates": (lambda s: s.leaf_tls.update(verify=False), {"peers-mutual-tls"}),
    "a password in the log": (
        lambda s: setattr(s, "after", logged("Removed route nats://route:Zq7-planted@10.0.0.1:6222")),
        {"logs"},
    ),
    "a log that grows": (lambda s: s.top.update(log_max_num=None), {"logs"}),
    "a log that all read": (log_mode, {"logs"}),
    "a certificate that ends": (lambda s: setattr(s, "certificate", "short"), {"expiry"}),
    "a certificate that is not loaded": (served_from_here, {"expiry"}),
    "creds lying about": (lambda s: setattr(s, "after", lying_about), {"secrets-stored"}),
    "a key that all read": (lambda s: setattr(s, "certificate", "open"), {"secrets-stored"}),
    "edited, not loaded": (lambda s: setattr(s, "after", edited), {"drift"}),
    "nobody has looked for long": (
        lambda s: setattr(s, "last", datetime.now(timezone.utc) - timedelta(days=90)),
        {"drift"},
    ),
    "system users without limits": (lambda s: setattr(s, "system_permissions", None), {"system-users"}),
    "addresses that clients say themselves": (lambda s: s.top.update(proxy_protocol="true"), {"proxy-protocol"}),
    "verified against everybody": (lambda s: s.leaf_tls.update(ca_file=None), {"verify-with-authority"}),
    "a deny rule with a hole": (
        lambda s: setattr(s, "permissions", PERMISSIONS.replace("publish: {", 'publish: {deny: ["orders.admin.*"], ')),
        {"deny-rules"},
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_turns_its_control_red_and_no_other(
    name: str, server: Server, sound: set[tuple[str, str, str]]
) -> None:
    change, expected = MUTATIONS[name]
    change(server)
    with server.running():
        found = server.audit()
    turned_red(found, sound, expected)
    assert server.unseen <= {"tls-authority"} if name == "no TLS" else not server.unseen, server.unseen


def test_a_server_that_begins_with_the_handshake_is_seen_as_well(server: Server) -> None:
    server.client_tls.update(handshake_first=True)
    with server.running():
        verdicts = {result.control.id: result.verdict for result in server.results()}
    assert {verdicts[control] for control in ("tls-authority", "tls-suites", "login-required")} == {Verdict.PASS}
    assert verdicts["tls-client-certificate"] is Verdict.PASS


@pytest.fixture
def address() -> Iterator[str]:
    """An address that is not loopback's, though nobody else reaches it: it is on that interface."""
    if not own_address.POSSIBLE:
        pytest.skip(own_address.WHY_NOT)
    with own_address.own_address("198.51.100.77") as found:
        yield found


def test_monitoring_for_everybody(server: Server, address: str, sound: set[tuple[str, str, str]]) -> None:
    server.monitoring = address
    with server.running():
        found = server.audit()
    turned_red(found, sound, {"monitoring-closed"})


def test_a_certificate_of_another_authority(server: Server, other: Pki, sound: set[tuple[str, str, str]]) -> None:
    of_others(server, other)
    with server.running():
        found = server.audit()
    turned_red(found, sound, {"tls-authority"})


def test_an_old_server_has_known_flaws(server: Server, sound: set[tuple[str, str, str]]) -> None:
    server.binary = SERVERS[0]
    with server.running():
        found = server.audit()
    turned_red(found, sound, {"version"})
    assert "GHSA-" in found["version", "n1", "fail"].evidence
