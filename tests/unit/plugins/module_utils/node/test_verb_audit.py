# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host tells of a server: a process that runs, its files, and an endpoint that answers as /varz and /connz."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.aegis.nats.plugins.module_utils.node.verb_audit import AUDIT
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal, Surroundings, perform
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_at_rest import record, store
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.tls_server import Pki

HUSH = "hush"
BCRYPT = "$2a$11$hushhushhushhushhushhuhushhushhushhushhushhushhushhu"
SEED = "SUAHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUS"
SLEEP = "import sys, time\nprint(flush=True)\ntime.sleep(60)\n"


def token(**nats: Any) -> str:
    """A user's JWT, its signature the secret part of one that is no bearer."""
    claims = {"sub": "UAPP", "iss": "ASIGN", "name": "app", "nats": {"type": "user", "version": 2, **nats}}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJ0eXAiOiJKV1QifQ.{middle}.{HUSH}hushhushhushhush"


VARZ: Mapping[str, Any] = {
    "server_id": "NID", "server_name": "n1", "version": "2.15.1", "system_account": "ASYS", "auth_required": True,
    "config_load_time": "2026-11-23T14:03:22.091981009Z", "connect_urls": [f"u:{HUSH}@x"],
    "trusted_operators_jwt": [f"eyJ{HUSH}"],
    "trusted_operators_claim": [
        {"name": "Acme", "sub": "OKEY", "exp": 5, "nats": {"signing_keys": ["OS"], "strict_signing_key_usage": True}},
        {"sub": "OOTHER", "nats": None},
    ],
}  # fmt: skip
BEARER = token(bearer_token=True, issuer_account="AORDERS")
CONNZ = {
    "connections": [
        {"cid": 1, "jwt": BEARER, "authorized_user": "UAPP", "account": "AORDERS", "name": f"app {HUSH}"},
        {"cid": 2, "authorized_user": "clear", "account": "A"},
        {"cid": 3},
    ]
}


@contextlib.contextmanager
def monitoring(answers: Mapping[str, Any]) -> Iterator[int]:
    """The port of an endpoint that gives these answers, and nothing else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answers.get(self.path.partition("?")[0])
            self.send_response(404 if answer is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_dummy: object) -> None:
            pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def running(folder: Path, *words: str, **environment: str) -> Iterator[int]:
    """The number of a process with such words, as a server has them."""
    script = folder / "sleep.py"
    script.write_text(SLEEP)
    started = subprocess.Popen(
        ["nats-server", str(script), *words],
        executable=sys.executable,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
    )
    try:
        assert started.stdout is not None and started.stdout.readline() == b"\n"
        yield started.pid
    finally:
        started.kill()
        started.communicate()


def run(**params: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(AUDIT.argument_spec)).validate({"search": [], **params})
    assert not checked.error_messages
    return perform(AUDIT, checked.validated_parameters, Surroundings(True, datetime.now(timezone.utc), NoSeal()))


def look(folder: Path, config: str, **params: Any) -> dict[str, Any]:
    """What is told of a server with this configuration, and no monitoring unless it says so."""
    (folder / "nats.conf").write_text(config)
    with running(folder, "-c", "nats.conf") as pid:
        return run(pid=pid, **params)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, ours: tuple[Pki, str]) -> Path:
    """Folders and files of a server, secrets in all that may hold one."""
    pki, tmp_path = ours[0], tmp_path_factory.mktemp("estate")
    files = {
        "server.crt": Path(pki.file("server")).read_text(), "server.key": Path(pki.file("server", "key")).read_text(),
        "nats.log": f"[1] [INF] ready\n[1] [ERR] nats-route://r:{HUSH}@10.0.0.2:6222 refused\n[1] {SEED}\n",
        "search/deep/app.creds": f"-----BEGIN USER NKEY SEED-----\n{SEED}\n", "search/notes": "nothing\n",
        "resolver/AA/AORDERS.jwt": "eyJ0eXAi.eyJzdWIi.c2ln\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "resolver/broken.jwt").write_bytes(b"\xff\xfe")
    store(tmp_path / "data/jetstream/A/streams/S", **{"msgs/1.blk": record(body=HUSH.encode())})
    (tmp_path / "nats.conf").write_text(f"""
listen: 127.0.0.1:4222
http: "127.0.0.1:HTTP"
tls {{ cert_file: {tmp_path}/server.crt, key_file: {tmp_path}/server.key, ca_file: /absent.crt }}
authorization {{ user: top, password: {HUSH}, token: {HUSH}, users: [{{user: b, password: "{BCRYPT}"}}] }}
accounts {{ A {{ users: [{{user: clear, password: $PASSWORD}}] }} }}
cluster {{ port: 6222, routes: ["nats-route://r:{HUSH}@10.0.0.2:6222"], authorization {{ password: {HUSH} }} }}
jetstream {{ store_dir: {tmp_path}/data, key: "literal-key-{HUSH}-0123456789abcdef" }}
resolver {{ type: full, dir: {tmp_path}/resolver }}
log_file: {tmp_path}/nats.log
""")
    return tmp_path


@pytest.fixture(scope="module")
def told(estate: Path) -> dict[str, Any]:
    secrets = ("--user", "u", "--pass", f"word-{HUSH}", f"--routes=nats://r:{HUSH}@10.0.0.9:6222")
    with monitoring({"/varz": VARZ, "/connz": CONNZ}) as port:
        config = estate / "nats.conf"
        config.write_text(config.read_text().replace("HTTP", str(port)))
        config.chmod(0o644)
        (estate / "search/deep/app.creds").chmod(0o640)
        with running(estate, "-c", str(config), *secrets, PASSWORD=HUSH, NATS_TOKEN=SEED) as pid:
            return run(pid=pid, search=[str(estate / "search"), "/absent"])


def test_no_secret_leaves_the_host(told: dict[str, Any]) -> None:
    """Passwords, hashes, seeds, tokens, keys: in words, environment, files, log, data, and what is connected."""
    shown = repr(told) + json.dumps(told, default=str)
    assert HUSH not in shown.lower() and "PRIVATE KEY" not in shown and "$2a$" not in shown
    assert BEARER.split(".")[1] not in shown and BEARER.split(".")[2] not in shown
    assert not told["changed"] and "failed" not in told


def test_a_token_that_an_old_server_tells_of_as_a_user_s_name_is_not_told(tmp_path: Path) -> None:
    """Before the name was redacted, /connz said for who logged in with a token that token (getRawAuthUser)."""
    answers = {"/varz": VARZ, "/connz": {"connections": [{"cid": 1, "authorized_user": HUSH}]}}
    with monitoring(answers) as port:
        found = look(tmp_path, f"authorization {{ token: {HUSH} }}", monitor=f"http://127.0.0.1:{port}")
    assert HUSH not in repr(found)


def test_the_process(told: dict[str, Any], estate: Path) -> None:
    process = told["process"]
    assert (process["version"], process["config"]) == ("2.15.1", str(estate / "nats.conf"))
    assert process["program"] == os.path.realpath(sys.executable)
    assert process["secrets_in_words"] == ["pass", "a URL with a password"]


def test_what_the_server_says_of_itself(told: dict[str, Any]) -> None:
    server = told["server"]
    assert (server["reached"], server["server_name"], server["system_account"]) == (True, "n1", "ASYS")
    first, second = server["operators"]
    assert first == {"name": "Acme", "key": "OKEY", "signing_keys": ["OS"], "strict": True, "expires": 5}
    assert (second["key"], second["signing_keys"], second["strict"]) == ("OOTHER", [], False)
    assert "connect_urls" not in server and "trusted_operators_jwt" not in server


def test_who_is_connected(told: dict[str, Any]) -> None:
    bearer = next(user for user in told["connected"] if user["key"])
    assert (bearer["name"], bearer["key"], bearer["issuer"]) == ("app", "UAPP", "ASIGN")
    assert (bearer["issuer_account"], bearer["bearer"], bearer["connections"]) == ("AORDERS", True, 1)
    assert "jwt" not in bearer


def test_the_configuration(told: dict[str, Any], estate: Path) -> None:
    config = told["config"]
    assert config["read"] and config["why"] == ""
    assert config["changed_at"] == (estate / "nats.conf").stat().st_mtime
    assert [one["kind"] for one in config["listeners"]] == ["client", "route", "monitoring"]
    assert (config["jetstream"]["key"], config["routes"]) == ("literal", ["nats-route://10.0.0.2:6222"])


def test_files_with_what_is_wrong_with_them(told: dict[str, Any], estate: Path) -> None:
    files = {(place["what"], place["path"]): place for place in told["files"]}
    assert files["configuration", f"{estate}/nats.conf"]["problem"] == "everybody on the host may read it"
    assert files["private key", f"{estate}/server.key"]["problem"] == ""
    assert files["seed", f"{estate}/search/deep/app.creds"]["problem"] == "its group may read it"
    kinds = {what for what, _path in files}
    assert kinds == {"configuration", "private key", "seed", "log", "resolver", "data"}


def test_certificates_on_the_disk(told: dict[str, Any], estate: Path, ours: tuple[Pki, str]) -> None:
    (certificate,) = told["certificates"]
    assert (certificate["kind"], certificate["path"]) == ("client", f"{estate}/server.crt")
    assert int(certificate["serial"], 16) == int(ours[1], 16)


def test_the_log(told: dict[str, Any], estate: Path) -> None:
    log = told["log"]
    assert (log["path"], log["read"], log["traces"]) == (f"{estate}/nats.log", True, False)
    assert [(one["kind"], one["line"]) for one in log["secrets"]] == [("a password in a URL", 2), ("a seed", 3)]


def test_data_at_rest(told: dict[str, Any], estate: Path) -> None:
    found = told["store"]
    assert (found["path"], found["read"], found["stores"], found["blocks"]) == (f"{estate}/data/jetstream", True, 1, 1)
    assert found["in_plaintext"] == len(found["plaintext"]) >= 1
    assert found["plaintext"][0]["path"].endswith("msgs/1.blk")


def test_the_accounts_of_the_resolver(told: dict[str, Any]) -> None:
    assert sorted((one["file"], one["token"]) for one in told["tokens"]) == [
        ("AORDERS.jwt", "eyJ0eXAi.eyJzdWIi.c2ln"),
        ("broken.jwt", ""),
    ]


@pytest.mark.parametrize(("resolver", "there"), [("MEMORY", True), ("{ type: full, dir: /absent }", False)])
def test_the_accounts_of_a_memory_resolver(tmp_path: Path, resolver: str, there: bool) -> None:
    found = look(tmp_path, f'resolver: {resolver}\nresolver_preload: {{ AORDERS: "eyJ.eyJ.c2ln" }}')
    assert found["tokens"] == ([{"file": "AORDERS.jwt", "token": "eyJ.eyJ.c2ln"}] if there else [])


def test_a_server_that_tells_little(tmp_path: Path) -> None:
    found = look(tmp_path, "")
    assert found["config"]["read"] and found["server"] == {"reached": False, "operators": []}
    assert (found["connected"], found["certificates"], found["store"], found["tokens"]) == ([], [], None, [])
    assert found["log"]["turned_over_by"] == "the journal"


def test_a_monitoring_endpoint_that_does_not_answer(tmp_path: Path) -> None:
    with monitoring({}) as port:
        found = look(tmp_path, f"http: {port}")
    assert found["server"]["reached"] is False and found["connected"] == []


@pytest.mark.parametrize(
    "answer",
    [
        {"connections": None},
        {},
        pytest.param([], id="a list"),
        pytest.param(
            {"connections": [{"jwt": "a.W10.c"}]},
        ),
    ],
)
def test_a_strange_answer(tmp_path: Path, answer: Any) -> None:
    with monitoring({"/varz": {"server_id": "N", "trusted_operators_claim": None}, "/connz": answer}) as port:
        found = look(tmp_path, f"http: {port}")
    assert found["server"]["reached"] and not any(user.get("key") for user in found["connected"])


@pytest.mark.parametrize("config", [f"authorization {{ password: {HUSH}", f'pass: "{HUSH}', f"pass: ${HUSH}"])
def test_a_configuration_that_can_t_be_read(tmp_path: Path, config: str) -> None:
    found = look(tmp_path, config)
    assert found["config"]["read"] is False and found["config"]["changed_at"] is None
    assert found["config"]["why"].startswith(f"{tmp_path}/nats.conf can't be read: line 1")
    assert config.startswith("pass: $") or HUSH not in repr(found)


def test_a_process_without_a_configuration(tmp_path: Path) -> None:
    with running(tmp_path) as pid:
        found = run(pid=pid)
    nothing = {"read": False, "changed_at": None, "deployed": {}}
    assert found["config"] == {**nothing, "why": "it was started without a configuration file"}


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "has no process number: is the server running?"), ("x", "has no process number"), ("4194305", "can't be")],
)
def test_no_process(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / "pid").write_text(content)
    found = run(pid_file=str(tmp_path / "pid"))
    assert found["failed"] and words in found["msg"]


def test_the_process_of_a_pid_file(tmp_path: Path) -> None:
    with running(tmp_path) as pid:
        (tmp_path / "pid").write_text(f"{pid}\n")
        assert run(pid_file=str(tmp_path / "pid"))["process"]["pid"] == pid


@pytest.mark.parametrize(("pids", "count"), [([], "no"), ([1, 2], "more than one")])
def test_which_process_is_not_guessed(monkeypatch: pytest.MonkeyPatch, pids: list[int], count: str) -> None:
    monkeypatch.setattr("ansible_collections.aegis.nats.plugins.module_utils.node.audit.process.running", lambda: pids)
    found = run()
    assert found["failed"] and found["msg"].startswith(f"there is {count} process of nats-server here")
