# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real exporter beside real servers of every release: what rules and dashboard ask for is what it tells.

And what it does with passwords and with a server that is gone, on which the role and its rules are built.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import bcrypt
import nats
import pytest
import yaml
from ansible_collections.aegis.nats.plugins.module_utils.node.checks.monitoring import METRICS
from ansible_collections.aegis.nats.tests.integration.alert_cases import ROLE, rules
from ansible_collections.aegis.nats.tests.integration.live_cluster import SERVERS, Authority, free_ports
from ansible_collections.aegis.nats.tests.integration.live_streams import until

EXPORTER = os.environ.get("AEGIS_NATS_EXPORTER") or shutil.which("prometheus-nats-exporter")
pytestmark = [
    pytest.mark.skipif(not SERVERS, reason="AEGIS_NATS_SERVERS names no nats-server"),
    pytest.mark.skipif(
        not EXPORTER, reason="the exporter is not there: set AEGIS_NATS_EXPORTER or run ./test integration"
    ),
]
DEFAULTS = yaml.safe_load((ROLE / "defaults/main/main.yml").read_text(encoding="utf-8"))
_NAME = re.compile(r"\b(?:gnatsd|jetstream)_\w+")


def asked() -> set[str]:
    """The exporter's metrics in rules and dashboard."""
    board = json.loads((ROLE / "files/nats_dashboard.json").read_text(encoding="utf-8"))
    questions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return set(_NAME.findall(" ".join([*questions, *(str(rule["expr"]) for rule in rules())])))


class Three:
    """Three servers of one release without TLS and login, and an exporter beside the first."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self.server = server
        ports = free_ports(10)
        self.clients, self.routes, self.monitors, self.port = ports[:3], ports[3:6], ports[6:9], ports[9]
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in self.routes)
        for number in range(3):
            place = self.folder / f"n{number + 1}.conf"
            place.write_text(
                f"""server_name: n{number + 1}
listen: "127.0.0.1:{self.clients[number]}"
http: "127.0.0.1:{self.monitors[number]}"
jetstream {{store_dir: "{self.folder}/{number}", max_file: 64MB, max_mem: 16MB}}
cluster {{name: c, listen: "127.0.0.1:{self.routes[number]}", routes: [{routes}]}}
"""
            )
            self.run(self.server, "-c", str(place))
        asyncio.run(self.fill())

    async def fill(self) -> None:
        connection = await until(lambda: nats.connect(f"nats://127.0.0.1:{self.clients[0]}", connect_timeout=2))
        streams = connection.jetstream()
        await until(lambda: streams.add_stream(name="S", subjects=["s"], num_replicas=3))
        for _number in range(20):
            await until(lambda: streams.publish("s", b"x"))
        await connection.close()

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"log-{len(self.running)}").open("wb")
        self.running.append(subprocess.Popen(words, stdout=log, stderr=log))
        return self.running[-1]

    def exporter(self, *words: str) -> subprocess.Popen[bytes]:
        told = f"n1,http://127.0.0.1:{self.monitors[0]}"
        return self.run(str(EXPORTER), "-addr", "127.0.0.1", "-port", str(self.port), "-ri", "1", *words, told)

    def metrics(self, where: str = "http", login: str = "") -> str:
        request = urllib.request.Request(f"{where}://127.0.0.1:{self.port}/metrics")
        if login:
            request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
        context = ssl._create_unverified_context() if where == "https" else None
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:
            return str(answer.read().decode())

    def status(self, where: str = "http", login: str = "") -> int:
        end = time.monotonic() + 15
        while True:
            try:
                self.metrics(where, login)
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.1)
            else:
                return 200

    def close(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


@contextlib.contextmanager
def three(folder: Path, server: str) -> Iterator[Three]:
    made = Three(folder, server)
    try:
        made.start()
        yield made
    finally:
        made.close()


def wait_for(made: Three, words: str, seconds: float = 20) -> str:
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            found = made.metrics()
            if words in found:
                return found
        assert time.monotonic() < end, f"{words} is not told"
        time.sleep(0.2)


def sample(text: str, name: str, label: str = "") -> Optional[str]:
    found = re.search(rf"^{name}\{{[^}}]*{label}[^}}]*\}} (\S+)$", text, re.MULTILINE)
    return found[1] if found else None


@pytest.mark.parametrize("server", SERVERS, ids=lambda path: Path(path).parent.name)
def test_what_is_asked_for_is_told_by_every_release(tmp_path: Path, server: str) -> None:
    words = [f"-{name}" for name in DEFAULTS["nats_monitoring_exporter_metrics"]]
    with three(tmp_path, server) as made:
        made.exporter(*words, "-jsz", DEFAULTS["nats_monitoring_exporter_jetstream"])
        text = wait_for(made, "jetstream_stream_last_seq")
        told = set(re.findall(r"^(\w+)[{ ]", text, re.MULTILINE))
        assert asked() - told == set()
        # The labels by which rules tell things apart.
        assert re.search(r'jetstream_server_jetstream_disabled\{[^}]*meta_leader="n[123]"', text)
        assert re.search(r'jetstream_stream_last_seq\{[^}]*account_name="\$G"[^}]*stream_name="S"[^}]*\} 20', text)
        assert (
            sample(text, "gnatsd_varz_remotes") == "2"
            and sample(text, "gnatsd_varz_jetstream_meta_cluster_size") == "3"
        )


def test_a_lost_server_is_told_by_its_health_alone(tmp_path: Path) -> None:
    """The last numbers of the others stay, as if it lived: so rules leave them out."""
    with three(tmp_path, SERVERS[-1]) as made:
        made.exporter("-varz", "-healthz", "-jsz", "all")
        before = wait_for(made, "jetstream_stream_last_seq")
        assert sample(before, "gnatsd_healthz_status") == "0"
        made.running[0].kill()
        made.running[0].wait()
        after = wait_for(made, 'value="unreachable"')
        assert sample(after, "gnatsd_healthz_status_value", 'value="unreachable"') == "0"
        assert sample(after, "gnatsd_healthz_status") is None
        assert sample(after, "gnatsd_varz_connections") is not None
        assert not re.search(r"^jetstream_", after, re.MULTILINE)


def test_without_a_majority_no_leader_is_told(tmp_path: Path) -> None:
    with three(tmp_path, SERVERS[-1]) as made:
        made.exporter("-varz", "-healthz", "-jsz", "all")
        wait_for(made, "jetstream_stream_last_seq")
        for process in made.running[1:3]:
            process.kill()
            process.wait()
        text = wait_for(made, 'meta_leader=""', 40)
        assert sample(text, "jetstream_server_jetstream_disabled", 'meta_leader=""') == "0"
        # This label goes on telling the one that was.
        assert 'gnatsd_varz_jetstream_meta_leader{server_id="n1",value="n' in text


def test_who_may_ask(tmp_path: Path) -> None:
    """A password alone is asked for, by a hash of one sort alone; a client certificate never is."""
    certificate, key = (str(path) for path in Authority(tmp_path).leaf("exporter"))
    tls = ["-tlscert", certificate, "-tlskey", key]
    salt: dict[str, Any] = {"rounds": 4}
    good = bcrypt.hashpw(b"right", bcrypt.gensalt(prefix=b"2a", **salt)).decode()
    other = bcrypt.hashpw(b"right", bcrypt.gensalt(prefix=b"2b", **salt)).decode()
    made = Three(tmp_path, SERVERS[-1])
    try:
        made.run(SERVERS[-1], "-a", "127.0.0.1", "-p", str(made.clients[0]), "-m", str(made.monitors[0]))
        process = made.exporter("-varz", *tls, "-tlscacert", str(tmp_path / "ca.pem"))
        assert made.status("https") == 200
        process.kill()
        process.wait()
        process = made.exporter("-varz", *tls, "-http_user", "u", "-http_pass", good)
        assert [made.status("https", login) for login in ("", "u:wrong", "v:right", "u:right")] == [401, 401, 401, 200]
        # There is no other way to hand it the hash.
        assert good in Path(f"/proc/{process.pid}/cmdline").read_text()
        process.kill()
        process.wait()
        made.exporter("-varz", *tls, "-http_user", "u", "-http_pass", other)
        assert [made.status("https", login) for login in ("u:right", f"u:{other}")] == [401, 200]
    finally:
        made.close()


def test_the_metrics_that_can_be_wished_are_those_it_has() -> None:
    done = subprocess.run([str(EXPORTER), "-h"], capture_output=True, text=True, check=False)
    flags = {name for name, _of in re.findall(r"^  -(\w+z\w*)( connz)?$", done.stdout + done.stderr, re.MULTILINE)}
    assert {name for name in flags if not name.startswith(("healthz_js",))} == set(METRICS)
