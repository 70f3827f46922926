# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An archive is fetched once, and its program is used only when its checksum is what the list says."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aegis.nats.plugins.plugin_utils.release_archive import (
    Archive,
    ArchiveError,
    Cached,
    _request,
    download,
    look,
    provide,
    shown,
)

NAME = "nats-server-v2.15.1-linux-arm64"
PROGRAM = b"\x7fELF and more"


def tarball(path: str = f"{NAME}/nats-server", content: bytes = PROGRAM) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Mirror:
    """What is where, and what was asked for."""

    def __init__(self, content: bytes, digest: str = "") -> None:
        digest = digest or hashlib.sha256(content).hexdigest()
        self.files = {
            f"{NAME}.tar.gz": content,
            "SHA256SUMS": f"{'0' * 64}  other.tar.gz\n{digest} *{NAME}.tar.gz\n".encode(),
        }
        self.asked: list[str] = []

    def fetch(self, url: str, place: Path) -> None:
        name = url.rpartition("/")[2]
        self.asked.append(name)
        place.write_bytes(self.files[name])


def archive(**more: Any) -> Archive:
    return Archive(**{"url": "http://mirror/v2/", "name": NAME, "checksums": "SHA256SUMS", **more})


def test_it_is_fetched_once_and_proven_each_time(tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    mirror = Mirror(tarball())
    assert look(archive(), cache) == Cached(cache / NAME / "nats-server", False, True)
    assert not cache.exists()

    found = provide(archive(), cache, mirror.fetch)
    assert found == Cached(cache / NAME / "nats-server", True, True)
    assert found.binary.read_bytes() == PROGRAM
    assert found.binary.stat().st_mode & 0o777 == 0o755
    assert cache.stat().st_mode & 0o777 == 0o700
    assert mirror.asked == ["SHA256SUMS", f"{NAME}.tar.gz"]

    assert provide(archive(), cache, mirror.fetch) == Cached(found.binary, True, False)
    assert look(archive(), cache) == Cached(found.binary, True, False)
    assert len(mirror.asked) == 2

    # Damaged in the cache: the archive is fetched again, a program that was changed is taken out of it again.
    found.binary.write_bytes(b"changed")
    assert provide(archive(), cache, mirror.fetch).binary.read_bytes() == PROGRAM
    (cache / f"{NAME}.tar.gz").write_bytes(b"damaged")
    assert not look(archive(), cache).is_there
    assert provide(archive(), cache, mirror.fetch).fetched


def test_another_program_and_an_archive_without_a_folder(tmp_path: Path) -> None:
    content = tarball("exporter")
    wanted = archive(checksums="sha256:" + hashlib.sha256(content).hexdigest(), program="exporter", prefix="other_")
    found = provide(wanted, tmp_path, Mirror(content).fetch)
    assert found.binary == tmp_path / NAME / "exporter" and found.binary.read_bytes() == PROGRAM
    damaged = archive(checksums="sha256:" + "0" * 64, program="exporter", prefix="other_")
    with pytest.raises(ArchiveError, match=r"other_archive_url: .* but other_archive_checksums says 0"):
        provide(damaged, tmp_path / "else", Mirror(content).fetch)


def test_another_mirror_is_asked_for_its_own_list(tmp_path: Path) -> None:
    mirror = Mirror(tarball())
    provide(archive(), tmp_path, mirror.fetch)
    assert look(archive(url="http://other"), tmp_path).fetched


def test_a_checksum_of_the_inventory_needs_no_list(tmp_path: Path) -> None:
    content = tarball()
    mirror = Mirror(content)
    wanted = archive(checksums="sha256:" + hashlib.sha256(content).hexdigest().upper())
    assert provide(wanted, tmp_path, mirror.fetch).is_there
    assert mirror.asked == [f"{NAME}.tar.gz"]
    assert not look(wanted, tmp_path).fetched


@pytest.mark.parametrize(
    ("mirror", "wanted", "words"),
    [
        (Mirror(tarball(), "1" * 64), archive(), "but http://mirror/v2/SHA256SUMS says 111"),
        (Mirror(tarball()), archive(checksums="sha256:" + "2" * 64), "but nats_server_archive_checksums says 222"),
        (
            Mirror(tarball()),
            archive(name="nats-server-v2.15.1-linux-amd64"),
            "has no SHA-256 of nats-server-v2.15.1-lin",
        ),
        (Mirror(tarball("../nats-server")), archive(), f"holds no {NAME}/nats-server, as releases do"),
        (Mirror(b"no archive"), archive(), f"holds no {NAME}/nats-server, as releases do"),
    ],
)
def test_what_is_refused(tmp_path: Path, mirror: Mirror, wanted: Archive, words: str) -> None:
    with pytest.raises(ArchiveError, match=words.replace(".", r"\.")):
        provide(wanted, tmp_path, mirror.fetch)
    assert not list(tmp_path.rglob("nats-server"))
    assert not list(tmp_path.glob(".fetch-*"))


def test_a_refused_archive_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    provide(archive(), tmp_path, Mirror(tarball()).fetch)
    other = archive(url="http://other")
    with pytest.raises(ArchiveError):
        provide(other, tmp_path, Mirror(tarball(content=b"else"), "1" * 64).fetch)
    assert (tmp_path / NAME / "nats-server").read_bytes() == PROGRAM
    assert not look(archive(), tmp_path).fetched


def test_what_can_not_be_fetched_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(
        ArchiveError, match=r"nats_server_archive_url: http://127\.0\.0\.1:1/x can't be fetched"
    ) as told:
        download("http://user:hush@127.0.0.1:1/x", tmp_path / "x")
    assert "hush" not in str(told.value)
    with pytest.raises(ArchiveError, match="can't be fetched"):
        download("no url", tmp_path / "x")
    with pytest.raises(ArchiveError, match="No such file"):
        download((tmp_path / "absent").as_uri(), tmp_path / "x")


def test_a_login_in_the_url_is_a_header() -> None:
    request = _request("https://user:p%40ss@mirror.example.com:8443/v2/list")
    assert request.full_url == "https://mirror.example.com:8443/v2/list" == shown(request.full_url)
    assert request.unredirected_hdrs == {"Authorization": "Basic dXNlcjpwQHNz"}
