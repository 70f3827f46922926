# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges the trust tree as the servers hold it: operator, signing keys, and what lies in the resolvers."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Finding, Verdict
from .people import keys_of
from .seen import Seen, moment


def hierarchy(seen: Seen) -> Iterator[Finding]:
    """trust-hierarchy."""
    for host in seen.hosts:
        said = seen.hosts[host].get("server") or {}
        name = seen.server(host)
        by_config = bool(seen.config(host).get("read")) and not seen.has_operator(host)
        if not said.get("reached") and not by_config:
            yield Finding(
                name,
                Verdict.COULD_NOT_LOOK,
                "its monitoring endpoint does not answer",
                "nats_server_monitoring: true",
                host,
            )
        elif not said.get("operators"):
            words = "has no operator: users are those of its configuration"
            yield Finding(name, Verdict.WARN, words, "nats_server_auth: operator", host)
    for key, operator in seen.operators.items():
        name = f"operator {operator['name']}"
        if not operator["signing_keys"]:
            words = "has no signing key: its identity key signs accounts, and can't be taken back"
            yield Finding(name, Verdict.FAIL, words, "nats_trust_operator: signing_keys")
        elif not operator["strict"]:
            words = "does not insist on signing keys (strict_signing_key_usage)"
            yield Finding(name, Verdict.WARN, words, "nats_trust_operator: strict_signing_keys: true")
        else:
            yield Finding(name, Verdict.PASS, f"insists on its {len(operator['signing_keys'])} signing keys")
        for account in {each.key: each for each in seen.accounts if each.issuer == key}.values():
            words = "is signed by the operator's identity key"
            yield Finding(
                f"account {account.name}", Verdict.FAIL, words, "nats_trust_operator: signing_keys, and deploy"
            )
    for person in seen.known.people:
        claims = person.claims or {}
        if claims.get("issuer") and claims["issuer"] == claims["issuer_account"]:
            words = "is signed by its account's identity key, which can't be taken back"
            change = "nats_trust_accounts[]: signing_keys, and nats_trust_operator: strict_signing_key_usage: true"
            yield Finding(person.subject, Verdict.WARN, words, change, person.host)
    for idle in seen.known.idle:
        if idle.strange:
            words = f"{idle.why}: it gets in nowhere, though it lies in the store"
            yield Finding(idle.subject, Verdict.WARN, words, "run aegis.nats.deploy, which pushes what the store has")


def resolver(seen: Seen) -> Iterator[Finding]:
    """resolver-contents."""
    trusted = keys_of(seen.operators)
    change = "run aegis.nats.deploy, which pushes the accounts as they should be"
    # A full resolver holds all accounts; one that caches holds those that it was asked for.
    types = {host: (seen.config(host).get("resolver") or {}).get("type") for host in seen.hosts}
    held: dict[str, dict[str, str]] = {host: {} for host, kind in types.items() if kind == "full"}
    for account in seen.accounts:
        subject = f"account {account.name or account.file} at {seen.server(account.host)}"
        if types.get(account.host) != "cache":
            held.setdefault(account.host, {})[account.file] = account.digest
        if account.old:
            words = f"what it allows is not known: {account.problem}"
            yield Finding(subject, Verdict.COULD_NOT_LOOK, words, change, account.host)
        elif account.problem:
            yield Finding(
                subject, Verdict.FAIL, f"is no JWT that a server takes: {account.problem}", change, account.host
            )
        elif trusted and account.issuer not in trusted:
            words = f"is signed by {account.issuer}, which is no key of the operator"
            yield Finding(subject, Verdict.FAIL, words, change, account.host)
        elif account.expires and moment(account.expires) <= seen.now:
            words = "has expired: after the next restart nobody logs in to it"
            yield Finding(subject, Verdict.FAIL, words, change, account.host)
    for file in sorted({name for files in held.values() for name in files}):
        states = {files.get(file, "") for files in held.values()}
        if len(states) > 1:
            lacking = [seen.server(host) for host, files in held.items() if file not in files]
            words = f"{', '.join(lacking)} does not have it" if lacking else "servers hold different versions of it"
            yield Finding(f"account {file}", Verdict.FAIL, words, change)
    if seen.accounts and not trusted:
        words = "no server told which operator it trusts, so who signed them is not known"
        yield Finding("resolvers", Verdict.COULD_NOT_LOOK, words, "nats_server_monitoring: true")
    elif seen.accounts:
        keys = len({account.file for account in seen.accounts})
        words = f"{keys} accounts on {len({account.host for account in seen.accounts})} servers were looked through"
        yield Finding("resolvers", Verdict.PASS, words)
