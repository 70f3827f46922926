# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster whose certificates a real step-ca signs, by the example of a signing command."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.tests.end_to_end.estate import ROOT, Estate, free_ports, good, wait_until
from cryptography import x509

EXAMPLES = ROOT / "examples/external_ca"
PROVISIONER = "nats@example.com"


@dataclass
class StepCa:
    """A running step-ca with a provisioner as the example wants it."""

    place: Path
    programs: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {"STEPPATH": str(self.place / "path"), "PATH": f"{self.programs}:{os.environ['PATH']}"}

    @property
    def password(self) -> Path:
        return self.place / "password"

    def step(self, *words: str) -> None:
        done = subprocess.run(
            ["step", *words], env={**os.environ, **self.environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def make(self) -> None:
        self.place.mkdir(mode=0o700)
        self.password.write_text("the-password-of-a-test\n")
        self.password.chmod(0o600)
        named = [
            "--name",
            "Steps",
            "--provisioner",
            PROVISIONER,
            "--dns",
            "localhost",
            "--deployment-type",
            "standalone",
        ]
        at = ["--address", f"127.0.0.1:{self.port}"]
        passwords = [word for what in ("", "provisioner-") for word in (f"--{what}password-file", str(self.password))]
        self.step("ca", "init", *named, *at, *passwords)

    def take(self, template: Path) -> None:
        more = ["--x509-max-dur", "9000h", "--x509-template", str(template)]
        self.step("ca", "provisioner", "update", PROVISIONER, *more, "--ca-config", str(self.config))

    @property
    def config(self) -> Path:
        return self.place / "path/config/ca.json"

    @property
    def root(self) -> Path:
        return self.place / "path/certs/root_ca.crt"

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with (self.place / "log").open("w") as log:
            server = subprocess.Popen(
                ["step-ca", str(self.config), "--password-file", str(self.password)],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
            try:
                assert wait_until(self._answers, 20), (self.place / "log").read_text()
                yield
            finally:
                server.terminate()
                server.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], StepCa]:
    """Makes one by its name."""
    named = [os.environ.get(name) for name in ("AEGIS_STEP", "AEGIS_STEP_CA")]
    if not all(named):
        warnings.warn("step and step-ca are not there, NOT TESTED against step-ca: run ./test soak", stacklevel=1)
        pytest.skip("step-ca is not there: set AEGIS_STEP and AEGIS_STEP_CA or run ./test soak")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, program in zip(("step", "step-ca"), named):
        (programs / name).symlink_to(str(program))
    ports = iter(free_ports(2))

    def made(name: str) -> StepCa:
        found = StepCa(tmp_path / name, programs, next(ports))
        found.make()
        return found

    return made


def signed_by(estate: Estate, authority: StepCa) -> None:
    estate.settings.update(
        nats_pki_key_kept="elsewhere",
        nats_pki_certificate_file=str(authority.root),
        nats_pki_sign_command=[str(EXAMPLES / "step_ca.sh"), PROVISIONER, str(authority.password)],
    )


@pytest.mark.long
@pytest.mark.parametrize("keys", ["controller", "host"])
def test_a_cluster_of_its_certificates(estate: Estate, make: Callable[[str], StepCa], keys: str) -> None:
    step_ca = make("step")
    signed_by(estate, step_ca)
    estate.settings["nats_pki_keys"] = keys
    estate.settings["nats_pki_clients"] = [{"name": "app", "email": ["app@example.com"]}]
    step_ca.take(EXAMPLES / "step_ca.tpl")
    with step_ca.running():
        run = estate.deploy(**step_ca.environment)
        good(run)
        assert estate.deploy(**step_ca.environment).changes == []
    served = x509.load_pem_x509_certificate((estate.root / "nats/pki/issued/n1/server.crt").read_bytes())
    assert "Steps Intermediate CA" in served.issuer.rfc4514_string()
    # Nothing is due: the authority may be away.
    assert estate.deploy(**step_ca.environment).changes == []


@pytest.mark.long
def test_what_it_refuses_is_told(estate: Estate, make: Callable[[str], StepCa]) -> None:
    step_ca = make("step")
    signed_by(estate, step_ca)
    run = estate.deploy(**step_ca.environment)
    assert run.code != 0 and "connection refused" in run.text, run.output
    with step_ca.running():
        run = estate.deploy(**step_ca.environment)
        assert run.code != 0, "a provisioner without the example's claims gives a day"
        assert "step_ca.sh ended with status" in run.text and "duration" in run.text, run.output


@pytest.mark.long
def test_from_one_to_another(estate: Estate, make: Callable[[str], StepCa]) -> None:
    """Its certificates are rotated, and then the authority: the inventory names another one."""
    one, other = make("one"), make("other")
    for each in (one, other):
        each.take(EXAMPLES / "step_ca.tpl")
    pki = estate.root / "nats/pki"
    with one.running(), other.running():
        for authority, rotation in (
            (one, []),
            (one, ["rotate_certificates"]),
            (other, ["rotate_ca", "-e", "nats_rotate_to=drop"]),
        ):
            signed_by(estate, authority)
            before = x509.load_pem_x509_certificate((pki / "issued/n1/route.crt").read_bytes()) if rotation else None
            playbook = str(ROOT / f"playbooks/{rotation[0]}.yml") if rotation else None
            run = estate.deploy(*rotation[1:], playbook=playbook, **authority.environment)
            good(run)
            assert x509.load_pem_x509_certificate((pki / "issued/n1/route.crt").read_bytes()) != before
            assert estate.deploy(**authority.environment).changes == []
    trusted = x509.load_pem_x509_certificates((pki / "ca.crt").read_bytes())
    assert trusted == [x509.load_pem_x509_certificate(other.root.read_bytes())]
