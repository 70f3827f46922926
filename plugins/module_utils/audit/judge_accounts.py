# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges accounts as resolvers hold them: whether the system account is among them, and what is shared gets across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..node.verb_audit import MOST_TOKENS
from ..trust.subjects import covers
from .held import Account
from .model import Finding, Verdict
from .seen import Seen


def contents(seen: Seen) -> Iterator[Finding]:
    """The part of resolver-contents that is about what accounts share, and how servers get them."""
    for host in seen.hosts:
        if (seen.config(host).get("resolver") or {}).get("in_clear"):
            words = "gets accounts over http: whoever is in between may hold back a revocation"
            yield Finding(f"resolver of {seen.server(host)}", Verdict.WARN, words, "nats_server_auth: operator", host)
    known = {account.key: account for account in seen.accounts if account.key}
    for account in known.values():
        for entry in account.nats.get("imports") or []:
            source = known.get(str(entry.get("account") or "")) if isinstance(entry, Mapping) else None
            words = _of_import(entry, source) if source else ""
            if words:
                yield Finding(f"account {account.name}", Verdict.WARN, words, "nats_trust_accounts[].imports")


def _of_import(entry: Mapping[str, Any], source: Account) -> str:
    """Why nothing gets across; nothing where it does."""
    subject, kind = str(entry.get("subject") or ""), entry.get("type")
    kinds = {
        export.get("type")
        for export in source.nats.get("exports") or []
        if isinstance(export, Mapping) and covers(str(export.get("subject") or ""), subject)
    }
    if kind in kinds:
        return ""
    if kinds:
        other = ", ".join(sorted(map(str, kinds)))
        return f"imports {subject} as a {kind}, which {source.name} exports as a {other}: nothing gets across"
    return f"imports {subject}, which {source.name} does not export: nothing gets across"


def system_account(seen: Seen) -> Iterator[Finding]:
    """The part of system-users that is about whether there can be any."""
    held: dict[str, set[str]] = {}
    for account in seen.accounts:
        held.setdefault(account.host, set()).add(account.key)
    for host, keys in held.items():
        key = str((seen.hosts[host].get("server") or {}).get("system_account") or "")
        full = (seen.config(host).get("resolver") or {}).get("type") == "full"
        # Of a host with more accounts than that, not all are told.
        if full and key and key not in keys and len(keys) < MOST_TOKENS:
            words = f"its system account {key} is in no resolver: nobody can be in it, push accounts or see to servers"
            yield Finding(seen.server(host), Verdict.FAIL, words, "nats_trust_system_account, and deploy", host)
