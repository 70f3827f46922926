# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real cluster of three servers on loopback: operator mode, mTLS, full resolver, JetStream. For tests only."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import os
import random
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, tokens
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import KeyPair, Role, make
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVERS = [path for path in os.environ.get("AEGIS_NATS_SERVERS", "").split(":") if path]
_JETSTREAM = ("mem_storage", "disk_storage", "streams", "consumer")
_LIMITS = ("subs", "data", "payload", "imports", "exports", "conn", "leaf", *_JETSTREAM)
UNLIMITED: Mapping[str, Any] = {**dict.fromkeys(_LIMITS, -1), "wildcards": True}
NO_JETSTREAM = dict.fromkeys(_JETSTREAM, 0)


def new_key(role: Role) -> KeyPair:
    return make(role, os.urandom(32))


@dataclass
class Tree:
    """An operator with one signing key, and whatever accounts and users a test makes; one key signs all users."""

    operator: KeyPair = field(default_factory=lambda: new_key(Role.OPERATOR))
    signing: KeyPair = field(default_factory=lambda: new_key(Role.OPERATOR))
    system: KeyPair = field(default_factory=lambda: new_key(Role.ACCOUNT))
    user_signing: KeyPair = field(default_factory=lambda: new_key(Role.ACCOUNT))

    def operator_jwt(self) -> str:
        nats = {
            "signing_keys": [self.signing.public_key],
            "system_account": self.system.public_key,
            "strict_signing_key_usage": True,
            "type": "operator",
            "version": 2,
        }
        return self._sign(self.operator, self.operator.public_key, "Acme", nats)

    def account_jwt(
        self,
        keys: KeyPair,
        name: str,
        *,
        issued: Optional[int] = None,
        signer: Optional[KeyPair] = None,
        expires: Optional[int] = None,
        limits: Optional[Mapping[str, Any]] = None,
        **nats: Any,
    ) -> str:
        body = {
            "limits": {**UNLIMITED, **(limits or {})},
            "signing_keys": [self.user_signing.public_key],
            **nats,
            "type": "account",
            "version": 2,
        }
        return self._sign(signer or self.signing, keys.public_key, name, body, issued=issued, expires=expires)

    def user_creds(self, account: KeyPair, name: str, **nats: Any) -> bytes:
        keys = new_key(Role.USER)
        body = {
            "subs": -1,
            "data": -1,
            "payload": -1,
            "issuer_account": account.public_key,
            **nats,
            "type": "user",
            "version": 2,
        }
        return creds.write(creds.Creds(self._sign(self.user_signing, keys.public_key, name, body), keys.seed))

    @staticmethod
    def _sign(
        signer: KeyPair,
        subject: str,
        name: str,
        nats: Mapping[str, Any],
        *,
        issued: Optional[int] = None,
        expires: Optional[int] = None,
    ) -> str:
        claims = {"sub": subject, "name": name, "iat": issued or int(time.time()), "nats": nats}
        return tokens.sign({**claims, "exp": expires} if expires else claims, signer).text


class Authority:
    """A CA that writes leaf certificates into a folder."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        return builder.not_valid_after(now + datetime.timedelta(days=1))

    def leaf(self, name: str) -> tuple[Path, Path]:
        """Certificate and key for loopback, for both ends of a connection."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = [x509.DNSName("nats.test"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = self._builder(subject, key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        private.touch(0o600)
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, private


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on right now, below those that outgoing connections are given."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randint(20000, 32000)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            if port not in found:
                found.append(port)
    return found


class Cluster:
    """Three servers; each can be stopped and started again."""

    def __init__(self, folder: Path, program: str, tree: Tree, size: int = 3) -> None:
        self.folder, self.program, self.tree = folder, program, tree
        self.authority = Authority(folder)
        self.certificate, self.key = self.authority.leaf("client")
        self.names = [f"n{number + 1}" for number in range(size)]
        ports = free_ports(3 * size)
        self.ports = dict(zip(self.names, ports))
        self._routes = dict(zip(self.names, ports[size:]))
        self._monitors = dict(zip(self.names, ports[2 * size :]))
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.sys_creds = folder / "sys.creds"
        self.sys_creds.write_bytes(tree.user_creds(tree.system, "sys"))
        exports = [
            {"name": "monitoring", "subject": "$SYS.REQ.ACCOUNT.*.*", "type": "service", "account_token_position": 4}
        ]
        self._system_jwt = tree.account_jwt(tree.system, "SYS", exports=exports, limits=NO_JETSTREAM)
        for name in self.names:
            self._configure(name)

    @property
    def urls(self) -> list[str]:
        return [f"tls://127.0.0.1:{port}" for port in self.ports.values()]

    def _configure(self, name: str) -> None:
        certificate, key = self.authority.leaf(name)
        tls = f'{{cert_file: "{certificate}", key_file: "{key}", ca_file: "{self.authority.path}", verify: true}}'
        routes = ", ".join(f'"tls://127.0.0.1:{port}"' for port in self._routes.values())
        (self.folder / f"{name}.conf").write_text(
            f"""server_name: "{name}"
listen: "127.0.0.1:{self.ports[name]}"
http: "127.0.0.1:{self._monitors[name]}"
log_file: "{self.folder}/{name}.log"
tls {tls}
operator: "{self.tree.operator_jwt()}"
resolver {{type: full, dir: "{self.folder}/{name}/jwt", allow_delete: true, interval: "1h", timeout: "1.9s"}}
resolver_preload {{{self.tree.system.public_key}: "{self._system_jwt}"}}
cluster {{name: "c1", listen: "127.0.0.1:{self._routes[name]}", tls {tls}, routes: [{routes}]}}
jetstream {{store_dir: "{self.folder}/{name}/js", max_memory_store: 64MB, max_file_store: 256MB}}
"""
        )

    def start(self, *names: str) -> None:
        """Start servers and wait until they listen."""
        for name in names or self.names:
            (self.folder / name).mkdir(exist_ok=True)
            self._running[name] = subprocess.Popen([self.program, "-c", str(self.folder / f"{name}.conf")])
        for name in names or self.names:
            self._wait_for(name)
        for name in self._running:
            self._wait_for_routes(name)

    def _wait_for(self, name: str) -> None:
        end = time.monotonic() + 15
        while time.monotonic() < end:
            assert self._running[name].poll() is None, (self.folder / f"{name}.log").read_text()[-2000:]
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[name]), 1):
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} does not listen: {(self.folder / f'{name}.log').read_text()[-2000:]}")

    def _wait_for_routes(self, name: str) -> None:
        """A server that listens may not know the others yet."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                with urllib.request.urlopen(f"http://127.0.0.1:{self._monitors[name]}/routez", timeout=5) as answer:
                    routes = json.load(answer)["routes"]
                if len({route["remote_id"] for route in routes}) == len(self._running) - 1:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{name} has no routes: {(self.folder / f'{name}.log').read_text()[-2000:]}")

    def stop(self, *names: str) -> None:
        """Stop servers, whether or not they still run."""
        running = [self._running.pop(name) for name in names or list(self._running) if name in self._running]
        for process in running:
            process.kill()
        for process in running:
            process.wait(10)

    def parameters(self, **changes: Any) -> dict[str, Any]:
        """What every verb that talks to the cluster is given."""
        given: dict[str, Any] = {
            "servers": self.urls,
            "ca": str(self.authority.path),
            "certificate": str(self.certificate),
            "key": str(self.key),
            "tls_hostname": None,
            "timeout": 5.0,
        }
        return {**given, **changes}

    def stored(self, name: str, accounts: Sequence[KeyPair]) -> list[Optional[str]]:
        """The tokens that one server has on disk."""
        files = [self.folder / name / "jwt" / f"{account.public_key}.jwt" for account in accounts]
        return [file.read_text() if file.exists() else None for file in files]


@contextlib.contextmanager
def running(folder: Path, tree: Optional[Tree] = None, program: Optional[str] = None) -> Iterator[Cluster]:
    """A running cluster, stopped at the end whatever happens."""
    cluster = Cluster(folder, program or SERVERS[-1], tree or Tree())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
