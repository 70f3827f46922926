# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import events
from ansible_collections.aegis.nats.plugins.module_utils.node.events import Settings, Told, TurnedOver
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.node.test_scrub import PUBLIC, SEED

CLAIMS = base64.urlsafe_b64encode(json.dumps({"sub": PUBLIC, "name": "orders"}).encode()).decode().rstrip("=")
TOKEN = f"eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.{CLAIMS}.c2lnbmF0dXJl"


def said(reason: str = "Kicked", version: str = "2.15.1", cid: int = 5, **client: Any) -> dict[str, Any]:
    """An event as servers print it, as far as it matters."""
    return {
        "type": "io.nats.server.advisory.v1.client_disconnect",
        "timestamp": "2026-11-29T13:12:28.929518322Z",
        "server": {"name": "n1", "host": "0.0.0.0", "id": "NA", "cluster": "harbour", "ver": version},
        "client": {
            "host": "192.0.2.7",
            "id": cid,
            "acc": "ADXJ",
            "user": PUBLIC,
            "name": "orders",
            "lang": "go",
            "ver": "1.52.0",
            "jwt": TOKEN,
            "nonce": "planted-nonce",
            "tags": ["planted-tag"],
            "name_tag": "TeamAlpha",
            **client,
        },
        "reason": reason,
    }


def test_what_is_kept_says_who_where_and_why_and_no_more() -> None:
    found = events.record(said(), {"n1": "host-1"})
    assert found == {
        "time": "2026-11-29T13:12:28.929518322Z",
        "level": "INF",
        "message": f"n1: disconnected: {PUBLIC} of TeamAlpha from 192.0.2.7: Kicked",
        "nats.event": "disconnect_event",
        "host.name": "host-1",
        "nats.server": "n1",
        "nats.cluster": "harbour",
        "client.address": "192.0.2.7",
        "user.name": PUBLIC,
        "nats.account": "TeamAlpha",
        "nats.connection": "cid:5",
        "nats.client.name": "orders",
        "nats.client.library": "go 1.52.0",
        "nats.reason": "Kicked",
    }
    # A file is known by its first bytes.
    assert next(iter(found)) == "time"


def test_a_server_that_the_inventory_does_not_know_is_its_own_host() -> None:
    assert events.record(said(), {})["host.name"] == "n1"


@pytest.mark.parametrize("token", [TOKEN, "a.b.c", "a", 7, f"x.{base64.b64encode(b'[]').decode()}.x", None])
def test_whose_login_failed_is_told_by_its_token_where_the_server_says_nothing(token: object) -> None:
    found = events.record(said("Authentication Failure", user="", acc="$G", name_tag="$G", jwt=token), {})
    assert found.get("user.name") == (PUBLIC if token == TOKEN else None)
    assert (found["nats.event"], found["level"]) == ("login_failed_event", "ERR")
    assert "nats.account" not in found


@pytest.mark.parametrize(
    ("user", "version", "told"),
    [
        ("a token in clear", "2.10.26", "********"),
        (PUBLIC, "2.10.26", PUBLIC),
        ("[REDACTED]", "2.11.11", "[REDACTED]"),
        ("eve", "2.15.1", "eve"),
        ("eve", "unheard of", "********"),
    ],
)
def test_up_to_2_10_a_user_may_be_a_token(user: str, version: str, told: str) -> None:
    assert events.record(said("Authentication Failure", version, user=user), {})["user.name"] == told


@pytest.mark.parametrize("place", ["user", "name", "lang", "ver", "host", "name_tag"])
@pytest.mark.parametrize("secret", [TOKEN, SEED, "nats://a:planted-word@h"])
def test_what_has_the_shape_of_a_secret_is_masked_wherever_a_client_puts_it(place: str, secret: str) -> None:
    text = json.dumps(events.record(said(**{place: f"x {secret}"}), {}))
    assert "planted" not in text and SEED not in text and CLAIMS not in text


def test_nobody_has_to_believe_more_than_some_letters() -> None:
    assert len(json.dumps(events.record(said(name="n" * 9000, user="u" * 9000), {}))) < 2000


@pytest.mark.parametrize(
    "line",
    ["", "no JSON", "[]", "7", "{}", '{"server": {}, "client": {}, "reason": "x"}', '{"server": 1, "client": 2}'],
)
def test_what_is_no_event_is_not_kept(line: str, tmp_path: Path) -> None:
    assert events.read(line) is None
    output = TurnedOver(str(tmp_path / "out"), 1000)
    events.follow([line], Settings((), "", 0), output)
    output.close()
    assert (tmp_path / "out").read_bytes() == b""


def test_each_end_is_told_once_and_what_is_quiet_never(tmp_path: Path) -> None:
    output = TurnedOver(str(tmp_path / "out"), 100_000)
    lines = [said("Kicked"), said("Kicked"), said("Client Closed", cid=6), said("Stale Connection", cid=7)]
    lines.append({**said("Kicked"), "server": {"name": "n1", "id": "another start"}})
    settings = Settings((), "", 0, quiet=("Client Closed",))
    events.follow([json.dumps(each).encode() for each in lines], settings, output)
    output.close()
    written = [json.loads(line)["nats.reason"] for line in (tmp_path / "out").read_text().splitlines()]
    assert written == ["Kicked", "Stale Connection", "Kicked"]


def test_as_many_ends_are_remembered_as_there_is_room_for() -> None:
    told = Told()
    assert not any(told.again(said(cid=number)) for number in range(5000))
    assert told.again(said(cid=4999)) and not told.again(said(cid=0))


def test_a_full_file_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    place = tmp_path / "out"
    output = TurnedOver(str(place), 10, kept=2)
    for number in range(9):
        output.write(b"line%d\n" % number)
    output.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.1", "out.2"]
    assert (place.read_text(), (tmp_path / "out.2").read_text()) == ("line8\n", "line6\n")
    # A start goes on where it was; one line that is too long stays whole.
    again = TurnedOver(str(place), 10, kept=2)
    again.write(b"a line that is longer than a file\n")
    again.close()
    assert (tmp_path / "out.1").read_text() == "line8\n"


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "other")
    with pytest.raises(OSError):
        TurnedOver(str(tmp_path / "out"), 10)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The files as the role brings them to a host."""
    repository = Path(__file__).resolve().parents[5]
    library = tmp_path / "library"
    (library / "aegis_nats").mkdir(parents=True)
    (library / "nats_events.py").write_bytes((repository / "roles/nats_monitoring/files/nats_events.py").read_bytes())
    for name in ("events.py", "scrub.py", "environment.py"):
        (library / "aegis_nats" / name).write_bytes((repository / "plugins/module_utils/node" / name).read_bytes())
    return library / "nats_events.py"


def start(shipped: Path, tmp_path: Path, program: str) -> subprocess.Popen[bytes]:
    settings = {
        "command": ["/bin/sh", "-c", program, "${RUNTIME_DIRECTORY}/x"],
        "output": str(tmp_path / "out"),
        "most_bytes": 1000,
        "hosts": {},
        "quiet": [],
    }
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    environment = {**os.environ, "RUNTIME_DIRECTORY": str(tmp_path)}
    command = [sys.executable, "-B", str(shipped), str(tmp_path / "settings.json")]
    return subprocess.Popen(command, env=environment)


def test_it_runs_alone_and_ends_with_its_program(shipped: Path, tmp_path: Path) -> None:
    """Nothing but Python and these files; the variable of systemd is put into the program's words."""
    (tmp_path / "x").write_text(json.dumps(said()) + "\n")
    process = start(shipped, tmp_path, 'cat "$0"; exit 3')
    assert process.wait(20) == 3
    assert json.loads((tmp_path / "out").read_text())["user.name"] == PUBLIC
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o640


def test_told_to_end_it_ends_its_program_first(shipped: Path, tmp_path: Path) -> None:
    process = start(shipped, tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    end = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.05)
    program = int((tmp_path / "pid").read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(program, 0)
