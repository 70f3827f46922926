# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a client reaches servers: URLs, certificates and creds, read and checked before anything is tried."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import urlsplit

from ..plan.errors import SealError
from ..plan.problems import Problems
from ..plan.verb import Seal
from ..plan.verifying import verifying_context
from .login import Login, LoginProblem, read_creds
from .tunnel import Tunnel, read_tunnel

#: What a verb takes that connects to servers, beside ``timeout``, of which each has its own.
REACHING: Mapping[str, Any] = {
    "servers": {"type": "list", "elements": "str", "required": True},
    "ca": {"type": "path"},
    "certificate": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "tls_hostname": {"type": "str"},
    "tls_first": {"type": "bool", "default": False},
    "via": {"type": "str"},
}
_SCHEMES = ("tls", "nats")
_PEM = b"-----BEGIN"


@dataclass(frozen=True)
class Pair:
    """A client certificate with its key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)

    @property
    def pem(self) -> bytes:
        """Both in one, as OpenSSL reads a chain."""
        return self.certificate.rstrip() + b"\n" + self.key


@dataclass(frozen=True)
class Access:
    """Everything a client needs to reach servers.

    servers: URLs ``tls://host:port``; ``nats://`` is allowed where the server itself asks for TLS or for none.
    ca: PEM of the authorities that the servers' certificates must come from; None: those of the system.
    tls_hostname: the name that the servers' certificates must carry; None: the host of each URL.
    tls_first: the connection begins with the handshake; otherwise the server greets in clear text before it.
    inbox: the prefix under which the client hears replies; None: the one that its token leaves it, or the usual one.
    timeout: seconds that one step may take.
    tunnel: the way to the servers where it is not a direct one; their hosts are resolved at its end.
    """

    servers: tuple[str, ...]
    ca: Optional[bytes] = None
    pair: Optional[Pair] = None
    login: Optional[Login] = None
    tls_hostname: Optional[str] = None
    timeout: float = 5.0
    tunnel: Optional[Tunnel] = None
    tls_first: bool = False
    inbox: Optional[str] = None


def read_access(params: Mapping[str, Any], seal: Seal, problems: Problems) -> Access:
    """How a client without creds reaches the servers, from the parameters of ``REACHING`` and ``timeout``."""
    if params["timeout"] <= 0:
        problems.add("timeout", f"is {params['timeout']:g}: write seconds above 0")
    return Access(
        servers=check_servers(params["servers"], problems),
        ca=read_pem(params["ca"], "ca", seal, problems) if params.get("ca") else None,
        pair=read_pair(params.get("certificate"), params.get("key"), seal, problems),
        tls_hostname=params.get("tls_hostname"),
        timeout=params["timeout"],
        tunnel=read_tunnel(params, problems),
        tls_first=bool(params.get("tls_first")),
    )


def check_servers(servers: Sequence[str], problems: Problems) -> tuple[str, ...]:
    """The URLs, each with its problems under ``servers[n]``."""
    if not servers:
        problems.add("servers", "is empty: give at least one URL such as tls://192.0.2.10:4222")
    for number, url in enumerate(servers):
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = None
        if "@" in url:
            # Not shown: what stands before the @ may be a password.
            problems.add(f"servers[{number}]", "must not hold a user or password: log in with creds")
        elif parts.scheme not in _SCHEMES or not parts.hostname or not port:
            problems.add(f"servers[{number}]", f"{url!r} is not a server URL: write tls://host:port")
    return tuple(servers)


def read_file(path: str, where: str, seal: Seal, problems: Problems) -> Optional[bytes]:
    """The opened content of a file, or None and a problem at ``where``."""
    try:
        with open(path, "rb") as file:
            return seal.open(file.read(), path)
    except OSError as error:
        problems.add(where, f"{path} can't be read: {error.strerror}")
    except SealError as error:
        problems.add(where, str(error))
    return None


def read_pem(path: str, where: str, seal: Seal, problems: Problems) -> Optional[bytes]:
    """As ``read_file``, of a PEM file."""
    content = read_file(path, where, seal, problems)
    if content is not None and _PEM not in content:
        problems.add(where, f"{path} is not a PEM file: it has no line {_PEM.decode()} ...")
        return None
    return content


def read_login(path: str, where: str, seal: Seal, problems: Problems) -> Optional[Login]:
    """The login of a creds file, or None and a problem at ``where``."""
    content = read_file(path, where, seal, problems)
    if content is None:
        return None
    try:
        return read_creds(content)
    except LoginProblem as error:
        problems.add(where, f"{path}: {error}: give the creds file of a user")
        return None


def read_pair(
    certificate: Optional[str], key: Optional[str], seal: Seal, problems: Problems, prefix: str = ""
) -> Optional[Pair]:
    """A certificate and its key, tried out together; None when neither is given or there is a problem."""
    if not certificate and not key:
        return None
    if not certificate or not key:
        missing, given = ("certificate", "key") if key else ("key", "certificate")
        problems.add(prefix + missing, f"is missing beside {given}: a client certificate needs both files")
        return None
    first = read_pem(certificate, f"{prefix}certificate", seal, problems)
    second = read_pem(key, f"{prefix}key", seal, problems)
    if first is None or second is None:
        return None
    pair = Pair(first, second)
    try:
        tls_context(None, pair)
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        problems.add(f"{prefix}key", f"{key} is not the key of {certificate} ({reason})")
        return None
    return pair


def tls_context(ca: Optional[bytes], pair: Optional[Pair]) -> ssl.SSLContext:
    """A context that verifies the server and its name; raises ssl.SSLError when CA, certificate or key don't fit."""
    return verifying_context(ca.decode("ascii", "replace") if ca else None, pair.pem if pair is not None else None)
