# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb password: hashed once, and as long as it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bcrypt
import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_password import FILE, hashes
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import Reversed, password, snapshot

WANTED = {"users/a": "hush-a $7 {{", "accounts/T\u00e4m/CN=b,O=c/d": "hush-b"}


def made(path: Path) -> dict[str, str]:
    return hashes(Folder(str(path), NoSeal()))


def test_hashed_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    checked = password(path, WANTED, check=True)
    assert not path.exists()
    first = password(path, WANTED)
    assert (
        checked["reasons"] == first["reasons"] == [f"password of {name}: hashed for the first time" for name in WANTED]
    )
    assert (checked["pending"], first["pending"]) == (list(WANTED), [])
    found = made(path)
    for name, plain in WANTED.items():
        assert found[name].startswith("$2b$11$")
        assert bcrypt.checkpw(plain.encode(), found[name].encode())
    assert not any(text in repr(first) for text in (*WANTED.values(), *found.values()))
    before = snapshot(path)
    assert before[FILE].startswith("600 ")
    again = password(path, WANTED)
    assert (again["changed"], snapshot(path)) == (False, before)


def test_what_changes_is_hashed_anew_and_what_leaves_is_forgotten(tmp_path: Path) -> None:
    password(tmp_path, WANTED)
    before = made(tmp_path)
    changed = {"users/a": "another", "users/c": "third"}
    result = password(tmp_path, changed)
    assert result["reasons"] == [
        "password of users/a: changed, hashed anew",
        "password of users/c: hashed for the first time",
        "password of accounts/T\u00e4m/CN=b,O=c/d: not in use any more, its hash is removed",
    ]
    found = made(tmp_path)
    assert list(found) == ["users/a", "users/c"]
    assert found["users/a"] != before["users/a"]


def test_an_open_file_is_sealed_with_the_same_hashes(tmp_path: Path) -> None:
    password(tmp_path, WANTED)
    before = made(tmp_path)
    assert password(tmp_path, WANTED, sealer=Reversed())["reasons"] == ["passwords: their hashes become sealed"]
    assert (tmp_path / FILE).read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert hashes(Folder(str(tmp_path), Reversed())) == before
    assert password(tmp_path, WANTED, sealer=Reversed())["changed"] is False


@pytest.mark.parametrize(
    ("plain", "message"),
    [("h" * 73, "longer than the 72 bytes"), ("", "is not a text"), (5, "is not a text"), ("a\0b", "NUL")],
)
def test_what_can_not_be_hashed(tmp_path: Path, plain: Any, message: str) -> None:
    result = password(tmp_path / "s", {"users/a": plain})
    assert result["failed"]
    assert [problem["path"] for problem in result["problems"]] == ["passwords.users/a"]
    assert message in result["msg"]
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "hush"])
def test_a_broken_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(StoreError, match="holds no hashes") as told:
        made(tmp_path)
    assert "hush" not in str(told.value)


def test_a_hash_that_is_none_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"users/a": "no hash"}')
    assert password(tmp_path, {"users/a": "x"})["reasons"] == ["password of users/a: changed, hashed anew"]
