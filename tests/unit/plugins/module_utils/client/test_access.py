# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a client reaches servers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.client import access
from ansible_collections.aegis.nats.plugins.module_utils.plan.problems import Problems
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.tests.integration.live_cluster import Authority, Tree, new_key
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def told(problems: Problems) -> str:
    return "\n".join(str(problem) for problem in problems)


def test_urls_are_checked_all_at_once() -> None:
    problems = Problems()
    urls = ["tls://192.0.2.1:4222", "tls://[2001:db8::1]:4222", "n1:4222", "https://n1:4222", "tls://n1", "tls://n1:0"]
    access.check_servers([*urls, "tls://n1:99999"], problems)
    assert [problem.path for problem in problems] == [f"servers[{number}]" for number in (2, 3, 4, 5, 6)]


@pytest.mark.parametrize("url", ["tls://me:hunter2@n1:4222", "me:hunter2@n1"])
def test_a_password_in_a_url_is_refused_and_not_shown(url: str) -> None:
    problems = Problems()
    access.check_servers([url], problems)
    assert len(problems) == 1 and "hunter2" not in told(problems)


def test_no_servers() -> None:
    problems = Problems()
    access.check_servers([], problems)
    assert "servers: is empty" in told(problems)


def test_a_pair_needs_both_files(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).leaf("client")
    problems = Problems()
    assert access.read_pair(str(certificate), None, NoSeal(), problems) is None
    assert access.read_pair(None, str(key), NoSeal(), problems, "clients[0].") is None
    assert [problem.path for problem in problems] == ["key", "clients[0].certificate"]
    assert access.read_pair(None, None, NoSeal(), Problems()) is None
    assert access.read_pair(str(certificate), str(key), NoSeal(), Problems()) is not None


def test_a_pair_belongs_together(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (certificate, _dummy), (_dummy, other) = authority.leaf("one"), authority.leaf("two")
    problems = Problems()
    assert access.read_pair(str(certificate), str(other), NoSeal(), problems) is None
    assert "is not the key of" in told(problems)


def test_an_encrypted_key_is_refused_without_asking_at_the_terminal(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).leaf("client")
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    private = ec.generate_private_key(ec.SECP256R1())
    key.write_bytes(private.private_bytes(*form, serialization.BestAvailableEncryption(b"x")))
    problems = Problems()
    assert access.read_pair(str(certificate), str(key), NoSeal(), problems) is None
    assert [problem.path for problem in problems] == ["key"]


def test_files_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    problems = Problems()
    (tmp_path / "junk").write_text("junk")
    (tmp_path / "sealed").write_text("$ANSIBLE_VAULT;1.1;AES256\n00")
    seal = NoSeal()
    assert access.read_pem(str(tmp_path / "junk"), "ca", seal, problems) is None
    assert access.read_pem(str(tmp_path / "absent"), "certificate", seal, problems) is None
    assert access.read_login(str(tmp_path / "junk"), "creds", seal, problems) is None
    assert access.read_login(str(tmp_path / "sealed"), "clients[1].creds", seal, problems) is None
    assert [problem.path for problem in problems] == ["ca", "certificate", "creds", "clients[1].creds"]
    assert "No such file" in told(problems) and "sealed with Ansible Vault" in told(problems)


def test_nothing_secret_is_shown(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).leaf("client")
    creds = tmp_path / "u.creds"
    creds.write_bytes(Tree().user_creds(new_key(Role.ACCOUNT), "u"))
    login = access.read_login(str(creds), "creds", NoSeal(), Problems())
    pair = access.read_pair(str(certificate), str(key), NoSeal(), Problems())
    assert login is not None and pair is not None
    shown = repr(access.Access(("tls://n1:4222",), None, pair, login))
    assert login.keys.seed not in shown and login.token not in shown and "PRIVATE" not in shown


def test_it_needs_no_library_of_nats() -> None:
    code = "import sys; sys.modules['nats'] = None; import ansible_collections.aegis.nats.plugins.module_utils.client"
    subprocess.run([sys.executable, "-c", code + ".access"], check=True, env={"PYTHONPATH": ":".join(sys.path)})
