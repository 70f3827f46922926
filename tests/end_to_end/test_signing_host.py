# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trust material made on a signing host by delegate_to: the module runs there, with that host's Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.bad_input import assert_told
from ansible_collections.aegis.nats.tests.end_to_end.estate import Estate, Run, good, put
from ansible_collections.aegis.nats.tests.end_to_end.secrets import CommandLines, files_below, leaks, secrets_of

PLAYBOOK = str(Path(__file__).with_name("signing_host.yml"))
MAKING = 5
READING = 2


class SigningHost:
    """A host of the inventory with an interpreter that notes each start; its folder is the estate's ``nats``."""

    def __init__(self, estate: Estate, python: str) -> None:
        self.estate = estate
        self.notes = estate.scratch / "starts"
        program = estate.scratch / "python"
        program.write_text(f'#!/bin/sh\necho >>"{self.notes}"\nexec "{python}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        estate.settings["signing_dir"] = str(estate.root / "nats")
        estate.others = {"signer": {"ansible_connection": "local", "ansible_python_interpreter": str(program)}}

    def run(self, *options: str) -> Run:
        self.notes.unlink(missing_ok=True)
        return self.estate.deploy(*options, playbook=PLAYBOOK)

    @property
    def starts(self) -> int:
        return len(self.notes.read_text().splitlines()) if self.notes.exists() else 0


@pytest.fixture
def signer(estate: Estate) -> SigningHost:
    return SigningHost(estate, sys.executable)


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with nothing but its standard library."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / "bin" / "python")


def test_made_there(signer: SigningHost) -> None:
    checked = signer.run("--check")
    good(checked)
    assert not (signer.estate.root / "nats").exists()
    assert len(checked.changes) == MAKING

    first = signer.run()
    good(first)
    assert len(first.changes) == MAKING
    assert signer.starts == MAKING + READING
    before = signer.estate.snapshot()
    assert (0o600, before["nats/pki/ca.key"][1]) == before["nats/pki/ca.key"]

    again = signer.run()
    good(again)
    assert not again.changes
    assert signer.estate.snapshot() == before


def test_a_change_says_why(signer: SigningHost) -> None:
    assert signer.run().code == 0
    put(signer.estate.settings, "nats_trust_accounts[0].users[0].publish.allow[+]", "invoices.>")
    checked, changed = signer.run("--check"), signer.run()
    good(changed)
    assert [result["reasons"] for result in checked.results][2:3] == [changed.results[2]["reasons"]]
    assert any('publish.allow adds "invoices.>"' in reason for reason in changed.results[2]["reasons"])


def test_no_secret_is_seen(signer: SigningHost) -> None:
    estate = signer.estate
    estate.settings["signing_passphrase"] = "planted passphrase of the signing host"
    with CommandLines() as lines:
        first = signer.run("-vvvv", "--diff")
        good(first)
        put(estate.settings, "nats_trust_accounts[1].users[+]", {"name": "second"})
        second = signer.run("-vvvv", "--diff")
        good(second)
    secrets = {"the passphrase": "planted passphrase of the signing host", **secrets_of(estate)}
    texts = {"the output": first.output + second.output, **lines.texts, **files_below(estate.home, estate.scratch)}
    assert len(secrets) > 20
    assert not leaks(secrets, texts)


def test_without_the_libraries(estate: Estate, bare_python: str) -> None:
    signer = SigningHost(estate, bare_python)
    run = signer.run()
    assert_told(run, [("", "the Python library cryptography is needed here")])
    assert "pip install cryptography" in run.text
    assert "on the signing host into ansible_python_interpreter" in run.text
    assert not (estate.root / "nats").exists()


def test_bad_input_there(signer: SigningHost) -> None:
    """The same problems with the same paths as on the controller."""
    assert signer.run().code == 0
    put(signer.estate.settings, "nats_trust_accounts[0].users[1].name", "order-service")
    put(signer.estate.settings, "nats_trust_accounts[1].imports[0].type", "stream")
    before = signer.estate.snapshot()
    assert_told(
        signer.run(),
        [
            ("accounts.TeamAlpha.users[1].name", "is also the name of users[0]"),
            ("accounts.ExternalPartner.imports[0].type", "write service"),
        ],
    )
    assert signer.estate.snapshot() == before


def test_sealing_there(signer: SigningHost) -> None:
    signer.estate.settings["signing_seal"] = True
    assert_told(signer.run(), [("", "seal is true and there is no vault secret here: only the controller")])
    assert not (signer.estate.root / "nats").exists()
