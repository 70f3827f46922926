# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit sees of a cluster in order, for tests to spoil one thing of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.aegis.nats.plugins.module_utils.audit.held import Account
from ansible_collections.aegis.nats.plugins.module_utils.audit.model import Finding, Verdict
from ansible_collections.aegis.nats.plugins.module_utils.audit.seen import Door, Knocked, Seen

NOW = datetime(2026, 11, 29, 6, 41, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
PASS, FAIL, WARN, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.COULD_NOT_LOOK
OPERATOR: Mapping[str, Any] = {"name": "Acme", "key": "OKEY", "signing_keys": ["OSIGN"], "strict": True}
#: What a silent host or a damaged answer looks like; no judge may stumble over one.
DAMAGED: Sequence[Mapping[str, Any]] = (
    {},
    {"msg": "the host could not be reached"},
    {"process": None, "config": None, "server": None, "log": None, "store": None, "files": None, "unit": None},
    {"process": {}, "config": {}, "server": {}, "connected": [], "files": [], "certificates": [], "tokens": []},
)


def listener(kind: str = "client", port: int = 4222, **tls: Any) -> dict[str, Any]:
    """As a host tells of one; without anything about TLS it has none."""
    return {"kind": kind, "address": "0.0.0.0", "port": port, "tls": tls or None}


def user(name: str = "app", login: str = "bcrypt", permissions: Any = None) -> dict[str, Any]:
    return {"name": name, "login": login, "cost": None, "permissions": permissions}


def rights(
    publish: Iterable[str] | None = None,
    subscribe: Iterable[str] | None = None,
    *,
    deny_publish: Iterable[str] = (),
    deny_subscribe: Iterable[str] = (),
) -> dict[str, Any]:
    """None allows everything."""

    def side(allow: Iterable[str] | None, deny: Iterable[str]) -> dict[str, Any]:
        return {"allow": None if allow is None else list(allow), "deny": list(deny)}

    return {"publish": side(publish, deny_publish), "subscribe": side(subscribe, deny_subscribe)}


def claims(name: str = "app", key: str = "UAPP", **changes: Any) -> dict[str, Any]:
    """Somebody who is connected with a JWT."""
    own = {"name": name, "key": key, "issuer": "AORDERS", "issuer_account": "AORDERS", "expires": None, "bearer": False}
    limits = {"permissions": rights(["orders.>"], ["orders.>"]), "source_networks": [], "connection_types": []}
    return {**own, **limits, "account": "AORDERS", "connections": 1, **changes}


def config(**changes: Any) -> dict[str, Any]:
    known = {
        "read": True, "why": "", "changed_at": NOW.timestamp() - 7200, "listeners": [], "routes": [], "accounts": [],
        "login": {"token": False, "users": [], "default_permissions": None}, "system_account": "ASYS",
        "no_auth_user": None, "proxy_protocol": False, "proxies": False,
        "jetstream": {"enabled": True, "store_dir": "/data", "key": "variable", "is_path": False, "length": 44},
    }  # fmt: skip
    return {**known, **changes}


def facts(**changes: Any) -> dict[str, Any]:
    """A server in order."""
    known = {
        "process": {"user": "nats", "version": "2.99.0", "secrets_in_words": [], "sockets": []},
        "config": config(),
        "server": {
            "reached": True, "server_name": "n1", "system_account": "ASYS", "operators": [dict(OPERATOR)],
            "config_load_time": (NOW - timedelta(hours=1)).isoformat(),
        },
        "connected": [], "certificates": [], "tokens": [], "unit": None,
        "files": [place("configuration", "/etc/nats/nats.conf")],
        "log": {
            "path": None, "secrets": [], "read": False, "turned_over_by": "the journal", "shipped_by": ["otelcol"],
            "traces": False,
        },
        "store": {"read": True, "stores": 3, "blocks": 7, "plaintext": [], "in_plaintext": 0, "indexes": 0},
    }  # fmt: skip
    return {**known, **changes}


def place(what: str, path: str, problem: str = "", mode: str = "0600") -> dict[str, Any]:
    return {"path": path, "what": what, "mode": mode, "owner": "nats", "group": "nats", "problem": problem}


def door(kind: str = "client", **changes: Any) -> Door:
    known = {"host": "h1", "server": "n1", "kind": kind, "address": "192.0.2.1", "port": 4222, "bound": "0.0.0.0"}
    return Door(**{**known, **changes})


def found(kind: str = "client", served: Mapping[str, Any] | None = None, **changes: Any) -> Knocked:
    """A listener with TLS that refuses whom it should; ``served`` changes what its handshake showed."""
    shown = {"tls": True, "trusted": True, "why": "", "chain": [], "version": "TLSv1.3", "serial": "0A"}
    where = door(kind, **{name: changes.pop(name) for name in ("bound", "host", "port", "address") if name in changes})
    refused = ("refused", "TLS: certificate required")
    known: dict[str, Any] = {
        "reached": True, "served": {**shown, "ends": NOW + 90 * DAY, **(served or {})}, "plain": refused,
        "without": refused, "stranger": refused, "anonymous": ("refused", "Authorization Violation"),
    }  # fmt: skip
    return Knocked(where, **{**known, **changes})


def seen(
    hosts: Mapping[str, Mapping[str, Any]] | None = None,
    knocked: Sequence[Knocked] = (),
    accounts: Sequence[Account] = (),
    **changes: Any,
) -> Seen:
    return Seen(NOW, {} if hosts is None else hosts, tuple(knocked), tuple(accounts), **changes)


def account(**changes: Any) -> Account:
    known: dict[str, Any] = {"host": "h1", "file": "AORDERS.jwt", "key": "AORDERS", "name": "ORDERS"}
    return Account(**{**known, "issuer": "OSIGN", "digest": "d1", **changes})


def verdicts(findings: Iterable[Finding]) -> list[Verdict]:
    return [finding.verdict for finding in findings]


def only(findings: Iterable[Finding]) -> Finding:
    """The one finding that there is."""
    (finding,) = findings
    return finding


def bad(findings: Iterable[Finding]) -> list[Finding]:
    """What is no pass."""
    return [finding for finding in findings if finding.verdict is not PASS]
