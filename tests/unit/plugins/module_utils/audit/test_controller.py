# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets on this machine: which files hold one, who may read them, whether they are sealed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.audit import controller
from ansible_collections.aegis.nats.plugins.module_utils.audit.controller import Kept, Place
from ansible_collections.aegis.nats.plugins.module_utils.trust.keys import Role
from ansible_collections.aegis.nats.plugins.module_utils.trust.tokens import sign
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import Reversed
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.trust.samples import key

ACCOUNT, USER = key(Role.ACCOUNT, 1), key(Role.USER, 1)
SEED = USER.seed
PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQ\n-----END PRIVATE KEY-----\n"
LOCKED = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4CAQAwBQ\n"
OLD_LOCKED = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"


def token(bearer: bool) -> str:
    nats = {"type": "user", "version": 2, "bearer_token": bearer}
    return sign({"sub": USER.public_key, "name": "u", "iat": 1, "nats": nats}, ACCOUNT).text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path


def write(place: Path, content: str | bytes, mode: int = 0o600) -> None:
    place.parent.mkdir(exist_ok=True, parents=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    place.chmod(mode)


def look(folder: Path, secrets: bool = False) -> Place:
    (found,) = controller.look({str(folder): "store"}, [str(folder)] if secrets else [], []).places
    return found


@pytest.mark.parametrize(
    ("content", "sealed"),
    [
        (SEED, False),
        (f"# creds\n{SEED}\n", False),
        (PEM, False),
        (PEM.replace("PRIVATE", "EC PRIVATE"), False),
        (LOCKED, True),
        (OLD_LOCKED, True),
        (Reversed().close(b"x"), True),
        (token(bearer=True), False),
        (token(bearer=False), None),
        (USER.public_key, None),
        ("-----BEGIN CERTIFICATE-----\n", None),
        ("", None),
    ],
)
def test_what_is_a_secret(folder: Path, content: str | bytes, sealed: bool | None) -> None:
    write(folder / "a/b.txt", content)
    found = look(folder)
    assert [secret.sealed for secret in found.secrets] == ([] if sealed is None else [sealed])
    assert SEED not in repr(found) and "MC4C" not in repr(found)


def test_where_every_file_is_a_secret(folder: Path) -> None:
    write(folder / "route_password.secret", "hush")
    write(folder / ".lock", "")
    assert [Path(secret.path).name for secret in look(folder, secrets=True).secrets] == ["route_password.secret"]
    assert look(folder).secrets == ()


@pytest.mark.parametrize(
    ("mode", "content", "words"),
    [
        (0o600, SEED, ""),
        (0o400, SEED, ""),
        (0o640, SEED, "its group may read it"),
        (0o604, SEED, "everybody on the host may read it"),
        (0o622, SEED, "everybody on the host may write it"),
        (0o644, LOCKED, ""),
        (0o646, LOCKED, "everybody on the host may write it"),
    ],
)
def test_who_may_read_it(folder: Path, mode: int, content: str, words: str) -> None:
    write(folder / "x", content, mode)
    (secret,) = look(folder).secrets
    assert (secret.problem, secret.mode) == (words, f"{mode:04o}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to somebody else")
def test_whose_it_is(folder: Path) -> None:
    write(folder / "x", SEED)
    os.chown(folder / "x", 12345, 0)
    (secret,) = look(folder).secrets
    assert secret.problem == "it belongs to 12345, who neither is root nor runs this"


def test_a_folder_that_others_may_write_to(folder: Path) -> None:
    write(folder / "store/x", SEED)
    (folder / "store").chmod(0o755)
    assert look(folder / "store").lies == ""
    (folder / "store").chmod(0o707)
    assert look(folder / "store").lies == "0707: everybody on the host may write it"


def test_a_folder_that_is_not_there(folder: Path) -> None:
    assert look(folder / "absent").problem == "it can't be read, or is not there"


def test_links_are_not_followed_out_of_it(folder: Path) -> None:
    write(folder / "elsewhere/x", SEED, 0o644)
    (folder / "store").mkdir()
    (folder / "store/x").symlink_to(folder / "elsewhere/x")
    (folder / "store/y").symlink_to(folder / "elsewhere")
    assert look(folder / "store").secrets == ()
    (folder / "link").symlink_to(folder / "elsewhere")
    assert len(look(folder / "link").secrets) == 1


def inventory(*paths: Path, without: Path | None = None) -> Kept:
    return controller.look({str(without): "store"} if without else {}, [], [str(path) for path in paths])


def test_the_inventory_and_the_variables_beside_it(folder: Path) -> None:
    write(folder / "hosts.yml", "all:\n")
    write(folder / "group_vars/all/vault.yml", Reversed().close(SEED.encode()))
    write(folder / "host_vars/n1.yml", f"a: 1\nb: 2\nseed: {SEED}\n")
    write(folder / "group_vars/key.yml", f"key: |\n  {PEM}")
    write(folder / "elsewhere.yml", SEED)
    found = inventory(folder / "hosts.yml", folder / "absent", Path("n1,n2,"))
    assert found.inventory == 4
    assert {Path(path).name: line for path, line in found.open.items()} == {"n1.yml": 3, "key.yml": 2}


def test_an_inventory_that_is_a_folder_with_the_store_in_it(folder: Path) -> None:
    write(folder / "hosts.yml", "all:\n")
    write(folder / "group_vars/all.yml", f"seed: {SEED}\n")
    write(folder / "nats/trust/x.nk", SEED)
    write(folder / ".git/objects/x", SEED)
    found = inventory(folder, without=folder / "nats/trust")
    assert found.inventory == 2 and list(found.open) == [str(folder / "group_vars/all.yml")]


def test_a_value_that_is_sealed_in_a_file_that_is_not(folder: Path) -> None:
    sealed = Reversed().close(SEED.encode()).decode().replace("\n", "\n  ")
    write(folder / "hosts.yml", f"seed: !vault |\n  {sealed}\n")
    assert inventory(folder / "hosts.yml").open == {}
