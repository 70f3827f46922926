# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of examples/clients as a reader meets them: against the quickstart, with every way to log in."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Callable, Optional

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.tests.quickstart.checkout import Checkout, environment, free_port

LANGUAGES = ("python", "node", "go")
NODE_LEAST = 22
SEED = keys.make(keys.Role.USER, bytes(range(7, 39)))


def run(*command: str | Path, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**environment(), **extra},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def tool(variable: str, name: str) -> Path:
    """A program that ./test found or fetched, or the machine's. CI never skips; elsewhere a skip is loud."""
    found = os.environ.get(variable) or shutil.which(name)
    if not found or (name == "node" and not new_enough(found)):
        assert not os.environ.get("CI"), f"{variable} names no {name}, and CI never skips this"
        warnings.warn(f"{name} is not there, NOT TESTED the client that needs it: run ./test quickstart", stacklevel=2)
        pytest.skip(f"{name} is not there: set {variable} or run ./test quickstart")
    return Path(found)


def new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.strip().removeprefix("v").split(".")[0] or 0) >= NODE_LEAST


def build_python(folder: Path) -> list[str | Path]:
    """As its README says."""
    assert run(sys.executable, "-m", "venv", ".venv", cwd=folder).returncode == 0
    pip = (".venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
    done = run(*pip, "requirements.txt", cwd=folder)
    assert done.returncode == 0, done.stderr
    return [folder / ".venv/bin/python", folder / "order_service.py"]


def build_node(folder: Path) -> list[str | Path]:
    node = tool("AEGIS_NODE", "node")
    bundled = node.resolve().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    npm = [node, bundled] if bundled.exists() else ["npm"]
    done = run(*npm, "ci", "--no-audit", "--no-fund", cwd=folder)
    assert done.returncode == 0, done.stderr
    return [node, folder / "order-service.js"]


def build_go(folder: Path) -> list[str | Path]:
    go = tool("AEGIS_GO", "go")
    done = run(go, "build", "-mod=readonly", "-o", "order-service", ".", cwd=folder, GOTOOLCHAIN="local", GOWORK="off")
    assert done.returncode == 0, done.stderr
    return [folder / "order-service"]


BUILD: Mapping[str, Callable[[Path], list[str | Path]]] = {
    "python": build_python,
    "node": build_node,
    "go": build_go,
}


@pytest.fixture(scope="module", params=LANGUAGES)
def client(checkout: Checkout, request: pytest.FixtureRequest) -> list[str | Path]:
    """The command that runs a client, built from the copy of the checkout."""
    return BUILD[request.param](checkout.place / "examples" / "clients" / request.param)


@pytest.fixture(scope="module")
def separate(checkout: Checkout, first: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Token and seed of the creds in two files."""
    folder = tmp_path_factory.mktemp("separate")
    token, seed = re.findall(r"^-+BEGIN .*-+\n(\S+)\n", Path(checkout.client()["NATS_CREDS"]).read_text(), re.MULTILINE)
    for name, content in (("user.jwt", token), ("user.nk", seed)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(content)
    return {"NATS_JWT": str(folder / "user.jwt"), "NATS_NKEY": str(folder / "user.nk")}


@pytest.fixture(scope="module")
def nkey_server(
    checkout: Checkout, first: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A server without operator that knows the user by its public key; certificates are the quickstart's."""
    folder, port, pki = tmp_path_factory.mktemp("nkey"), free_port(), checkout.state / "nats" / "pki"
    (folder / "user.nk").write_text(SEED.seed + "\n")
    config = f"""
      listen: "127.0.0.1:{port}"
      tls: {{
        cert_file: "{pki}/issued/n1/server.crt", key_file: "{pki}/issued/n1/server.key", ca_file: "{pki}/ca.crt"
        verify: true
      }}
      authorization: {{ users: [ {{
        nkey: {SEED.public_key}
        permissions: {{
          publish: ["orders.>"], subscribe: ["orders.>", "_INBOX_order-service.>"], allow_responses: true
        }}
      }} ] }}
    """
    (folder / "server.conf").write_text(config)
    binary = checkout.place / ".cache" / "server" / "nats-server"
    server = subprocess.Popen([binary, "-c", folder / "server.conf", "-l", folder / "log"])
    try:
        for _dummy in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield {"NATS_URL": f"tls://127.0.0.1:{port}", "NATS_NKEY": str(folder / "user.nk")}
    finally:
        server.terminate()
        server.wait(20)


def assert_works(done: subprocess.CompletedProcess[str], cluster: Mapping[str, str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    connected, heard, answer, refused = done.stdout.splitlines()
    address = connected.removeprefix("connected to ")
    assert f"tls://{address}" in cluster["NATS_URL"].split(",")
    assert heard.startswith("heard orders.created: ") and "12345" in heard
    assert answer == "answer: 99.99"
    assert re.match(r'refused: .*publish to "?payments\.process', refused, re.IGNORECASE), refused


def settings(checkout: Checkout, *without: str) -> dict[str, str]:
    return {name: value for name, value in checkout.client().items() if name not in without}


def test_certificate_and_creds(checkout: Checkout, first: object, client: list[str | Path]) -> None:
    known = settings(checkout)
    assert_works(run(*client, cwd=checkout.place, **known), known)


def test_certificate_and_token_with_seed_apart(
    checkout: Checkout, first: object, client: list[str | Path], separate: Mapping[str, str]
) -> None:
    known = {**settings(checkout, "NATS_CREDS"), **separate}
    assert_works(run(*client, cwd=checkout.place, **known), known)


def test_certificate_and_nkey(
    checkout: Checkout, first: object, client: list[str | Path], nkey_server: Mapping[str, str]
) -> None:
    known = {**settings(checkout, "NATS_CREDS"), **nkey_server}
    assert_works(run(*client, cwd=checkout.place, **known), known)


@pytest.mark.parametrize("without", ["certificate", "creds"])
def test_neither_alone_gets_in(
    checkout: Checkout,
    first: object,
    client: list[str | Path],
    nkey_server: Mapping[str, str],
    without: str,
) -> None:
    """A certificate of somebody else's CA, and a key that nobody knows here."""
    known: dict[str, Optional[str]] = {**settings(checkout)}
    if without == "creds":
        known = {**known, "NATS_CREDS": "", "NATS_NKEY": nkey_server["NATS_NKEY"]}
    else:
        folder = checkout.place / "examples"
        subject = ["-subj", "/CN=order-service", "-keyout", "own.key", "-out", "own.crt"]
        made = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, cwd=folder)
        assert made.returncode == 0, made.stderr
        known = {**known, "NATS_CERT": str(folder / "own.crt"), "NATS_KEY": str(folder / "own.key")}
    try:
        done = run(*client, cwd=checkout.place, **{name: str(value) for name, value in known.items()})
    except subprocess.TimeoutExpired:
        pytest.fail("it tries for ever")
    assert done.returncode != 0, done.stdout
    assert "connected to" not in done.stdout
