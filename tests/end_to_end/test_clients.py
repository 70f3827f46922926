# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications get what lets them in, from a sealed store; the files are tried as an application would."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import re
import ssl
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import nats
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.trust import keys
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, Run, good, put
from ansible_collections.aegis.nats.tests.end_to_end.secrets import CommandLines, files_below, leaks

CLIENTS = str(ROOT / "playbooks" / "clients.yml")
OWN_PLAY = str(Path(__file__).with_name("clients.yml"))
EVERYTHING = str(Path(__file__).with_name("everything.yml"))
FILES = ["ca.crt", "client.crt", "client.env", "client.key", "nats/context/order-service.json", "user.creds"]
DELIVER = "Deliver what lets the applications in"
#: Root may give files away; another caller keeps them.
OWNER = "daemon" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
KEY = keys.make(keys.Role.USER, bytes(range(32)))


class Applications:
    """An estate with two hosts of applications, both this machine."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.place = estate.root / "apps"
        self.seed = estate.home / "order-service.nk"
        self.seed.write_text(KEY.seed + "\n")
        password = estate.home / "vault"
        password.write_text("the vault's secret\n")
        self.vault = ("--vault-password-file", str(password))
        self.reset()

    def reset(self) -> None:
        self.estate.reset()
        hosts = {"app-1": self.host("app-1"), "app-2": self.host("app-2")}
        hosts["app-1"]["nats_client_applications"] = [
            {"name": "order-service", "account": "TeamAlpha", "owner": OWNER, "services": ["aegis-no-such-unit"]},
            {
                "name": "reports",
                "account": "TeamAlpha",
                "user": "monitoring",
                "certificate": {"common_name": "reports"},
            },
        ]
        hosts["app-2"]["nats_client_applications"] = [
            {"name": "partner", "account": "ExternalPartner", "user": "gateway"}
        ]
        if not has_systemd():
            del hosts["app-1"]["nats_client_applications"][0]["services"]
        self.hosts = hosts
        self.estate.groups = {"nats_clients": {"hosts": hosts}}

    def host(self, name: str) -> dict[str, Any]:
        return {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "nats_client_folder": str(self.place / name),
            "nats_client_become": False,
            "application_told": str(self.estate.root / f"told-{name}"),
        }

    def run(self, *options: str, playbook: str = CLIENTS) -> Run:
        return self.estate.deploy(*self.vault, *options, playbook=playbook)

    def folder(self, host: str, name: str) -> Path:
        return self.place / host / name

    def settings(self, host: str, name: str) -> dict[str, str]:
        lines = (self.folder(host, name) / "client.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    def secrets(self) -> dict[str, str]:
        found = {}
        for place in self.place.rglob("*"):
            if place.name in ("user.creds", "client.key"):
                lines = place.read_text().splitlines()
                found.update({f"{place}:{n}": line for n, line in enumerate(lines) if re.match(r"[\w+/=]{40,}$", line)})
        return found


def has_systemd() -> bool:
    return Path("/run/systemd/system").is_dir()


def fails(run: Run, *said: tuple[str, str]) -> None:
    """Exactly these problems, told by the preflight."""
    assert run.code != 0
    assert len(run.problems) == len(said), run.problems
    for path, words in said:
        assert [message for where, message in run.problems if where == path and words in message], (path, run.problems)


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory, binary: str) -> Iterator[Applications]:
    estate = Estate(tmp_path_factory.mktemp("clients") / "estate", binary)
    made = Applications(estate)
    try:
        run = estate.deploy(*made.vault)
        good(run)
        yield made
    finally:
        estate.close()


@pytest.fixture(scope="module")
def first(applications: Applications) -> tuple[Run, Run, CommandLines]:
    """A check, and the run that follows, as loud as can be."""
    with CommandLines() as lines:
        before = applications.estate.snapshot("nats")
        checked = applications.run("--check", "-vvvv", "--diff")
        good(checked)
        assert applications.estate.snapshot("nats") == before
        assert not applications.place.exists()
        run = applications.run("-vvvv", "--diff")
        good(run)
    return checked, run, lines


def test_the_check_told_what_was_done(first: tuple[Run, Run, CommandLines]) -> None:
    checked, run, _dummy = first
    assert sorted(checked.changes) == sorted(run.changes)
    assert sorted(reasons(checked)) == sorted(reasons(run))
    assert "order-service: user.creds: is not there" in reasons(run)


def reasons(run: Run) -> list[str]:
    return [reason for result in run.results if result["task"] == DELIVER for reason in result["reasons"]]


def test_files_are_the_application_s_alone(applications: Applications, first: object) -> None:
    folder = applications.folder("app-1", "order-service")
    found = sorted(str(place.relative_to(folder)) for place in folder.rglob("*") if place.is_file())
    assert found == [".delivered", *FILES]
    user = pwd.getpwnam(OWNER)
    for place in [folder, *folder.rglob("*")]:
        status = place.stat()
        assert stat.S_IMODE(status.st_mode) == (0o700 if place.is_dir() else 0o600), place
        assert (status.st_uid, status.st_gid) == (user.pw_uid, user.pw_gid), place
    assert grp.getgrgid(user.pw_gid)
    # The key of this application is on no other host.
    keys_there = {place.read_bytes() for place in applications.place.rglob("client.key")}
    assert len(keys_there) == 3


async def exchange(settings: dict[str, str], subject: str, publish: str) -> tuple[Optional[bytes], list[str]]:
    """What is heard on a subject, and what the server refuses."""
    context = ssl.create_default_context(cafile=settings["NATS_CA"])
    context.load_cert_chain(settings["NATS_CERT"], settings["NATS_KEY"])
    refused: list[str] = []

    async def note(error: Exception) -> None:
        refused.append(str(error).lower())

    client = await nats.connect(
        settings["NATS_URL"].split(","), tls=context, user_credentials=settings["NATS_CREDS"], error_cb=note
    )
    try:
        heard = await client.subscribe(subject)
        await client.publish(publish, b"hello")
        await client.flush()
        try:
            return (await heard.next_msg(timeout=1)).data, refused
        except nats.errors.TimeoutError:
            return None, refused
    finally:
        await client.close()


def test_applications_get_in_as_who_they_are(applications: Applications, first: object) -> None:
    assert asyncio.run(exchange(applications.settings("app-1", "order-service"), "orders.a", "orders.a")) == (
        b"hello",
        [],
    )
    heard, refused = asyncio.run(exchange(applications.settings("app-1", "reports"), "orders.b", "orders.b"))
    assert heard is None and len(refused) == 1 and 'publish to "orders.b"' in refused[0]
    heard, refused = asyncio.run(exchange(applications.settings("app-2", "partner"), "partner.x", "partner.x"))
    assert (heard, refused) == (b"hello", [])


def test_the_official_client_takes_the_context(applications: Applications, first: object) -> None:
    program = os.environ.get("AEGIS_NATS_CLI")
    if not program:
        warnings.warn("nats is not there, NOT TESTED the context of its CLI: run ./test end_to_end", stacklevel=1)
        assert not os.environ.get("CI"), "there is no nats program, and CI never skips this"
        pytest.skip("nats is not there: set AEGIS_NATS_CLI or run ./test end_to_end")
    folder = applications.folder("app-1", "order-service")

    environment = {
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(applications.estate.home),
        "PATH": os.environ["PATH"],
    }

    def cli(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *words], env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    listed = cli("context", "ls", "--names")
    assert listed.stdout.split() == ["order-service"], listed.stderr
    valid = cli("context", "validate", "order-service", "--connect")
    assert valid.returncode == 0, valid.stdout + valid.stderr
    try:
        selected = cli("context", "select", "order-service")
        assert selected.returncode == 0, selected.stdout + selected.stderr
        published = cli("pub", "orders.cli", "hello")
        assert published.returncode == 0 and "Published" in published.stdout + published.stderr, published.stderr
        # Without --trace the program keeps the server's word to itself, unless it comes at the very end.
        refused = cli("request", "orders.admin.x", "hello", "--timeout=5s", "--trace")
        assert "Permissions Violation" in refused.stdout + refused.stderr, refused.stdout + refused.stderr
        service = subprocess.Popen(
            [program, "reply", "orders.ask", "yes", "--count=1"], env=environment, stdout=subprocess.DEVNULL
        )
        try:
            # Nobody answers until the service has subscribed.
            answers = (cli("request", "orders.ask", "?", "--timeout=5s").stdout for _attempt in range(10))
            assert any("yes" in answer for answer in answers), "the context says where replies are heard"
        finally:
            service.terminate()
            service.wait(10)
    finally:
        (folder / "nats" / "context.txt").unlink(missing_ok=True)


def test_no_secret_is_seen(applications: Applications, first: tuple[Run, Run, CommandLines]) -> None:
    checked, run, lines = first
    secrets = applications.secrets()
    assert {Path(name.partition(":")[0]).name for name in secrets} == {"user.creds", "client.key"}
    texts = {
        "the check": checked.output,
        "the run": run.output,
        **lines.texts,
        **files_below(applications.estate.scratch),
    }
    assert "NATS_CREDS=" in run.output, "the diff shows the settings"
    assert lines.looks > 20
    assert not leaks(secrets, texts)


def test_a_second_run_changes_nothing(applications: Applications, first: object) -> None:
    before = applications.estate.snapshot("nats", "apps")
    run = applications.run()
    good(run)
    assert run.changes == []
    assert applications.estate.snapshot("nats", "apps") == before
    assert applications.run("--check").changes == []


def test_what_is_issued_again_is_brought_along(applications: Applications, first: object) -> None:
    """Another permission: only the creds of its user are replaced, and a play of one's own hears of it."""
    creds = applications.folder("app-1", "order-service") / "user.creds"
    kept, others = creds.read_bytes(), applications.estate.snapshot("apps/app-2", "apps/app-1/reports")
    put(applications.estate.settings, "nats_trust_accounts[0].users[0].publish.allow[+]", "invoices.>")
    try:
        assert applications.run(playbook=str(ROOT / "playbooks" / "deploy.yml")).code == 0
        told = Path(applications.hosts["app-1"]["application_told"])
        run = applications.run(playbook=OWN_PLAY)
        good(run)
        assert reasons(run) == ["order-service: user.creds: content differs"]
        assert creds.read_bytes() != kept
        assert told.read_text() == "told"
        assert not Path(applications.hosts["app-2"]["application_told"]).exists()
        assert applications.estate.snapshot("apps/app-2", "apps/app-1/reports") == others
        found = asyncio.run(exchange(applications.settings("app-1", "order-service"), "orders.a", "invoices.a"))
        assert found == (None, [])
    finally:
        applications.reset()


def test_another_login_takes_the_place_of_the_first(applications: Applications, first: object) -> None:
    entry = applications.hosts["app-1"]["nats_client_applications"][1]
    del entry["account"], entry["user"]
    entry["nkey"] = str(applications.seed)
    try:
        run = applications.run("--diff", "-vvvv")
        good(run)
        folder = applications.folder("app-1", "reports")
        assert (folder / "user.nk").read_text().strip() == KEY.seed
        assert not (folder / "user.creds").exists()
        assert applications.settings("app-1", "reports")["NATS_NKEY"] == str(folder / "user.nk")
        assert KEY.seed not in run.output
    finally:
        applications.reset()
    assert applications.run().code == 0


def test_absent_takes_away_what_was_delivered(applications: Applications, first: object) -> None:
    folder = applications.folder("app-1", "reports")
    try:
        applications.hosts["app-1"]["nats_client_applications"][1] = {"name": "reports", "state": "absent"}
        checked = applications.run("--check")
        assert checked.changes == [("app-1", DELIVER)] and folder.exists()
        run = applications.run()
        good(run)
        assert reasons(run) == reasons(checked)
        assert not folder.exists()
        assert applications.folder("app-1", "order-service").exists()
        assert applications.run().changes == []
    finally:
        applications.reset()


BAD = [
    {"name": "a", "account": "TeamAlpha"},
    {"name": "b", "account": "TeamBeta", "user": "x"},
    {"name": "c", "user": "order-service"},
    {"name": "d"},
    {"name": "e", "account": "TeamAlpha", "user": "monitoring", "nkey": "absent.nk"},
    {"name": "f", "nkey": "absent.nk"},
    {"name": "a/b", "account": "TeamAlpha", "user": "monitoring"},
    {"name": "g", "account": "TeamAlpha", "user": "monitoring", "onwer": "x", "path": "etc/x"},
    {"name": "h", "account": "TeamAlpha", "user": "monitoring", "servers": ["nats.example.com"]},
]


def test_everything_wrong_is_said_before_a_host_is_touched(applications: Applications, first: object) -> None:
    """The second host can't even be reached."""
    applications.hosts["app-1"]["nats_client_applications"] = BAD
    applications.hosts["app-2"].update(ansible_connection="ssh", ansible_host="192.0.2.1", ansible_ssh_timeout=1)
    before = applications.estate.snapshot("nats", "apps")
    where = "nats_client_applications"
    try:
        fails(
            applications.run(),
            (f"{where}[0].user", "the account TeamAlpha has no user a (the application's name, as it says no user)"),
            (f"{where}[1].account", "there is no account TeamBeta"),
            (f"{where}[2].account", "is needed: which account is the user order-service of?"),
            (f"{where}[3]", "has no way to log in"),
            (f"{where}[4]", "has account and nkey"),
            (f"{where}[5].nkey", "can't be read: No such file"),
            (f"{where}[6].name", "is needed"),
            (f"{where}[7].onwer", "is not known: write one of account"),
            (f"{where}[7].path", "must be absolute"),
            (f"{where}[8].servers[0]", "is not a server URL"),
        )
    finally:
        applications.reset()
    assert applications.estate.snapshot("nats", "apps") == before


def test_without_the_vault_s_secret_nothing_is_touched(applications: Applications, first: object) -> None:
    before = applications.estate.snapshot("nats", "apps")
    run = applications.estate.deploy(playbook=CLIENTS)
    assert run.code != 0
    assert "is sealed with Ansible Vault and this play has no vault secret" in run.text
    assert DELIVER not in {result["task"] for result in run.results}
    assert applications.estate.snapshot("nats", "apps") == before


def test_an_owner_that_the_host_does_not_know(applications: Applications, first: object) -> None:
    applications.hosts["app-1"]["nats_client_applications"][0]["owner"] = "aegis-nobody-is-called-so"
    try:
        run = applications.run()
        assert run.code != 0
        assert "there is no user aegis-nobody-is-called-so on this host: create it first" in run.text
    finally:
        applications.reset()


def test_servers_and_applications_in_one_check_of_nothing(estate: Estate) -> None:
    """Nothing was deployed yet: the check knows that the run that follows makes users and certificates first."""
    applications = Applications(estate)
    run = applications.run("--check", playbook=EVERYTHING)
    good(run)
    assert ("app-1", DELIVER) in run.changes
    assert not (estate.root / "nats").exists() and not applications.place.exists()
    put(estate.settings, "nats_trust_accounts[0].users[0].name", "orders")
    refused = applications.run("--check", playbook=EVERYTHING)
    assert "the tree that is to be made has no user order-service of TeamAlpha" in refused.text
