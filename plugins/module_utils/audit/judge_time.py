# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges what time does: what ends and when, what has changed since it was loaded, when anybody looked last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from ..node.expiry import NOW_DAYS, SOON_DAYS
from ..node.monitor import parse_time
from .judge_people import unread
from .model import Expiry, Finding, Verdict
from .seen import Seen, moment

#: Those that hosts tell by, too, and the NATS project's own `nats audit` for certificates (jsm.go, audit).
SOON, NOW = timedelta(days=SOON_DAYS), timedelta(days=NOW_DAYS)
_REGULAR = timedelta(days=45)
#: Of a configuration that the collection has deployed (node/expiry.py).
_DRIFTED = {
    "changed_on_disk": "its files are not those that the deploy left",
    "not_loaded": "a configuration was switched in that it has not loaded",
    "not_deployed": "it runs another configuration than the deploy saw it load (by its digest)",
}


def expiries(seen: Seen) -> tuple[Expiry, ...]:
    """Everything that ends, soonest first."""
    found = [
        Expiry(
            f"certificate of the {each.door.kind} port of {each.door.server}",
            "certificate",
            each.served["ends"],
            each.door.host,
        )
        for each in seen.knocked
        if each.served.get("ends")
    ]
    for account in {each.key: each for each in seen.accounts if each.expires}.values():
        found.append(Expiry(f"account {account.name}", "jwt", moment(account.expires)))
    for operator in seen.operators.values():
        if operator.get("expires"):
            found.append(Expiry(f"operator {operator['name']}", "jwt", moment(int(operator["expires"]))))
    for person in seen.known.people:
        if (person.claims or {}).get("expires"):
            found.append(Expiry(person.subject, "creds", moment(int((person.claims or {})["expires"]))))
    return tuple(sorted(found, key=lambda each: (each.at, each.what)))


def ends(seen: Seen) -> Iterator[Finding]:
    """expiry."""
    yield from unread(seen)
    for idle in seen.known.idle:
        if idle.expires:
            words = f"has ended on {moment(idle.expires):%Y-%m-%d}: nobody gets in with it"
            yield Finding(idle.subject, Verdict.WARN, words, "run aegis.nats.deploy, or take it out of the tree")
    for each in expiries(seen):
        left = each.at - seen.now
        words = (
            f"ends on {each.at:%Y-%m-%d}, in {left.days} days"
            if left > timedelta()
            else f"has ended on {each.at:%Y-%m-%d}"
        )
        change = (
            "run aegis.nats.deploy, which renews certificates"
            if each.kind == "certificate"
            else "nats_trust_accounts: expires"
        )
        verdict = Verdict.FAIL if left <= NOW else Verdict.WARN if left <= SOON else Verdict.PASS
        yield Finding(each.what, verdict, words, "" if verdict is Verdict.PASS else change, each.host)
    for host, facts in seen.hosts.items():
        on_disk: dict[str, list[str]] = {}
        for certificate in facts.get("certificates") or []:
            on_disk.setdefault(certificate["kind"], []).append(certificate["serial"])
        for knocked in seen.knocked:
            serial = str(knocked.served.get("serial") or "")
            if knocked.door.host != host or not serial or knocked.door.kind not in on_disk:
                continue
            if serial.lstrip("0") not in [each.lstrip("0") for each in on_disk[knocked.door.kind]]:
                words = f"serves {serial}, but {', '.join(on_disk[knocked.door.kind])} lies on its disk"
                yield Finding(
                    knocked.door.subject, Verdict.FAIL, words, "run aegis.nats.deploy, which has it loaded", host
                )
    for knocked in seen.knocked:
        for problem in knocked.served.get("chain") or []:
            change = "nats_pki: an authority of this collection, or one with these extensions"
            yield Finding(
                knocked.door.subject,
                Verdict.WARN,
                f"a strict verifier refuses its chain: {problem}",
                change,
                knocked.door.host,
            )


def drift(seen: Seen) -> Iterator[Finding]:
    """drift."""
    if seen.last is None:
        yield Finding("audits", Verdict.PASS, "this is the first one")
    elif seen.now - seen.last > _REGULAR:
        words = f"the one before was made {(seen.now - seen.last).days} days ago"
        yield Finding("audits", Verdict.WARN, words, "a schedule, such as each month")
    else:
        yield Finding("audits", Verdict.PASS, f"the one before was made on {seen.last:%Y-%m-%d}")
    for host, facts in seen.hosts.items():
        deployed = seen.config(host).get("deployed")
        if isinstance(deployed, Mapping) and deployed:
            # Times of files tell less: what a deploy puts right is younger than what is loaded, and the same.
            wrong = [words for why, words in _DRIFTED.items() if deployed.get(why)]
            words = " and ".join(wrong) or "runs the configuration that was deployed"
            change = "run aegis.nats.deploy" if wrong else ""
            yield Finding(seen.server(host), Verdict.FAIL if wrong else Verdict.PASS, words, change, host)
            continue
        changed, loaded = (
            seen.config(host).get("changed_at"),
            parse_time((facts.get("server") or {}).get("config_load_time")),
        )
        if changed is None or loaded is None:
            continue
        if changed > loaded.timestamp() + 1:
            words = (
                f"its configuration was changed at {moment(int(changed)):%Y-%m-%d %H:%M:%S} UTC, after it was loaded"
            )
            yield Finding(seen.server(host), Verdict.FAIL, words, "run aegis.nats.deploy", host)
        else:
            yield Finding(seen.server(host), Verdict.PASS, "runs the configuration that lies on its disk", "", host)
