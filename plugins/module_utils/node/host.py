# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is: its system, its users, the binary, and whether a port can be had."""

from __future__ import annotations

import contextlib
import errno
import grp
import hashlib
import os
import platform
import pwd
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ..plan.errors import NatsError

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+\S*)")


def architecture(machine: str = "") -> str:
    """``amd64``, ``arm64`` or ``other``, as NATS names its downloads."""
    return _ARCHITECTURES.get((machine or platform.machine()).lower(), "other")


def operating_system(path: str = "/etc/os-release") -> dict[str, str]:
    """id, version_id and family of the distribution (os-release(5)); empty strings where it does not say."""
    fields: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
            key, separator, value = line.partition("=")
            if separator:
                fields[key.strip()] = value.strip().strip("\"'")
    name = fields.get("ID", "")
    like = [name, *fields.get("ID_LIKE", "").split()]
    families = {"debian": "debian", "ubuntu": "debian", "rhel": "redhat", "fedora": "redhat", "suse": "suse"}
    family = next((families[word] for word in like if word in families), name)
    return {"id": name, "version_id": fields.get("VERSION_ID", ""), "family": family}


def user_id(name: str) -> Optional[int]:
    """The uid of a user, or None when there is none."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(name: str) -> Optional[int]:
    """The gid of a group, or None when there is none."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def user_name(number: int) -> str:
    """A user by its number; the number where the host has no such user."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def group_name(number: int) -> str:
    """A group by its number; the number where the host has no such group."""
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


@dataclass(frozen=True)
class Binary:
    """A nats-server program: where it lies, what it says it is, and its checksum where that was asked for."""

    path: str
    version: str
    sha256: Optional[str]


def find_binary(path: str) -> Optional[str]:
    """The absolute path of the program; a bare name is looked up in PATH and in /usr/local/bin."""
    if os.path.isabs(path):
        return path if os.access(path, os.X_OK) and Path(path).is_file() else None
    return shutil.which(path) or shutil.which(path, path="/usr/local/bin:/usr/local/sbin:/usr/sbin")


def binary_version(path: str, said_by: str = "") -> str:
    """What ``nats-server --version`` says: ``2.15.1``. Raises NatsError when it does not run here.

    said_by: a word that must be in the answer, where it may be that of any program.
    """
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.defpath},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        hint = "it is built for another processor" if getattr(error, "errno", 0) == errno.ENOEXEC else str(error)
        raise NatsError(f"{path} does not run on this host ({architecture()}): {hint}") from error
    match = _VERSION.search(done.stdout + done.stderr)
    if done.returncode != 0 or not match or said_by not in done.stdout + done.stderr:
        raise NatsError(f"{path} does not answer to --version as nats-server does: {(done.stdout + done.stderr)[:200]}")
    return match.group(1)


def read_binary(path: str, checksum: bool = True) -> Optional[Binary]:
    """The program at ``path``, or None when it is not there."""
    place = find_binary(path)
    if place is None:
        return None
    return Binary(place, binary_version(place), sha256_of(place) if checksum else None)


def sha256_of(path: str) -> str:
    """The checksum of a file, which may be large."""
    checksum = hashlib.sha256()
    with Path(path).open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            checksum.update(block)
    return checksum.hexdigest()


def is_replaced(pid: int, path: str) -> bool:
    """Whether a process runs another program than the one that lies at ``path`` now; False where it can't be told."""
    running = Path(f"/proc/{pid}/exe")
    try:
        if running.samefile(path):
            return False
        return sha256_of(str(running)) != sha256_of(path)
    except OSError:
        return False


@dataclass(frozen=True)
class Taken:
    """A port that the server could not listen on, and why."""

    address: str
    port: int
    purpose: str
    message: str


def why_not_bindable(address: str, port: int) -> Optional[str]:
    """Try to listen as Go does (SO_REUSEADDR, so that TIME_WAIT is not in the way); None when it works."""
    name = "" if address in ("0.0.0.0", "::", "") else address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        places = socket.getaddrinfo(
            name or None, port, family if not name else 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE
        )
    except socket.gaierror as error:
        return f"the address {address} can't be resolved on this host ({error.strerror}): write one of its addresses"
    kind, protocol, where = places[0][0], places[0][2], places[0][4]
    with socket.socket(kind, socket.SOCK_STREAM, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(where)
            listener.listen(1)
        except OSError as error:
            return _why(error, address, port)
    return None


def _why(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {address} is taken by another program: stop it or choose another port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{address} is not an address of this host: write one of its addresses, or 0.0.0.0 for all"
    if error.errno == errno.EACCES:
        return f"port {port} on {address} needs root or CAP_NET_BIND_SERVICE: choose a port above 1023"
    return f"port {port} on {address} can't be used: {error.strerror}"


def _listening_inodes(pid: int) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    found.add(target[8:-1])
    return found


def listening(pid: int) -> frozenset[tuple[str, int]]:
    """Addresses and TCP ports that a process listens on (proc(5) net/tcp); empty when it can't be told."""
    inodes = _listening_inodes(pid)
    found: set[tuple[str, int]] = set()
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    address, _colon, port = fields[1].rpartition(":")
                    found.add((_address(address, family), int(port, 16)))
    return frozenset(found)


def _address(text: str, family: socket.AddressFamily) -> str:
    """proc(5) writes an address as words of the machine's own byte order."""
    raw = b"".join(struct.pack("=I", int(text[start : start + 8], 16)) for start in range(0, len(text), 8))
    return socket.inet_ntop(family, raw)


def ports_held_by(pid: Optional[int]) -> frozenset[int]:
    """TCP ports that a process listens on; empty when it can't be told."""
    return frozenset(port for _bound, port in listening(pid)) if pid else frozenset()


def taken_ports(ports: Sequence[Mapping[str, Any]], server_pid: Optional[int]) -> list[Taken]:
    """Those of ``ports`` (address, port, purpose) that can't be listened on and are not our own running server's."""
    held = ports_held_by(server_pid)
    found: list[Taken] = []
    for wanted in ports:
        port = int(wanted["port"])
        if port <= 0 or port in held:
            continue
        reason = why_not_bindable(wanted["address"], port)
        if reason:
            purpose = wanted.get("purpose") or ""
            message = f"{purpose}: {reason}" if purpose else reason
            found.append(Taken(wanted["address"], port, purpose, message))
    return found
