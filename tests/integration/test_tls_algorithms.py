# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers of each release agree on: the key exchanges that they know, the hybrid one first, and FIPS mode."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Access
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.fips import knows_fips
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.tls import CURVES, GCM_SUITES, TLS13_SUITES
from ansible_collections.aegis.nats.plugins.module_utils.probe.hello import GROUPS, Offer
from ansible_collections.aegis.nats.plugins.module_utils.probe.knock import Answer, say_hello
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Authority, free_ports
from ansible_collections.aegis.nats.tests.integration.strict_judges import GO, go_program

pytestmark = [pytest.mark.skipif(not SERVERS, reason="set AEGIS_NATS_SERVERS to nats-server binaries")]
everywhere = pytest.mark.parametrize("server", SERVERS, ids=lambda path: Path(path).name)
HYBRID = "X25519MLKEM768"


def release_of(server: str) -> tuple[int, ...]:
    said = subprocess.run([server, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(int(part) for part in said.strip().rpartition("v")[2].split("."))


@contextlib.contextmanager
def listening(server: str, folder: Path, block: str = "", fips: bool = False, more: str = "") -> Iterator[str]:
    """The URL of a server whose TLS block has these lines besides."""
    certificate, key = Authority(folder).leaf("n1")
    (port,) = free_ports(1)
    config = folder / "server.conf"
    config.write_text(
        f'listen: 127.0.0.1:{port}\ntls {{ cert_file: "{certificate}", key_file: "{key}"\n{block}\n}}\n{more}\n'
    )
    surroundings = {**os.environ, "GODEBUG": "fips140=on" if fips else ""}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([server, "-c", str(config)], stderr=log, env=surroundings)
    try:
        for _attempt in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield f"tls://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def agreed(url: str, offer: Offer) -> str:
    found = say_hello(url, Access((), timeout=5), offer)
    return found.evidence if found.answer is Answer.ADMITTED else ""


def taken(url: str) -> tuple[set[str], set[str]]:
    """Groups and suites of TLS 1.3 that are taken where they are all that is offered."""
    groups = {name for name in GROUPS if agreed(url, Offer(groups=(name,)))}
    return groups, {name for name in TLS13_SUITES if agreed(url, Offer((name,)))}


@everywhere
def test_the_hybrid_key_exchange_is_first(server: str, tmp_path: Path) -> None:
    known = {name for name, since in CURVES.items() if since <= release_of(server)}
    with listening(server, tmp_path) as url:
        first = agreed(url, Offer()).partition(" with ")[2]
        assert first == (HYBRID if HYBRID in known else "X25519")
        assert agreed(url, Offer(groups=("X25519",))).endswith("X25519")
        assert taken(url) == (known, set(TLS13_SUITES))


@everywhere
@pytest.mark.skipif(GO is None, reason="no go: its own client has not shaken hands")
def test_the_client_of_go_agrees_on_it(server: str, tmp_path: Path) -> None:
    """A whole handshake, with a client that knows the hybrid key exchange and is told nothing of it."""
    with listening(server, tmp_path) as url:
        command = [go_program("dialler"), url.removeprefix("tls://"), str(tmp_path / "ca.pem")]
        agreed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert agreed == (HYBRID if release_of(server) >= CURVES[HYBRID] else "X25519")


@everywhere
def test_a_list_takes_away_and_orders_nothing(server: str, tmp_path: Path) -> None:
    with listening(server, tmp_path, 'curve_preferences: ["CurveP384", "CurveP256", "X25519"]') as url:
        assert agreed(url, Offer()).endswith("X25519")
        assert taken(url)[0] == {"X25519", "CurveP256", "CurveP384"}


@everywhere
def test_fips_mode_in_tls(server: str, tmp_path: Path) -> None:
    """Go's own TLS keeps to it in every release."""
    storage = f'jetstream {{ store_dir: "{tmp_path}/js", key: abc, cipher: aes }}'
    with listening(server, tmp_path, 'curve_preferences: ["CurveP256", "CurveP384"]', True, storage) as url:
        assert taken(url) == ({"CurveP256", "CurveP384"}, set(TLS13_SUITES) - {"TLS_CHACHA20_POLY1305_SHA256"})


@everywhere
@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ('jetstream {{ store_dir: "{}", key: abc, cipher: chacha }}', "chacha"),
        (
            "accounts {{ A {{ users: [{{user: a, password: a}}] }} }}\nauthorization {{ auth_callout {{ account: A, "
            "auth_users: [a], issuer: ABJHLOVMPA4CI6R5KLNGOB4GSLNIY7IOUPAJC4YFNDLQVIOBYQGUWVLA }} }}",
            "auth_callout",
        ),
    ],
    ids=["chacha", "callout"],
)
def test_fips_mode_in_the_server(server: str, tmp_path: Path, config: str, complaint: str) -> None:
    """Which releases know of it, and refuse what the preflight refuses."""
    (tmp_path / "server.conf").write_text(config.format(tmp_path))
    surroundings = {**os.environ, "GODEBUG": "fips140=on"}
    argv = [server, "-t", "-c", str(tmp_path / "server.conf")]
    tried = subprocess.run(argv, env=surroundings, capture_output=True, text=True, check=False)
    refused = tried.returncode != 0 and complaint in tried.stderr and "FIPS-140 mode" in tried.stderr
    assert refused is knows_fips(release_of(server)), tried.stderr
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


@everywhere
def test_suites_that_the_role_offers_to_tls12(server: str, tmp_path: Path) -> None:
    """Each is one that the server starts with, in and out of FIPS mode."""
    names = ", ".join(f'"{name}"' for name in GCM_SUITES)
    for fips in (False, True):
        with listening(server, tmp_path, f'min_version: "1.2"\ncipher_suites: [{names}]', fips) as url:
            assert agreed(url, Offer())
