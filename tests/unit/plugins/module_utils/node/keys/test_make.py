# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys on disk: whole or not at all, with the right mode from the first moment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, Ownership
from ansible_collections.aegis.nats.plugins.module_utils.node.keys import make, openssl
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.choose import WantedKey
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.make import Maker
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.records import read_keys
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.plugins.module_utils.plan.errors import NatsError

pytestmark = pytest.mark.skipif(openssl.find_openssl() is None, reason="there is no openssl here")
WANTED = WantedKey("server", "ecdsa-p256", "n1", ("n1.example.com",))


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path / "etc/keys", NOBODY_NAMED)


def test_a_new_key(maker: Maker) -> None:
    with maker.locked():
        maker.make(WANTED)
    (found,) = read_keys(maker.folder, NOBODY_NAMED)
    place = maker.folder / found.folder
    assert sorted(os.listdir(place)) == ["tls.csr", "tls.key"]
    assert [(place / name).stat().st_mode & 0o777 for name in ("tls.key", "tls.csr", ".")] == [0o600, 0o640, 0o700]
    key = keys.read((place / "tls.key").read_bytes(), "key")
    assert keys.spki_sha256(key.public_key()).startswith(found.digest)
    assert found.dns == ("n1.example.com",)


def test_what_a_killed_run_left_is_swept(maker: Maker) -> None:
    with maker.locked():
        maker.make(WANTED)
    (found,) = read_keys(maker.folder, NOBODY_NAMED)
    left = [
        maker.folder / ".new-server" / "tls.key",
        *(maker.folder / found.folder / name for name in (".tls.csr.new",)),
    ]
    for place in left:
        place.parent.mkdir(exist_ok=True)
        place.write_text("half")
    with maker.locked():
        pass
    assert not any(place.exists() for place in left)
    assert read_keys(maker.folder, NOBODY_NAMED) == [found]


def test_a_request_that_fails_leaves_no_key(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> str:
        raise NatsError("no request today")

    monkeypatch.setattr(make.openssl, "request", fails)
    with maker.locked(), pytest.raises(NatsError, match="no request today"):
        maker.make(WANTED)
    assert os.listdir(maker.folder) == [".lock"]


def test_mode_and_request_are_put_right_and_the_key_stays(maker: Maker) -> None:
    with maker.locked():
        maker.make(WANTED)
    (found,) = read_keys(maker.folder, NOBODY_NAMED)
    place = maker.folder / found.folder
    before = (place / "tls.key").read_bytes()
    (place / "tls.key").chmod(0o640)
    (place / "tls.csr").unlink()
    (broken,) = read_keys(maker.folder, NOBODY_NAMED)
    with maker.locked():
        maker.put_right(broken, WANTED, request_due=True)
    (again,) = read_keys(maker.folder, NOBODY_NAMED)
    assert (again.digest, again.made, again.faults, again.dns) == (found.digest, found.made, (), found.dns)
    assert (place / "tls.key").read_bytes() == before


def test_a_key_that_is_not_the_one_that_its_folder_names(maker: Maker) -> None:
    with maker.locked():
        maker.make(WANTED)
        maker.make(WANTED)
    one, other = read_keys(maker.folder, NOBODY_NAMED)
    (maker.folder / one.folder / "tls.key").write_bytes((maker.folder / other.folder / "tls.key").read_bytes())
    with maker.locked(), pytest.raises(NatsError, match="is not the key that its folder is named for"):
        maker.put_right(one, WANTED, request_due=True)
    assert [key.request for key in read_keys(maker.folder, NOBODY_NAMED)] == [one.request, other.request]


def test_a_link_in_the_place_of_a_key_is_not_followed(maker: Maker, tmp_path: Path) -> None:
    with maker.locked():
        maker.make(WANTED)
    (found,) = read_keys(maker.folder, NOBODY_NAMED)
    foreign = tmp_path / "foreign"
    foreign.write_text("x")
    foreign.chmod(0o644)
    (maker.folder / found.folder / "tls.key").unlink()
    (maker.folder / found.folder / "tls.key").symlink_to(foreign)
    faulty = type(found)(**{**vars(found), "faults": ("mode",)})
    with maker.locked(), pytest.raises(OSError, match="symbolic links"):
        maker.put_right(faulty, WANTED, request_due=False)
    assert foreign.stat().st_mode & 0o777 == 0o644


def test_an_owner_that_is_not_there_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with (
        pytest.raises(NatsError, match="there is no user nobody-has-this-name"),
        Maker(tmp_path / "etc/keys", Ownership("nobody-has-this-name")).locked(),
    ):
        pass
    assert os.listdir(tmp_path) == []
