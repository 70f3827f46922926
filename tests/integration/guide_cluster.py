# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters and servers built of a guide's own snippets (tests/vectors/guide), with the repairs that a start takes.

Certificates are made by openssl and the tree by nsc, with the guide's commands. Nothing is mended that does not keep a
server from starting, or the cluster from forming; guide_snippets.py names each repair. For tests only.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import ssl
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Optional

import nats
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Result
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Pair
from ansible_collections.aegis.nats.plugins.module_utils.trust import tokens
from ansible_collections.aegis.nats.tests.integration import looking
from ansible_collections.aegis.nats.tests.integration.guide_snippets import NODES, snippet
from ansible_collections.aegis.nats.tests.integration.live_cluster import free_ports
from ansible_collections.aegis.nats.tests.official.official import NSC
from nats.aio.client import Client

#: What files have whose modes nobody speaks of.
MODES = {"file": 0o644, "folder": 0o755}
ACCOUNTS = ("TeamAlpha", "ExternalPartner")


def carry_out(commands: str, folder: Path, home: Path) -> None:
    """As the guide's reader does, in ``folder``."""
    environment = {"HOME": str(home), "PATH": f"{Path(str(NSC)).parent}:{os.environ['PATH']}"}
    command = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(
        command, cwd=folder, env=environment, umask=0o022, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def certificates(folder: Path, address: str) -> Path:
    """The guide's authority with its server's certificate, and those that it uses and never makes, made likewise.

    ``cluster`` is as the server's is, ``cluster-both`` good for both ends; ``ecdsa`` a server's with such a key.
    """
    written, place = snippet("certificates", False, address=address), folder / "nats-certs"
    carry_out(written, folder, folder)
    for name, forms in (("cluster", False), ("cluster-both", True), ("client", False), ("ecdsa", False)):
        commands = snippet("certificates", forms, address=address)
        commands = commands[commands.index("# Generate server private key") :].replace(
            "server/server", f"server/{name}"
        )
        if name == "client":
            commands = commands.replace("serverAuth", "clientAuth")
        if name == "ecdsa":
            key = f"-out server/{name}-key.pem"
            commands = commands.replace(f"genrsa {key} 4096", f"ecparam -name prime256v1 -genkey -noout {key}")
        carry_out(commands, place, folder)
    return place


@dataclass
class Node:
    """One server of the cluster, on folders of its own that stand for /etc/nats and /var."""

    name: str
    folder: Path
    ports: Mapping[str, int]
    process: Optional[subprocess.Popen[bytes]] = None

    @property
    def etc(self) -> Path:
        return self.folder / "etc"

    @property
    def log(self) -> Path:
        return self.folder / "var/nats-server.log"


@dataclass
class Guide:
    """The cluster. address: where its servers listen. ``forms`` says whether the repairs for that are made."""

    folder: Path
    address: str
    binary: str
    forms: bool = False
    nodes: list[Node] = field(default_factory=list)

    def make(self) -> None:
        """What the guide has its reader do before any server starts."""
        certs = certificates(self.folder, self.address)
        etc = self.folder / "etc"
        for place in ("jwt/accounts", "creds"):
            (etc / place).mkdir(parents=True)
            (etc / place).chmod(MODES["folder"])
        for name in ("operator", "accounts", "users"):
            carry_out(snippet(name, True, etc=etc), self.folder, self.folder)
        ports = iter(free_ports(3 * len(NODES)))
        for name in NODES:
            node = Node(name, self.folder / name, {kind: next(ports) for kind in ("client", "route", "monitoring")})
            (node.folder / "var").mkdir(parents=True)
            shutil.copytree(etc, node.etc)
            (node.etc / "certs").mkdir()
            for path in (*(certs / "server").glob("*.pem"), certs / "ca/ca-cert.pem"):
                shutil.copy(path, node.etc / "certs")
            self.nodes.append(node)

    def configure(self) -> None:
        routes = {node.name: node.ports["route"] for node in self.nodes}
        for node in self.nodes:
            places = {"name": node.name, "etc": node.etc, "var": node.folder / "var", "address": self.address}
            text = snippet("production", self.forms, **places, **node.ports, **routes)
            (node.folder / "nats-server.conf").write_text(text, encoding="ascii")
            (node.folder / "nats-server.conf").chmod(MODES["file"])
            if self.forms:
                for kind in ("cert", "key"):
                    shutil.copy(node.etc / f"certs/cluster-both-{kind}.pem", node.etc / f"certs/cluster-{kind}.pem")
                for account, key in self.accounts().items():
                    shutil.copy(node.etc / f"jwt/accounts/{account}.jwt", node.etc / f"jwt/accounts/{key}.jwt")

    def accounts(self) -> dict[str, str]:
        """The accounts' keys, by their names."""
        texts = {name: (self.folder / f"etc/jwt/accounts/{name}.jwt").read_text().strip() for name in ACCOUNTS}
        return {name: tokens.read(text).subject for name, text in texts.items()}

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self.configure()
        try:
            for node in self.nodes:
                command = [self.binary, "-c", str(node.folder / "nats-server.conf")]
                node.process = subprocess.Popen(command, env={"PATH": os.environ["PATH"]})
            for node in self.nodes:
                self.wait_for(node)
            yield
        finally:
            for node in self.nodes:
                if node.process is not None:
                    node.process.terminate()
                    node.process.wait(30)

    def wait_for(self, node: Node) -> None:
        """Until it answers, and, where the cluster forms, has routes to the others and is healthy."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            assert node.process is not None and node.process.poll() is None, node.log.read_text()[-3000:]
            with contextlib.suppress(OSError):
                if not self.forms:
                    return self.asked(node, "varz") and None
                peers = {route["remote_id"] for route in self.asked(node, "routez")["routes"] or []}
                if len(peers) == len(NODES) - 1 and self.asked(node, "healthz")["status"] == "ok":
                    return None
            time.sleep(0.1)
        raise AssertionError(node.log.read_text()[-3000:])

    def asked(self, node: Node, path: str) -> dict[str, Any]:
        url = f"http://{self.address}:{node.ports['monitoring']}/{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    @property
    def certs(self) -> Path:
        return self.folder / "nats-certs"

    @property
    def pair(self) -> Pair:
        return Pair(*((self.certs / f"server/client-{kind}.pem").read_bytes() for kind in ("cert", "key")))

    async def connect(self, user: str, node: Node) -> Client:
        """As an application of the guide: its creds and a certificate."""
        context = ssl.create_default_context(cafile=str(self.certs / "ca/ca-cert.pem"))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.load_cert_chain(self.certs / "server/client-cert.pem", self.certs / "server/client-key.pem")
        creds = self.folder / f".local/share/nats/nsc/keys/creds/MyCompany/TeamAlpha/{user}.creds"
        url = f"tls://{self.address}:{node.ports['client']}"
        return await nats.connect(
            url, tls=context, user_credentials=str(creds), allow_reconnect=False, connect_timeout=5
        )

    def audit(self) -> tuple[Result, ...]:
        told = {node.name: looking.told_by(node.process.pid, [node.etc]) for node in self.nodes if node.process}
        return looking.judged(told, (self.certs / "ca/ca-cert.pem").read_text(), self.pair, self.address)

    def with_ecdsa(self, node: Node) -> tuple[Result, ...]:
        """Audit one server once it serves a certificate of the other kind."""
        for kind in ("cert", "key"):
            shutil.copy(node.etc / f"certs/ecdsa-{kind}.pem", node.etc / f"certs/server-{kind}.pem")
        assert node.process is not None
        node.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while "Reloaded server configuration" not in node.log.read_text():
            assert time.monotonic() < end, node.log.read_text()[-3000:]
            time.sleep(0.05)
        told = {node.name: looking.told_by(node.process.pid, [node.etc])}
        return looking.judged(told, (self.certs / "ca/ca-cert.pem").read_text(), self.pair, self.address)

    def single(self, name: str, **given: object) -> tuple[Result, ...]:
        """The audit of one server with a configuration of the guide's, which runs for as long as it takes."""
        folder = self.folder / name
        shutil.copytree(self.nodes[0].etc, folder / "etc")
        (folder / "var").mkdir()
        (port,) = free_ports(1)
        config = folder / "nats-server.conf"
        places = {"etc": folder / "etc", "var": folder / "var", "client": port}
        config.write_text(snippet(name, True, **places, **given), encoding="ascii")
        config.chmod(MODES["file"])
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen([self.binary, "-c", str(config)], stderr=output, cwd=folder)
        try:
            looking.wait_for("127.0.0.1", port, (folder / "output").read_text)
            told = {name: looking.told_by(process.pid, [folder / "etc"])}
            return looking.judged(told, (self.certs / "ca/ca-cert.pem").read_text(), self.pair)
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def account_server(accounts: Path) -> Iterator[int]:
    """What the guide's other resolver asks: the accounts by their keys, over http; its port."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(accounts))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
