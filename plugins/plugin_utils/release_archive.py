# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An official release on the controller, such as nats-server: fetched once, never used before its checksum is proven.

A mirror's folder holds ``nats-server-vX-linux-ARCH.tar.gz`` and a list of SHA-256 checksums, as sha256sum writes it.
What was fetched is kept; its checksum is proven again, against the list that was kept with it, before each use.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import tarfile
import tempfile
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Callable, Optional
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ..module_utils.plan.errors import NatsError

_DIGEST = re.compile(r"sha256:([0-9a-fA-F]{64})\Z")
_LINE = re.compile(r"([0-9a-fA-F]{64})[ \t]+\*?(\S+)\s*\Z")
_TIMEOUT = 60.0
_CHUNK = 1 << 20
#: More than any release: a mirror that sends without end does not fill the disk.
_MOST = 1 << 30

Fetch = Callable[[str, Path], None]


class ArchiveError(NatsError):
    """The archive can't be had, or is not what its checksum says."""


@dataclass(frozen=True)
class Archive:
    """One release archive. url: the mirror's folder; checksums: name of its list, or ``sha256:...`` of the archive.

    program: its name in the archive; prefix: of the role's variables, for what is said when something is wrong.
    """

    url: str
    name: str
    checksums: str
    program: str = "nats-server"
    prefix: str = "nats_server_"

    @property
    def address(self) -> str:
        return f"{self.url.rstrip('/')}/{self.name}.tar.gz"

    @property
    def list_address(self) -> str:
        return f"{self.url.rstrip('/')}/{self.checksums}"


@dataclass(frozen=True)
class Cached:
    """binary: where the program lies, or will lie when it is not yet there; fetched: the archive was, or would be."""

    binary: Path
    is_there: bool
    fetched: bool


def look(archive: Archive, cache: Path) -> Cached:
    """What is there already; nothing is fetched and nothing written."""
    place, binary = cache / f"{archive.name}.tar.gz", _binary(archive, cache)
    proven = place.is_file() and _digest(place) == _known(archive, cache)
    return Cached(binary, proven and binary.is_file(), not proven)


def provide(archive: Archive, cache: Path, fetch: Optional[Fetch] = None) -> Cached:
    """Have the program in the cache, fetching what is missing. Raises ArchiveError; what was there before stays."""
    fetch = fetch or functools.partial(download, prefix=archive.prefix)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = look(archive, cache)
    if found.fetched:
        _fetch_archive(archive, cache, fetch)
    _unpack(archive, cache)
    return Cached(found.binary, True, found.fetched)


def shown(url: str) -> str:
    """A URL without the user and password in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def download(url: str, place: Path, prefix: str = "nats_server_") -> None:
    """Write what lies at a URL (http, https, file) to ``place``. Raises ArchiveError."""
    try:
        # Not Ansible's open_url: it would carry user and password along a redirection to another host.
        opener = urllib.request.build_opener()
        with opener.open(_request(url), timeout=_TIMEOUT) as source, place.open("wb") as target:
            total = 0
            while block := source.read(_CHUNK):
                total += len(block)
                if total > _MOST:
                    raise ArchiveError(f"{prefix}archive_url: {shown(url)} is larger than any release")
                target.write(block)
    except (OSError, ValueError, HTTPException) as error:
        cause = getattr(error, "reason", None) or error
        words = f"HTTP {error.code}" if isinstance(error, urllib.error.HTTPError) else str(cause)
        raise ArchiveError(
            f"{prefix}archive_url: {shown(url)} can't be fetched ({words}): write the URL of a mirror's folder "
            f"that the controller reaches, or choose another {prefix}install_method"
        ) from error


def _request(url: str) -> urllib.request.Request:
    """A user and password in the URL become a header, which a redirection to another host does not carry along."""
    parts = urlsplit(url)
    request = urllib.request.Request(shown(url))
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", f"Basic {b64encode(login.encode()).decode()}")
    return request


def _fetch_archive(archive: Archive, cache: Path, fetch: Fetch) -> None:
    place = cache / f"{archive.name}.tar.gz"
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=cache) as folder:
        if not _DIGEST.match(archive.checksums):
            listed = Path(folder) / "list"
            fetch(archive.list_address, listed)
            wanted = _listed(listed, archive)
            os.replace(listed, _kept_list(archive, cache))
        else:
            wanted = archive.checksums.partition(":")[2].lower()
        arrived = Path(folder) / "archive"
        fetch(archive.address, arrived)
        digest = _digest(arrived)
        if digest != wanted:
            raise ArchiveError(
                f"{archive.prefix}archive_url: {shown(archive.address)} has the SHA-256 {digest}, but "
                f"{_source(archive)} says {wanted}: it is damaged or not the release, nothing was installed"
            )
        os.replace(arrived, place)


def _source(archive: Archive) -> str:
    listed = not _DIGEST.match(archive.checksums)
    return shown(archive.list_address) if listed else f"{archive.prefix}archive_checksums"


def _listed(place: Path, archive: Archive) -> str:
    wanted = _find(place, archive)
    if wanted is None:
        raise ArchiveError(
            f"{archive.prefix}archive_checksums: {shown(archive.list_address)} has no SHA-256 of "
            f"{archive.name}.tar.gz: name another list, or write the checksum itself as sha256:..."
        )
    return wanted


def _find(place: Path, archive: Archive) -> Optional[str]:
    for line in place.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _LINE.match(line.strip())
        if match and match[2].rpartition("/")[2] == f"{archive.name}.tar.gz":
            return match[1].lower()
    return None


def _known(archive: Archive, cache: Path) -> Optional[str]:
    """The checksum that is known without the mirror."""
    match = _DIGEST.match(archive.checksums)
    if match:
        return match[1].lower()
    kept = _kept_list(archive, cache)
    return _find(kept, archive) if kept.is_file() else None


def _kept_list(archive: Archive, cache: Path) -> Path:
    """Each list of each mirror under a name of its own."""
    return cache / f"{quote(shown(archive.list_address), safe='')}"


def _binary(archive: Archive, cache: Path) -> Path:
    return cache / archive.name / archive.program


def _unpack(archive: Archive, cache: Path) -> None:
    """Take the program out of the proven archive, and nothing else."""
    place, binary = cache / f"{archive.name}.tar.gz", _binary(archive, cache)
    try:
        with tarfile.open(place, "r:gz") as packed:
            # Some releases have a folder in their archive, some have not.
            inside = {f"{archive.name}/{archive.program}", archive.program}.intersection(packed.getnames())
            member = packed.extractfile(inside.pop() if inside else f"{archive.name}/{archive.program}")
            content = member.read() if member else b""
    except (KeyError, tarfile.TarError, EOFError, OSError) as error:
        raise ArchiveError(
            f"{archive.prefix}archive_url: {shown(archive.address)} holds no {archive.name}/{archive.program}, as "
            "releases do: "
            f"{error}"
        ) from error
    if binary.is_file() and binary.read_bytes() == content:
        return
    binary.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = binary.with_name(f".{archive.program}.new")
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    os.replace(fresh, binary)


def _digest(place: Path) -> str:
    digest = hashlib.sha256()
    with place.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()
