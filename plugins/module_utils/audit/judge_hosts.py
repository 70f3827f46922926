# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what the hosts told: data at rest, logs, files, the service, the program, options that weaken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..node.audit.configuration import users
from ..node.audit.unit import HARDENED
from . import advisories
from .model import Finding, Verdict
from .seen import Seen

_EXPOSURE = 5.0
#: Of bcrypt: with 10 a guess takes 0.07 s, with 13 half a second; with 14 a login comes near its 2 s (measured).
_COSTS = range(10, 14)


def data(seen: Seen) -> Iterator[Finding]:
    """data-encrypted."""
    for host, facts in seen.hosts.items():
        jetstream, store = seen.config(host).get("jetstream") or {}, facts.get("store")
        name = f"data of {seen.server(host)}"
        change = "nats_server_jetstream_encryption: true"
        if not jetstream.get("enabled") and not store:
            continue
        if "jetstream_key" in _words(facts) or "js_key" in _words(facts):
            yield Finding(
                name,
                Verdict.FAIL,
                "the key stands on the command line, which everybody on the host may read",
                change,
                host,
            )
        if store is None or not store.get("read"):
            yield Finding(
                name,
                Verdict.COULD_NOT_LOOK,
                "its folder can't be read: run this as root",
                "nats_server_become: true",
                host,
            )
        elif store["in_plaintext"]:
            first = store["plaintext"][0]
            words = f"{store['in_plaintext']} files can be read, such as {first['path']} ({first['why']})"
            yield Finding(
                name, Verdict.FAIL, words, f"{change}, and playbook aegis.nats.enable_jetstream_encryption", host
            )
        elif jetstream.get("key") == "none":
            words = "no key: what is written next lies there in clear text"
            yield Finding(name, Verdict.FAIL, words, change, host)
        else:
            yield Finding(
                name, Verdict.PASS, f"{store['stores']} stores and {store['blocks']} blocks can't be read", "", host
            )
        if store and store.get("indexes"):
            words = f"{store['indexes']} files with subjects are left from before it was encrypted (index.db)"
            yield Finding(name, Verdict.WARN, words, "playbook aegis.nats.enable_jetstream_encryption", host)
        if jetstream.get("is_path"):
            words = "the key is the name of a file, which the server takes for the passphrase itself"
            yield Finding(name, Verdict.FAIL, words, "nats_server_jetstream_key: the passphrase, or nothing", host)
        elif jetstream.get("key") == "literal":
            words = "the key stands in the configuration, beside what it protects"
            yield Finding(name, Verdict.FAIL, words, "nats_server_jetstream_key: leave it out", host)
        elif 0 < jetstream.get("length", 0) < 32:
            words = f"the passphrase has {jetstream['length']} characters, and the server does not stretch it"
            yield Finding(name, Verdict.WARN, words, "nats_server_jetstream_key: 32 characters or more", host)


def _words(facts: Mapping[str, Any]) -> list[str]:
    return list((facts.get("process") or {}).get("secrets_in_words") or [])


def logs(seen: Seen) -> Iterator[Finding]:
    """logs."""
    for host, facts in seen.hosts.items():
        log = facts.get("log") or {}
        wrong = list(_of_log(seen, host, facts, log))
        yield from wrong
        if log and not wrong:
            words = f"turned over by {log['turned_over_by']}, carried away by {', '.join(log['shipped_by'])}"
            yield Finding(f"log of {seen.server(host)}", Verdict.PASS, words, "", host)


def _of_log(seen: Seen, host: str, facts: Mapping[str, Any], log: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with one."""
    name = f"log of {seen.server(host)}"
    for secret in log.get("secrets") or []:
        words = f"{secret['kind']} in {log['path']}, {secret['times']} times, first in line {secret['line']}"
        yield Finding(name, Verdict.FAIL, words, "change that secret, and delete the log", host)
    if log.get("path") and not log.get("read"):
        words = f"{log['path']} can't be read: run this as root"
        yield Finding(name, Verdict.COULD_NOT_LOOK, words, "nats_server_become: true", host)
    if log and not log.get("turned_over_by"):
        words = f"{log.get('path')} grows without end"
        yield Finding(name, Verdict.FAIL, words, "nats_server_log_size_limit and nats_server_log_max_num", host)
    if log.get("traces"):
        words = "every message of the protocol is traced"
        yield Finding(name, Verdict.WARN, words, "nats_server_extra_config: without trace", host)
    for place in facts.get("files") or []:
        if place["what"] == "log" and place["problem"]:
            words = f"{place['path']} ({place['mode']}): {place['problem']}"
            yield Finding(name, Verdict.FAIL, words, "nats_server_log_dir", host)
    if log and not log.get("shipped_by"):
        words = "nothing on this host carries logs away: what happened is lost with the host, or whoever took it over"
        yield Finding(
            name, Verdict.WARN, words, "nats_monitoring_agent: true and aegis.nats.monitoring, or another agent", host
        )


def files(seen: Seen) -> Iterator[Finding]:
    """secrets-stored."""
    for host, facts in seen.hosts.items():
        places = [place for place in facts.get("files") or [] if place["what"] != "log"]
        wrong = [place for place in places if place["problem"]]
        for place in wrong:
            words = f"{place['mode']}, of {place['owner']}:{place['group']}: {place['problem']}"
            change = (
                f"chmod 0600 {place['path']}" if place["what"] == "seed" else "run aegis.nats.deploy, which repairs it"
            )
            yield Finding(f"{place['what']} {place['path']}", Verdict.FAIL, words, change, host)
        for option in _words(facts):
            words = f"{option} stands on the command line, which everybody on the host may read"
            yield Finding(
                f"process of {seen.server(host)}", Verdict.FAIL, words, "the configuration, or its environment", host
            )
        for user in users(seen.config(host)):
            verdict, words = _of_password(user)
            if words:
                change = "nats_server_hash_passwords: true"
                yield Finding(f"user {user['name']} of {seen.server(host)}", verdict, words, change, host)
        if places and not wrong:
            yield Finding(f"files of {seen.server(host)}", Verdict.PASS, f"{len(places)} are private", "", host)


def _of_password(user: Mapping[str, Any]) -> tuple[Verdict, str]:
    """What is wrong with how a user's password is kept; no words where nothing is."""
    if user["login"] == "password":
        return Verdict.FAIL, "its password stands in the configuration in clear text"
    if user.get("broken"):
        return Verdict.WARN, "its password begins like a hash of bcrypt and is none: nobody can log in with it"
    cost = user["cost"] or _COSTS[0]
    if cost < _COSTS[0]:
        return Verdict.WARN, f"its password is hashed with a cost of {cost}: it is found quickly by whoever reads it"
    if cost > _COSTS[-1]:
        return Verdict.WARN, f"its password is hashed with a cost of {cost}: a login takes most of the time that it has"
    return Verdict.PASS, ""


def verification(seen: Seen) -> Iterator[Finding]:
    """verify-with-authority."""
    for host in seen.hosts:
        for listener in seen.config(host).get("listeners") or []:
            tls = listener["tls"] or {}
            subject = f"{listener['kind']} port of {seen.server(host)}"
            verifies = tls.get("verify") or tls.get("verify_and_map") or listener["kind"] in ("route", "gateway")
            if tls.get("insecure"):
                words = "insecure: whoever it dials is not verified"
                yield Finding(subject, Verdict.FAIL, words, "nats_server_extra_config: without insecure", host)
            elif tls.get("verify") is False and tls.get("verify_and_map"):
                words = "verify: false beside verify_and_map: true, of which one start in six takes the first"
                yield Finding(subject, Verdict.FAIL, words, "nats_server_tls_verify_and_map alone", host)
            elif tls and verifies and not tls.get("ca_file"):
                words = "verifies against every authority that the system trusts"
                yield Finding(subject, Verdict.FAIL, words, "nats_server_tls_files: ca", host)
            elif tls and verifies:
                yield Finding(subject, Verdict.PASS, f"verifies against {tls['ca_file']}", "", host)


def proxies(seen: Seen) -> Iterator[Finding]:
    """proxy-protocol."""
    for host in seen.hosts:
        if seen.config(host).get("proxy_protocol") and not seen.config(host).get("proxies"):
            words = "believes the PROXY header of whoever connects: rules about addresses (src) can be got round"
            change = "nats_server_extra_config: without proxy_protocol, or a firewall that lets in the balancer alone"
            yield Finding(seen.server(host), Verdict.FAIL, words, change, host)
        elif seen.config(host).get("read"):
            yield Finding(seen.server(host), Verdict.PASS, "takes no address from a header", "", host)


def versions(seen: Seen) -> Iterator[Finding]:
    """version."""
    for host, facts in seen.hosts.items():
        version = str((facts.get("process") or {}).get("version") or "")
        kinds = {listener["kind"] for listener in seen.config(host).get("listeners") or []}
        try:
            known = advisories.of_version(version, kinds)
        except ValueError:
            yield Finding(seen.server(host), Verdict.COULD_NOT_LOOK, "does not say its version", "", host)
            continue
        if not known:
            words = f"{version} has no flaw known on {advisories.AS_OF.isoformat()}"
            yield Finding(seen.server(host), Verdict.PASS, words, "", host)
            continue
        told = "; ".join(f"{each.id} ({each.summary})" for each in sorted(known, key=lambda each: not each.worst)[:5])
        more = f"; and {len(known) - 5} more" if len(known) > 5 else ""
        yield Finding(seen.server(host), Verdict.FAIL, f"{version}: {told}{more}", "playbook aegis.nats.upgrade", host)


def units(seen: Seen) -> Iterator[Finding]:
    """unit-hardened."""
    for host, facts in seen.hosts.items():
        unit, name = facts.get("unit"), f"service of {seen.server(host)}"
        if unit is None:
            continue
        lacking = [
            f"{key}={unit['properties'].get(key) or 'no'}"
            for key, good in HARDENED.items()
            if unit["properties"].get(key) not in good
        ]
        score = f", exposure {unit['exposure']} of 10" if unit["exposure"] is not None else ""
        change = "nats_server_service_manager: systemd, and deploy"
        if unit["user"] in ("root", "0"):
            yield Finding(name, Verdict.FAIL, f"runs as root{score}", "nats_server_user", host)
        elif lacking or (unit["exposure"] or 0) > _EXPOSURE:
            yield Finding(name, Verdict.WARN, f"{', '.join(lacking) or unit['unit']}{score}", change, host)
        else:
            yield Finding(name, Verdict.PASS, f"kept from what it does not need{score}", "", host)
