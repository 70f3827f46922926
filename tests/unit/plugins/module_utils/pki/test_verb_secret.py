# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb secret: made once and kept."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.pki.verb_secret import value_of
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import StoreError
from ansible_collections.aegis.nats.plugins.module_utils.plan.folder import Folder
from ansible_collections.aegis.nats.plugins.module_utils.plan.verb import NoSeal
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.calls import Reversed, secret, snapshot

WANTED = ["routes", {"name": "jetstream/n1", "encoding": "hex"}, {"name": "long", "bytes": 48}]


def value(path: Path, name: str) -> str | None:
    return value_of(Folder(str(path), NoSeal()), name)


def test_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    checked = secret(path, WANTED, check=True)
    assert not path.exists()
    made = secret(path, WANTED)
    assert (
        checked["reasons"]
        == made["reasons"]
        == [
            "secret routes: made for the first time",
            "secret jetstream/n1: made for the first time",
            "secret long: made for the first time",
        ]
    )
    assert (made["names"], made["diff"]) == (["routes", "jetstream/n1", "long"], checked["diff"])
    assert made["paths"]["jetstream/n1"] == str(path / "jetstream/n1.secret")
    routes, node, long = (value(path, name) or "" for name in made["names"])
    assert len(base64.urlsafe_b64decode(routes + "=")) == 32
    assert len(bytes.fromhex(node)) == 32
    assert len(base64.urlsafe_b64decode(long)) == 48
    assert not any(text in repr(made) for text in (routes, node, long))
    before = snapshot(path)
    assert all(line.startswith("600 ") for line in before.values())
    assert secret(path, WANTED)["changed"] is False
    assert secret(path, [{"name": "routes", "bytes": 64, "encoding": "hex"}])["changed"] is False
    assert snapshot(path) == before


def test_an_open_one_is_sealed_with_the_same_value(tmp_path: Path) -> None:
    secret(tmp_path, ["routes"])
    routes = value(tmp_path, "routes")
    for check in (True, False):
        assert secret(tmp_path, ["routes"], check, Reversed())["reasons"] == ["secret routes: becomes sealed"]
    assert (tmp_path / "routes.secret").read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert value_of(Folder(str(tmp_path), Reversed()), "routes") == routes
    assert secret(tmp_path, ["routes"], sealer=Reversed())["changed"] is False


def test_an_empty_file_is_never_overwritten(tmp_path: Path) -> None:
    secret(tmp_path, ["routes"])
    for content in (b"", b"\n", b"\xff\xfe"):
        (tmp_path / "routes.secret").write_bytes(content)
        assert "routes.secret: holds no secret: put it back" in secret(tmp_path, ["routes"])["msg"]
        assert (tmp_path / "routes.secret").read_bytes() == content
        with pytest.raises(StoreError):
            value(tmp_path, "routes")
    assert value(tmp_path, "none") is None


@pytest.mark.parametrize(
    ("wanted", "path", "words"),
    [
        ([7], "secrets[0]", "must be a name, or a dict"),
        ([{}], "secrets[0].name", "is needed"),
        (["../../etc/shadow"], "secrets[0].name", "can't be a file name"),
        ([{"name": "a", "bytes": 8}], "secrets[0].bytes", "8 is not a length: write a whole number from 16 to 1024"),
        ([{"name": "a", "encoding": "base32"}], "secrets[0].encoding", "write one of base64url, hex"),
        ([{"name": "a", "length": 8}], "secrets[0].length", "'length' is not known"),
        (["a", "a"], "secrets[1].name", "'a' is there twice"),
    ],
)
def test_bad_input(tmp_path: Path, wanted: Any, path: str, words: str) -> None:
    result = secret(tmp_path / "secrets", wanted)
    assert [problem["path"] for problem in result["problems"]] == [path]
    assert words in result["msg"]
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize("sealer", [NoSeal(), Reversed()], ids=["open", "sealed"])
def test_a_successor_is_made_once_and_takes_its_place(tmp_path: Path, sealer: Any) -> None:
    def current(name: str) -> str | None:
        return value_of(Folder(str(tmp_path), sealer), name)

    secret(tmp_path, ["routes", "jetstream/n1"], sealer=sealer)
    routes, before = current("routes"), current("jetstream/n1")
    for check in (True, False):
        made = secret(tmp_path, ["jetstream/n1"], check, sealer, successor="made")
        assert made["reasons"] == ["secret next/jetstream/n1: made for the first time"]
    after = current("next/jetstream/n1")
    assert after and after != before and current("jetstream/n1") == before
    assert secret(tmp_path, ["jetstream/n1"], sealer=sealer, successor="made")["changed"] is False
    for check in (True, False):
        promoted = secret(tmp_path, ["routes", "jetstream/n1"], check, sealer, successor="promoted")
        assert promoted["reasons"] == ["secret jetstream/n1: its successor takes its place"]
        assert after not in repr(promoted) and str(before) not in repr(promoted)
    assert (current("routes"), current("jetstream/n1"), current("next/jetstream/n1")) == (routes, after, None)
    assert not (tmp_path / "next").exists()
    assert (tmp_path / "jetstream/n1.secret").read_bytes().startswith(b"$ANSIBLE_VAULT;") is sealer.active
    assert secret(tmp_path, ["jetstream/n1"], sealer=sealer, successor="promoted")["changed"] is False
