# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a folder as a survey sees them."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.aegis.nats.plugins.module_utils.node.files import NOBODY_NAMED, Ownership
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.choose import HostKey
from ansible_collections.aegis.nats.plugins.module_utils.node.keys.records import keys_folder, read_keys, unused
from ansible_collections.aegis.nats.plugins.module_utils.pki import keys
from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.pki.test_requests import KEY, request

DIGEST = keys.spki_sha256(KEY.public_key())[:16]


def put(folder: Path, name: str = "server", digest: str = DIGEST, text: str = "") -> Path:
    place = folder / f"{name}-{digest}"
    place.mkdir(mode=0o700, parents=True)
    (place / "tls.key").write_text("never read")
    (place / "tls.key").chmod(0o600)
    (place / "tls.csr").write_text(text or request(KEY, "n1.example.com"))
    return place


def test_where_they_lie() -> None:
    assert keys_folder("/etc/nats/") == Path("/etc/nats/keys")


def test_a_key_and_what_is_none(tmp_path: Path) -> None:
    assert read_keys(tmp_path / "absent", NOBODY_NAMED) == []
    put(tmp_path)
    (put(tmp_path, "route") / "tls.key").unlink()
    put(tmp_path, ".new-server")
    put(tmp_path, "server", "0123")
    linked = put(tmp_path, "linked")
    (linked / "tls.key").rename(tmp_path / "elsewhere")
    (linked / "tls.key").symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".lock").touch()
    (found,) = read_keys(tmp_path, NOBODY_NAMED)
    assert (found.name, found.digest, found.key_type) == ("server", DIGEST, "ecdsa-p256")
    assert (found.dns, found.faults) == (("n1.example.com",), ())
    assert "CERTIFICATE REQUEST" in (found.request or "")


def test_a_request_that_is_damaged_or_of_another_key_does_not_count(tmp_path: Path) -> None:
    put(tmp_path, "server", "0" * 16)
    put(tmp_path, "route", text="hello")
    assert [(key.request, key.key_type) for key in read_keys(tmp_path, NOBODY_NAMED)] == [(None, None)] * 2


def test_faults(tmp_path: Path) -> None:
    place = put(tmp_path)
    (place / "tls.key").chmod(0o644)
    place.chmod(0o755)
    (found,) = read_keys(tmp_path, Ownership("nobody-has-this-name"))
    assert found.faults == (
        "its folder: mode 0755 becomes 0700",
        "mode 0644 becomes 0600",
        "owner becomes nobody-has-this-name",
    )


def key(digest: str, made: float, name: str = "server") -> HostKey:
    return HostKey(name, digest * 16, made)


def named(*found: HostKey) -> list[bytes]:
    return [f'key_file: "/etc/nats/keys/{one.folder}/tls.key"'.encode() for one in found]


def test_which_keys_nobody_needs_any_more() -> None:
    old, rolled, now, coming, other = key("a", 1), key("b", 2), key("c", 3), key("d", 4), key("e", 1, "route")
    everything = [old, rolled, now, coming, other]
    assert unused(everything, named(now), named(rolled)) == [old]
    assert unused(everything, named(now), []) == [old, rolled]
    assert unused(everything, [], []) == []
    assert unused(everything, named(coming, other), named(now, rolled, old)) == []


def test_the_user_who_looks_needs_no_right_to_open_a_key(tmp_path: Path) -> None:
    place = put(tmp_path)
    (place / "tls.key").unlink()
    os.mkfifo(place / "tls.key", 0o600)
    assert read_keys(tmp_path, NOBODY_NAMED) == [], "opening it would wait forever"
