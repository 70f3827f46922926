# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server's configuration says about its security, without a secret of it.

It is read as the process read it, with its environment; whether it is still what the process has loaded is told by the
times of its files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ..checks.storage import looks_like_path
from ..conf.normal import normal
from ..conf.parse import ConfigError, parse

_BCRYPT = re.compile(r"\$2[abxy]\$(\d\d)\$")
_WHOLE = re.compile(r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}\Z")
#: What a block of TLS says that an audit is about; the rest names files.
_TLS = (
    "verify",
    "verify_and_map",
    "verify_cert_and_check_known_urls",
    "insecure",
    "min_version",
    "cipher_suites",
    "curve_preferences",
    "handshake_first",
    "timeout",
    "cert_file",
    "key_file",
    "ca_file",
    "allow_non_tls",
)
_LOGGING = ("log_file", "log_size_limit", "log_max_num", "debug", "trace", "trace_verbose", "syslog")
_PATHS = frozenset({"cert_file", "key_file", "ca_file", "log_file", "dir", "store_dir"})
#: Blocks that listen, with the port that they have where they say none (nats-server server/const.go).
_BLOCKS = {"route": "cluster", "gateway": "gateway", "leafnode": "leafnodes", "websocket": "websocket", "mqtt": "mqtt"}
_DEFAULT_PORTS = {"leafnodes": 7422}


class Loaded:
    """A configuration and the files that it is made of."""

    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        self._folder = os.path.dirname(path)
        self._texts: dict[str, str] = {}
        text = self._read(path)
        #: As it is written, with the names of variables, and as the process understands it.
        self.raw: Mapping[str, Any] = parse(text, None, self._read)
        self.values: Mapping[str, Any] = normal(parse(text, environment, self._read))

    @property
    def files(self) -> list[str]:
        return list(self._texts)

    def _read(self, name: str) -> str:
        """A file by its path from the folder of the first one, read once."""
        place = os.path.join(self._folder, name)
        if place not in self._texts:
            with open(place, encoding="utf-8", errors="replace") as file:
                self._texts[place] = file.read()
        return self._texts[place]

    @property
    def changed_at(self) -> float:
        """When its youngest file was changed last, in seconds since 1970."""
        return max(os.stat(place).st_mtime for place in self.files)


def load(path: str, environment: Mapping[str, str]) -> Loaded:
    """Raises ConfigError or OSError."""
    return Loaded(path, environment)


def facts(loaded: Loaded, folder: str = "/") -> dict[str, Any]:
    """Everything that the controller needs to judge; names of users and accounts, no password, hash, token or key.

    folder: that of the process, which paths are relative to.
    """
    values = loaded.values
    return {
        "listeners": [_placed(entry, folder) for entry in listeners(values)],
        "login": _login(values),
        "accounts": _accounts(values),
        "operator": [text for text in _texts(values.get("operator")) if text.startswith("eyJ")],
        "operator_files": [text for text in _texts(values.get("operator")) if not text.startswith("eyJ")],
        "trusted_keys": bool(_texts(values.get("trusted_keys"))),
        "system_account": values.get("system_account"),
        "no_auth_user": values.get("no_auth_user"),
        "resolver": _placed(_resolver(values.get("resolver")), folder),
        "jetstream": _placed(_jetstream(values.get("jetstream"), _block(loaded.raw, "jetstream")), folder),
        "proxy_protocol": bool(values.get("proxy_protocol")),
        "proxies": isinstance(values.get("proxies"), Mapping),
        "routes": [_without_login(route) for route in _texts(_block(values, "cluster").get("routes"))],
        "logging": _placed({name: values.get(name) for name in _LOGGING}, folder),
    }


def preloaded(loaded: Loaded) -> list[dict[str, str]]:
    """The accounts of a memory resolver, as files of a folder would have them; others keep what is preloaded there."""
    found = loaded.values.get("resolver_preload")
    if _resolver(loaded.values.get("resolver"))["type"] != "memory" or not isinstance(found, Mapping):
        return []
    return [{"file": f"{key}.jwt", "token": str(token)} for key, token in found.items()]


def _placed(said: Any, folder: str) -> Any:
    """The same with its paths from the root."""
    if isinstance(said, Mapping):
        return {
            name: os.path.join(folder, value) if name in _PATHS and value and isinstance(value, str)
            else _placed(value, folder)
            for name, value in said.items()
        }  # fmt: skip
    return [_placed(entry, folder) for entry in said] if isinstance(said, list) else said


def users(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All users in the facts of a configuration, wherever they stand."""
    top = (said.get("login") or {}).get("users") or []
    return [*top, *(user for account in said.get("accounts") or [] for user in account["users"])]


def listeners(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One entry a listener: kind, address, port and what its TLS says (None: it has none)."""
    yield {
        "kind": "client",
        "address": values.get("host", "0.0.0.0"),
        "port": values.get("port", 4222),
        "tls": _tls(values.get("tls"), allow_non_tls=values.get("allow_non_tls")),
    }
    for kind, name in _BLOCKS.items():
        block = _block(values, name)
        port = block.get("port", _DEFAULT_PORTS.get(name) if "host" in block else None)
        if port is None or port == -1:
            continue
        tls = None if block.get("no_tls") else _tls(block.get("tls"))
        found = {"kind": kind, "address": block.get("host", "0.0.0.0"), "port": port, "tls": tls}
        yield {**found, "users": bool(_block(block, "authorization")), "by_name": _by_name(block)}
    for name in ("http", "https"):
        if values.get(name) not in (None, "", 0):
            address, port = _monitoring(values[name], values.get("host", "0.0.0.0"))
            tls = _tls(values.get("tls")) if name == "https" else None
            yield {"kind": "monitoring", "address": address, "port": port, "tls": tls}
    if values.get("prof_port"):
        address = values.get("host", "0.0.0.0")
        yield {"kind": "profiling", "address": address, "port": values["prof_port"], "tls": None}


def _by_name(block: Mapping[str, Any]) -> bool:
    """Whether peers are let in by a name that needs no password; that of a certificate is proven by it."""
    said = _block(block, "authorization")
    return bool(said.get("user")) and not said.get("password") and not _block(block, "tls").get("verify_and_map")


def _monitoring(value: object, host: object) -> tuple[str, int]:
    address, _colon, port = str(value).rpartition(":")
    return (address.strip("[]") or str(host), int(port))


def _tls(block: object, **more: object) -> Optional[dict[str, Any]]:
    if not isinstance(block, Mapping):
        return None
    pairs = [{name: pair.get(name) for name in ("cert_file", "key_file")} for pair in _maps(block.get("certs"))]
    found = {**{name: block[name] for name in _TLS if name in block}, "pins": bool(block.get("pinned_certs")), **more}
    return {**found, "certs": pairs} if pairs else found


def pairs(tls: Optional[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The certificates of a listener, each with its key."""
    return [pair for pair in (tls or {}, *((tls or {}).get("certs") or [])) if pair.get("cert_file")]


def _login(values: Mapping[str, Any]) -> dict[str, Any]:
    """The ways in that stand at the top level."""
    block = _block(values, "authorization")
    single = [_user({"user": block["user"], "password": block.get("password")})] if block.get("user") else []
    return {
        "token": bool(block.get("token")),
        "users": [*single, *(_user(user) for user in _maps(block.get("users")))],
        "default_permissions": _permissions(block.get("default_permissions")),
    }


def _accounts(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, account in _block(values, "accounts").items():
        if isinstance(account, Mapping):
            default = _permissions(account.get("default_permissions"))
            users = [_user(user) for user in _maps(account.get("users"))]
            kinds = {kind: [_shared(entry) for entry in _maps(account.get(kind))] for kind in ("exports", "imports")}
            found.append({"name": name, "users": users, "default_permissions": default, **kinds})
    return found


def _shared(entry: Mapping[str, Any]) -> dict[str, str]:
    """An export or import; that of an import stands in a map with the account that it comes from."""
    kind = next((name for name in ("stream", "service") if name in entry), "")
    said = entry.get(kind)
    inner = said if isinstance(said, Mapping) else {"subject": said}
    found = {"kind": kind, "subject": str(inner.get("subject") or "")}
    return {**found, "account": str(inner["account"])} if "account" in inner else found


def _user(user: Mapping[str, Any]) -> dict[str, Any]:
    password = str(user.get("password") or user.get("pass") or "")
    match = _BCRYPT.match(password)
    kind = "nkey" if user.get("nkey") else "bcrypt" if match else "password" if password else "certificate"
    return {
        "name": str(user.get("user") or user.get("username") or user.get("nkey") or ""),
        "login": kind,
        "cost": int(match[1]) if match else None,
        "broken": bool(match) and not _WHOLE.match(password),
        "permissions": _permissions(user.get("permissions")),
    }


def _permissions(block: object) -> Optional[dict[str, Any]]:
    """``{"publish": {"allow", "deny"}, "subscribe": ...}``; an ``allow`` of None allows everything."""
    if not isinstance(block, Mapping):
        return None
    named = {"publish": ("publish", "pub", "import"), "subscribe": ("subscribe", "sub", "export")}
    found: dict[str, Any] = {}
    for side, names in named.items():
        value = next((block[name] for name in names if name in block), None)
        if isinstance(value, Mapping):
            # An empty list allows everything, as none does (nats-server, setPermissions).
            allow = _texts(value.get("allow")) or None
            found[side] = {"allow": allow, "deny": _texts(value.get("deny"))}
        else:
            found[side] = {"allow": _texts(value) or None, "deny": []}
    responses = next((block[name] for name in ("allow_responses", "allow_response") if name in block), None)
    if responses and found["publish"]["allow"] is None:
        found["publish"]["allow"] = []
    return found


def _resolver(block: object) -> dict[str, Any]:
    if isinstance(block, Mapping):
        return {
            "type": str(block.get("type", "")).lower(),
            "dir": block.get("dir"),
        }
    text = str(block or "")
    kind = "memory" if text.upper() in ("MEM", "MEMORY") else "url" if text else ""
    return {"type": kind, "dir": None, "in_clear": bool(re.match(r"(?i)URL\(\s*http://", text))}


def _jetstream(block: object, raw: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(block, Mapping) or not block.get("enabled", True):
        return {"enabled": False}
    key, written = str(block.get("key") or ""), str(raw.get("key") or raw.get("ek") or raw.get("encryption_key") or "")
    kind = "none" if not key else "variable" if written.startswith("$") else "literal"
    return {
        "enabled": True,
        "store_dir": block.get("store_dir"),
        "key": kind,
        "is_path": looks_like_path(key),
        "length": len(key),
    }


def _block(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, Sequence) else []


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def _without_login(url: str) -> str:
    # Up to the last @, as Go reads it (net/url).
    return re.sub(r"(?<=://).*@", "", url)


__all__ = ["ConfigError", "Loaded", "facts", "listeners", "load", "pairs"]
