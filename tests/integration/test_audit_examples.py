# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No false alarm on configurations of nats-server's own tests that are meant to be secure; example_rows.py lists them.

They are read from the source of nats-server, which Go fetches and checks against the pinned checksum, and really run.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

import bcrypt
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Result, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.client.access import Pair
from ansible_collections.aegis.nats.tests.integration import looking
from ansible_collections.aegis.nats.tests.integration.example_rows import EXAMPLES, SOURCE, Example
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, free_ports
from ansible_collections.aegis.nats.tests.integration.strict_judges import GO
from ansible_collections.aegis.nats.tests.integration.test_audit_guide import OF_THE_MACHINE, SHIPPED
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import authority, certificate

pytestmark = pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no server")
VECTORS = Path(__file__).resolve().parents[1] / "vectors/config"
NAMES = {"ip": ["127.0.0.1"], "dns": ["localhost"]}
ROUTE_PASSWORD, JETSTREAM_KEY = secrets.token_hex(16), secrets.token_hex(24)
PINNED = Path(__file__).resolve().parents[1] / "official/nats_server"


@pytest.fixture(scope="module")
def source() -> Path:
    """The source of nats-server, checked by go.sum. Without Go nothing here is tested, and that is an error."""
    assert GO, "these tests read nats-server's source by Go: set AEGIS_GO, or run ./test integration"
    environment = {**os.environ, "GOWORK": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    command = [GO, "mod", "download", "-json", SOURCE]
    done = subprocess.run(
        command, cwd=PINNED, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"])


@pytest.fixture
def place(source: Path, tmp_path: Path, example: Example) -> Path:
    """A copy of its configurations, as private as files should be: those of a module have no modes of their own."""
    for folder in ("test/configs", "server/configs"):
        shutil.copytree(source / folder, tmp_path / folder, copy_function=shutil.copyfile)
    shutil.copytree(VECTORS, tmp_path / "vectors")
    if example.ca.startswith("vectors/"):
        fill(tmp_path / "vectors")
    for file, text in example.also.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    return tmp_path


def fill(folder: Path) -> None:
    """What the templates of the vectors need: certificates, hashes, secrets and folders."""
    now = datetime.now(timezone.utc)
    authority(folder, common_name="CA", now=now)
    wanted: list[dict[str, Any]] = [{"name": "app", "profile": "client", "common_name": "app"}]
    for number in (1, 2, 3):
        for name, profile in (("client-listener", "server"), ("route", "route")):
            wanted.append({"name": f"n{number}-{name}", "profile": profile, "common_name": f"n{number}", **NAMES})
        (folder / f"n{number}").mkdir()
    made = certificate(folder, wanted, now)
    assert not made.get("failed"), made
    for one in wanted:
        for kind, ends in (("crt", (".pem",)), ("key", (".key", "-key.pem"))):
            for end in ends:
                shutil.copyfile(folder / f"issued/{one['name']}.{kind}", folder / f"{one['name']}{end}")
    shutil.copyfile(folder / "ca.crt", folder / "ca.pem")
    shutil.copyfile(folder / "secure_operator_cluster_operator.jwt", folder / "operator.jwt")
    hashed = bcrypt.hashpw(secrets.token_bytes(24), bcrypt.gensalt(11, b"2a")).decode()
    for path in folder.glob("*.template"):
        text = path.read_text(encoding="utf-8").replace("@DIR@", str(folder)).replace("@BCRYPT@", hashed)
        path.write_text(text.replace("@ROUTE_PASS@", ROUTE_PASSWORD), encoding="utf-8")


@contextlib.contextmanager
def running(example: Example, place: Path) -> Iterator[dict[str, int]]:
    """Its servers, by their files; the process numbers."""
    ports = [free_ports(3) for _file in example.files]
    moved = {
        written: f"127.0.0.1:{own[at]}"
        for own, names in zip(ports, example.ports)
        for at, written in enumerate(names)
        if written
    }
    with contextlib.ExitStack() as stack:
        found = {}
        for file, own, names in zip(example.files, ports, example.ports):
            text = (place / file).read_text(encoding="utf-8")
            for written, instead in moved.items():
                text = text.replace(written, _with_its_option(written, instead))
            more = "" if names[2] else f'http: "127.0.0.1:{own[2]}"\n'
            more += "" if names[0] else f'listen: "127.0.0.1:{own[0]}"\n'
            (place / file).write_text(text + more, encoding="utf-8")
            output = stack.enter_context((place / f"{Path(file).name}.output").open("wb"))
            command = [SERVERS[-1], "-c", str(place / file)]
            environment = {"PATH": os.environ["PATH"], "JS_KEY": JETSTREAM_KEY}
            process = subprocess.Popen(command, stderr=output, cwd=place / file.partition("/")[0], env=environment)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            for port in (own[0], own[2]):
                looking.wait_for("127.0.0.1", port, (place / f"{Path(file).name}.output").read_text)
            found[Path(file).name] = process.pid
        if len(ports) > 1:
            for own in ports:
                wait_for_routes(own[2], len(ports) - 1)
        yield found


def wait_for_routes(monitoring: int, others: int) -> None:
    """Until a server has routes to all others: what is judged is a cluster."""
    end = time.monotonic() + 20
    peers: set[str] = set()
    while len(peers) < others:
        assert time.monotonic() < end, f"routes to {len(peers)} of {others}"
        time.sleep(0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{monitoring}/routez", timeout=5) as answer:
            peers = {route["remote_id"] for route in json.load(answer)["routes"] or []}


def _with_its_option(written: str, address: str) -> str:
    """What stands in place of an address, or of an option or block that has one."""
    if written.endswith("{"):
        return f'{written}\n  name: c1\n  listen: "{address}"'
    option, colon, _port = written.partition(": ")
    return f'{"listen" if option == "port" else option}: "{address}"' if colon else address


def audited(example: Example, place: Path) -> tuple[Result, ...]:
    with running(example, place) as pids:
        told = {name: looking.told_by(pid, [place]) for name, pid in pids.items()}
        return looking.judged(told, (place / example.ca).read_text(encoding="utf-8"), pair(example, place))


def pair(example: Example, place: Path) -> Optional[Pair]:
    if not example.client:
        return None
    for end in ("-cert.pem", ".pem"):
        if (place / f"{example.client}{end}").exists():
            return Pair(
                (place / f"{example.client}{end}").read_bytes(), (place / f"{example.client}-key.pem").read_bytes()
            )
    raise AssertionError(example.client)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_red_is_what_is_wrong_and_nothing_else(example: Example, place: Path) -> None:
    results = audited(example, place)
    red = [
        (control, finding)
        for control, finding in looking.red(results)
        if control not in OF_THE_MACHINE and SHIPPED not in finding.evidence
    ]
    told = "".join(f"\n{control}: {each.verdict.value}: {each.subject}: {each.evidence}" for control, each in red)
    assert {control for control, _finding in red} == set(example.red), told
    verdicts = {result.control.id: result.verdict for result in results}
    assert {control: verdicts[control] for control in example.holds} == dict.fromkeys(example.holds, Verdict.PASS)


BY_NAME = {example.name: example for example in EXAMPLES}


@pytest.mark.parametrize(
    ("example", "key"),
    [(BY_NAME["tlsverify.conf"], "server-key.pem"), (BY_NAME["tls_multi_cert_2.conf"], "srvb-key.pem")],
    ids=["a path from the server's folder", "the second of two certificates"],
)
def test_a_key_that_all_read_is_seen_wherever_it_is_named(example: Example, key: str, place: Path) -> None:
    (place / "test/configs/certs" / key).chmod(0o644)
    red = [finding for control, finding in looking.red(audited(example, place)) if control == "secrets-stored"]
    assert [finding.subject.rpartition("/")[2] for finding in red] == [key], red
