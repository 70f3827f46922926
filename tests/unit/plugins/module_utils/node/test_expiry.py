# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends and what has drifted, as metrics; held against certificates of cryptography and tokens of our own."""

from __future__ import annotations

import grp
import json
import os
import pwd
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node import expiry
from ansible_collections.aegis.nats.plugins.module_utils.node.expiry import Samples, Wanted, gather, moment
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, Ownership, WantedFile
from ansible_collections.aegis.nats.plugins.module_utils.node.release import make_release
from ansible_collections.aegis.nats.plugins.module_utils.trust import creds, keys
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import sign
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "n1")])
KEY = ec.generate_private_key(ec.SECP256R1())
OPERATOR, ACCOUNT, USER = (
    keys.make(role, bytes(range(32))) for role in (keys.Role.OPERATOR, keys.Role.ACCOUNT, keys.Role.USER)
)
NOW = 1_800_000_000.0


def certificate(until: float) -> bytes:
    end = datetime.fromtimestamp(until, timezone.utc)
    builder = x509.CertificateBuilder(NAME, NAME, KEY.public_key(), 1)
    builder = builder.not_valid_before(end - timedelta(days=9)).not_valid_after(end)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def token(kind: str, name: str, end: int, key: Any = ACCOUNT, by: Any = OPERATOR) -> str:
    claims = {"sub": key.public_key, "name": name, "iat": 1, "nats": {"type": kind, "version": 2}}
    return sign({**claims, **({"exp": end} if end else {})}, by).text


def silent(url: str) -> Any:
    raise OSError("nobody is there")


def told(wanted: Wanted, ask: Any = silent) -> list[str]:
    """The samples, without what is said of them and without the moment of reading."""
    lines = gather(wanted, NOW, ask).text().splitlines()
    return [line for line in lines if not line.startswith(("#", expiry.READ))]


def test_a_chain_ends_with_the_first_of_its_certificates(tmp_path: Path) -> None:
    (tmp_path / "client.crt").write_bytes(certificate(NOW + 500) + b"# text between\n" + certificate(NOW + 40))
    (tmp_path / "ca.crt").write_bytes(certificate(2_600_000_000))
    assert told(Wanted("", certificates=(f"{tmp_path}/*.crt", f"{tmp_path}/client.crt"))) == [
        f'nats_certificate_not_after_seconds{{path="{tmp_path}/ca.crt",purpose="ca"}} 2600000000',
        f'nats_certificate_not_after_seconds{{path="{tmp_path}/client.crt",purpose="client"}} 1800000040',
    ]


def test_tokens_and_creds_that_end_are_told_and_the_earlier_of_two_counts(tmp_path: Path) -> None:
    (tmp_path / "a.jwt").write_text(token("account", 'Te"am\\', int(NOW) + 9))
    (tmp_path / "b.jwt").write_text(token("account", "Other", 0))
    (tmp_path / "o.jwt").write_text(token("operator", "Acme", int(NOW) + 7, OPERATOR) + "\n")
    file = creds.Creds(token("user", "orders", int(NOW) + 5, USER, ACCOUNT), USER.seed)
    (tmp_path / "user.creds").write_bytes(creds.write(file))
    said = {"audit": "2026-11-29T12:00:00.25+00:00", "jwts": []}
    said["jwts"] = [
        {"kind": "user", "account": "Other", "name": "u", "expires": 5},
        {"kind": "operator", "account": "", "name": "Acme", "expires": 3},
    ]
    (tmp_path / "controller.json").write_text(json.dumps(said))
    places = {"jwts": (f"{tmp_path}/*.jwt",), "creds": (f"{tmp_path}/*.creds",)}
    found = told(Wanted("", **places, controller=f"{tmp_path}/controller.json"))
    assert found == [
        r'nats_jwt_not_after_seconds{account="",kind="operator",name="Acme"} 3',
        r'nats_jwt_not_after_seconds{account="Other",kind="user",name="u"} 5',
        r'nats_jwt_not_after_seconds{account="Te\"am\\",kind="account",name="Te\"am\\"} 1800000009',
        f'nats_creds_not_after_seconds{{name="orders",path="{tmp_path}/user.creds"}} 1800000005',
        "nats_last_audit_timestamp_seconds 1795953600",
    ]
    assert USER.seed not in "".join(found)


def test_what_can_not_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.crt").write_text("nothing")
    (tmp_path / "b.crt").write_bytes(certificate(NOW)[:200] + b"\n-----END CERTIFICATE-----\n")
    os.mkfifo(tmp_path / "c.crt")
    (tmp_path / "d.crt").symlink_to("absent")
    (tmp_path / "e.crt").write_bytes(certificate(NOW))
    found = told(Wanted("", certificates=(f"{tmp_path}/*.crt",), controller=f"{tmp_path}/absent"))
    assert [line.partition("{")[0] for line in found] == [expiry.CERTIFICATE, *[expiry.UNREADABLE] * 3]
    assert [f"{name}.crt" in line for name, line in zip("abc", found[1:])] == [True] * 3


@given(st.text(alphabet="abcdefghijkl.=-_{}\"':019 ", max_size=60))
def test_no_token_is_a_value_error(text: str) -> None:
    try:
        expiry.claims(text)
    except ValueError:
        return


class Server:
    """A configuration folder as a deploy leaves it, and what the server says of itself."""

    def __init__(self, folder: Path, ownership: Ownership = NOBODY_NAMED) -> None:
        self.folder = folder
        files = [
            WantedFile("nats-server.conf", b"port: 4222\n", 0o600, ownership),
            WantedFile("tls/ca.crt", b"x" * 3000, 0o644, ownership),
        ]
        self.release = make_release(files, "nats-server.conf").name
        for each in files:
            place = folder / "releases" / self.release / each.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(each.content)
            place.chmod(each.mode)
        self.file = folder / "releases" / self.release / "tls/ca.crt"
        (folder / "current").symlink_to(f"releases/{self.release}")
        self.note(self.release, "sha256:1")
        self.varz: dict[str, Any] = {"config_digest": "sha256:1"}

    def note(self, release: str, digest: Any) -> None:
        (self.folder / "loaded").write_text(json.dumps({"release": release, "digest": digest}))

    def ask(self, url: str) -> Any:
        assert url == "http://127.0.0.1:8222/varz"
        return self.varz

    @property
    def drift(self) -> dict[str, bool]:
        wanted = Wanted("", config_dir=str(self.folder), monitor="http://127.0.0.1:8222")
        return drifted(wanted, self.ask)


def drifted(wanted: Wanted, ask: Any) -> dict[str, bool]:
    """As it is told of a host."""
    return {
        dict(key)["why"]: bool(value) for key, value in gather(wanted, NOW, ask).values.get(expiry.DRIFT, {}).items()
    }


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


NONE = {"changed_on_disk": False, "not_loaded": False, "not_deployed": False}
ME = Ownership(pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name)


@pytest.mark.parametrize("ownership", [NOBODY_NAMED, ME, Ownership(ME.owner), Ownership(None, ME.group)])
def test_what_a_deploy_has_left_is_no_drift(tmp_path: Path, ownership: Ownership) -> None:
    assert Server(tmp_path, ownership).drift == NONE


def test_drift_of_each_kind(server: Server) -> None:
    content = server.file.read_bytes()
    server.file.write_bytes(content + b"#")
    assert server.drift == {**NONE, "changed_on_disk": True}
    server.file.write_bytes(content)
    assert server.drift == NONE, "put right, whatever its time"
    server.file.chmod(0o666)
    assert server.drift == {**NONE, "changed_on_disk": True}
    server.file.chmod(0o644)
    (server.file.parent / "more").touch()
    assert server.drift == {**NONE, "changed_on_disk": True}
    (server.file.parent / "more").unlink()
    server.varz["config_digest"] = "sha256:2"
    assert server.drift == {**NONE, "not_deployed": True}
    server.note("0123456789abcdef", "sha256:2")
    assert server.drift == {**NONE, "not_loaded": True}, "the link was turned to another release"


def test_what_can_not_be_known_is_not_told(server: Server) -> None:
    del server.varz["config_digest"]
    assert set(server.drift) == {"changed_on_disk", "not_loaded"}
    server.note(server.release, None)
    assert set(server.drift) == {"changed_on_disk", "not_loaded"}
    known = Wanted("", config_dir=str(server.folder), monitor="http://x")
    assert set(drifted(known, silent)) == {"changed_on_disk", "not_loaded"}
    (server.folder / "loaded").write_text("junk")
    assert server.drift == {}
    assert drifted(Wanted("", config_dir="/x", monitor="http://x"), silent) == {}
    assert drifted(Wanted(""), silent) == {}


def test_times() -> None:
    assert moment("2026-11-29T12:00:00Z") == moment("2026-11-29T14:00:00+02:00") == 1795953600
    assert moment("2026-11-29T12:00:00.123456789Z") == pytest.approx(1795953600.123456789)
    with pytest.raises(ValueError, match="no time"):
        moment("2026-11-29")


def test_it_is_written_whole_and_anybody_may_read_it(tmp_path: Path) -> None:
    place = tmp_path / "nats.prom"
    old = os.umask(0o077)
    try:
        expiry.write(str(place), "one\n")
        expiry.write(str(place), "two\n")
    finally:
        os.umask(old)
    assert place.read_text() == "two\n" and place.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [place]
    place.unlink()
    place.mkdir()
    with pytest.raises(OSError):
        expiry.write(str(place), "three\n")
    assert list(tmp_path.iterdir()) == [place]


def test_samples_of_one_thing_are_one() -> None:
    samples = Samples()
    samples.add(expiry.TOKEN, 9, kind="user", name="u", account="")
    samples.add(expiry.TOKEN, 7, account="", kind="user", name="u")
    assert samples.text().splitlines()[2:] == ['nats_jwt_not_after_seconds{account="",kind="user",name="u"} 7']


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """The files as the role brings them to a host."""
    repository = Path(__file__).resolve().parents[5]
    library = tmp_path / "library"
    (library / "aegis_nats/keys").mkdir(parents=True)
    places = {
        "roles/nats_monitoring/files/nats_expiry.py": "nats_expiry.py",
        "plugins/module_utils/node/expiry.py": "aegis_nats/expiry.py",
        "plugins/module_utils/node/keys/der.py": "aegis_nats/keys/der.py",
    }
    for source, target in places.items():
        (library / target).write_bytes((repository / source).read_bytes())
    return library / "nats_expiry.py"


def test_it_runs_alone_and_asks_the_server(shipped: Path, server: Server, tmp_path: Path) -> None:
    """Nothing but Python and these three files; a proxy of the environment is not asked."""
    content = json.dumps(server.varz).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None: ...

    http = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    settings = tmp_path / "expiry.json"
    said = {"output": f"{tmp_path}/nats.prom", "config_dir": str(tmp_path), "certificates": [f"{tmp_path}/*.crt"]}
    settings.write_text(json.dumps({**said, "monitor": f"http://127.0.0.1:{http.server_address[1]}"}))
    (tmp_path / "client.crt").write_bytes(certificate(NOW))
    try:
        subprocess.run(
            [sys.executable, "-S", "-B", str(shipped), str(settings)],
            check=True,
            env={"http_proxy": "http://127.0.0.1:1"},
        )
    finally:
        http.shutdown()
        http.server_close()
    lines = (tmp_path / "nats.prom").read_text().splitlines()
    assert 'nats_config_drift{why="not_loaded"} 0' in lines and 'nats_config_drift{why="changed_on_disk"} 0' in lines
    assert 'nats_config_drift{why="not_deployed"} 0' in lines
    assert f'nats_certificate_not_after_seconds{{path="{tmp_path}/client.crt",purpose="client"}} 1800000000' in lines
    assert not list(tmp_path.rglob("__pycache__"))


def test_in_a_loop_it_goes_on_after_trouble(shipped: Path, tmp_path: Path) -> None:
    settings, folder = tmp_path / "expiry.json", tmp_path / "textfile"
    settings.write_text(json.dumps({"output": f"{folder}/nats.prom"}))
    words = [sys.executable, str(shipped), str(settings)]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 1
    process = subprocess.Popen([*words, "--every", "0.1"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None and "No such file" in process.stderr.readline()
        folder.mkdir()
        end = time.monotonic() + 20
        while not (folder / "nats.prom").exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert expiry.READ in (folder / "nats.prom").read_text()
    finally:
        process.kill()
        process.communicate()


DAY = 86400.0


def samples() -> Samples:
    found = Samples()
    found.add(expiry.CERTIFICATE, NOW + 40 * DAY, path="/far.crt", purpose="far")
    found.add(expiry.CERTIFICATE, NOW + 20 * DAY, path="/soon.crt", purpose="soon")
    found.add(expiry.CREDS, NOW + 5 * DAY, path="/app/user.creds", name="app")
    found.add(expiry.TOKEN, NOW - DAY, kind="user", account="A", name='a" ends\non')
    return found


def test_what_ends_is_told_in_words() -> None:
    assert expiry.endings(samples(), NOW) == [
        '[WRN] Certificate "/soon.crt" ends on 2027-02-04 08:00:00 UTC',
        '[ERR] JWT of user "a\\" ends\\non" has ended on 2027-01-14 08:00:00 UTC',
        '[ERR] Creds "/app/user.creds" ends on 2027-01-20 08:00:00 UTC',
    ]


def test_it_is_told_once_a_day_and_when_it_gets_worse(tmp_path: Path) -> None:
    log = tmp_path / "ends.log"

    def after(days: float) -> list[str]:
        now = NOW + days * DAY
        before = log.read_text().splitlines() if log.exists() else []
        expiry.tell(str(log), expiry.endings(samples(), now), now)
        return [line.partition(" [")[2] for line in log.read_text().splitlines()[len(before) :]]

    first = after(0)
    assert len(first) == 3 and log.read_text().startswith(f"[{os.getpid()}] 2027/01/15 08:00:00.000000 [WRN] Cert")
    assert log.stat().st_mode & 0o777 == 0o644
    assert after(0.5) == []
    assert after(1.01) == first
    assert after(1.02) == []
    # Another one comes near, and one becomes an error.
    assert [line[:18] for line in after(11)] == [
        'WRN] Certificate "',
        'WRN] Certificate "',
        *(line[:18] for line in first[1:]),
    ]
    assert "ERR] Certificate" in after(14)[1]


def test_its_log_is_bounded(tmp_path: Path) -> None:
    log = tmp_path / "ends.log"
    for day in range(2 * expiry._MOST_LOG // 10_000):
        expiry.tell(str(log), ["[WRN] " + "x" * 10_000], NOW + 2 * day * DAY)
    assert sorted(place.name for place in tmp_path.iterdir()) == ["ends.log", "ends.log.1"]
    assert sum(place.stat().st_size for place in tmp_path.iterdir()) < 2.2 * expiry._MOST_LOG
