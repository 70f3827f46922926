# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges users and accounts: what each may, whether deny rules hold, who is in the system account, bearers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..trust.subjects import covers
from .model import Finding, Verdict
from .people import Person
from .seen import Seen

_OTHERS_REPLIES = "_INBOX.abc.def"
_MOST_SYSTEM_USERS = 5
_MOST_NAMED = 10
_ACCOUNTS = "nats_trust_accounts[].users[].publish and .subscribe"


def unread(seen: Seen) -> Iterator[Finding]:
    """Users who may do anything, for all that is known: of each control that is about them."""
    for subject, why in seen.known.unread.items():
        yield Finding(subject, Verdict.COULD_NOT_LOOK, why, "nats_trust_dir, or --vault-password-file")


def permissions(seen: Seen) -> Iterator[Finding]:
    """permissions-limited."""
    yield from unread(seen)
    known = seen.known
    if not known.people and seen.accounts and not seen.stored:
        words = "nobody is connected, and there is no store here: run this while clients are connected"
        yield Finding("users", Verdict.NOT_APPLICABLE, words, "nats_trust_dir")
    done = [idle for idle in known.idle if not idle.strange]
    if done:
        named = ", ".join(f"{idle.subject} ({idle.why})" for idle in done[:_MOST_NAMED])
        more = f" and {len(done) - _MOST_NAMED} more" if len(done) > _MOST_NAMED else ""
        yield Finding("users of the store", Verdict.PASS, f"{len(done)} get in nowhere any more: {named}{more}")
    for person in known.people:
        if person.system:
            continue
        if person.permissions is None:
            yield _of(person, Verdict.FAIL, "may publish and subscribe to everything in its account", _ACCOUNTS)
            continue
        hears = _allows(person.permissions["subscribe"], _OTHERS_REPLIES)
        if hears:
            words = "hears the replies of all other users of its account (_INBOX.>)"
            yield _of(person, Verdict.FAIL, words, f"{_ACCOUNTS}: deny _INBOX.>, and allow a prefix of its own")
        else:
            yield _of(person, Verdict.PASS, "is denied something, and hears no reply of others")


def _allows(side: Mapping[str, Any], subject: str) -> bool:
    allow, deny = side["allow"], side["deny"]
    allowed = allow is None or any(covers(_plain(pattern), subject) for pattern in allow)
    # A deny rule with a queue closes the subject to that queue alone (measured).
    return allowed and not any(covers(pattern, subject) for pattern in deny if " " not in pattern)


def _plain(pattern: str) -> str:
    """A rule without the queue that may stand behind it."""
    return pattern.split(" ", maxsplit=1)[0]


def deny_rules(seen: Seen) -> Iterator[Finding]:
    """deny-rules: one that seems to close a branch and leaves its root open, and one that closes nothing."""
    yield from unread(seen)
    for person in seen.known.people:
        for side, rules in (person.permissions or {}).items():
            for rule in rules["deny"]:
                pattern = _plain(rule)
                root = pattern.rpartition(".")[0]
                change = f"deny {root} and {root}.> of {side}"
                if pattern.endswith(".*") and _allows(rules, f"{root}.x.y"):
                    yield _of(person, Verdict.WARN, f"{side}: deny {pattern} leaves {root}.x.y open", change)
                elif (
                    root not in ("", "_INBOX")
                    and pattern.endswith((".*", ".>"))
                    and "*" not in root
                    and _allows(rules, root)
                ):
                    yield _of(person, Verdict.WARN, f"{side}: deny {pattern} leaves {root} itself open", change)
                # What lies below a root that is denied too goes with it, as the advice above has it.
                with_its_root = root in rules["deny"] and pattern.endswith(".>")
                if (
                    rules["allow"] is not None
                    and not with_its_root
                    and not any(_meet(_plain(allowed), pattern) for allowed in rules["allow"])
                ):
                    yield _of(
                        person,
                        Verdict.WARN,
                        f"{side}: deny {pattern} closes nothing that was allowed",
                        f"without {pattern}",
                    )


def _meet(one: str, other: str) -> bool:
    """Whether there is a subject that both patterns stand for."""
    left, right = one.split("."), other.split(".")
    for position in range(max(len(left), len(right))):
        a = left[position] if position < len(left) else ""
        b = right[position] if position < len(right) else ""
        if ">" in (a, b):
            return bool(a and b)
        if not a or not b or ("*" not in (a, b) and a != b):
            return False
    return True


def system_users(seen: Seen) -> Iterator[Finding]:
    """system-users."""
    yield from unread(seen)
    found = [person for person in seen.known.people if person.system]
    change = "nats_trust_system_account: users"
    if len(found) > _MOST_SYSTEM_USERS:
        words = f"{len(found)} users of the system account are known; who is in it rules every account"
        yield Finding("system account", Verdict.WARN, words, change)
    for person in found:
        if person.permissions is None:
            yield _of(
                person, Verdict.WARN, "may do everything in the system account", f"{change}: publish and subscribe"
            )
        else:
            yield _of(person, Verdict.PASS, "is limited")


def bearers(seen: Seen) -> Iterator[Finding]:
    """bearer-limited."""
    yield from unread(seen)
    for person in seen.known.people:
        claims = person.claims or {}
        if not claims.get("bearer"):
            continue
        limits = [name for name in ("expires", "source_networks", "connection_types") if claims.get(name)]
        if limits and person.permissions is not None:
            yield _of(person, Verdict.PASS, f"is a bearer, limited by {', '.join(limits)} and permissions")
        else:
            words = "is a bearer: who reads its JWT once may use it for ever"
            yield _of(
                person,
                Verdict.FAIL,
                words,
                "nats_trust_accounts[].users[]: bearer: false, or expires and source_networks",
            )


def _of(person: Person, verdict: Verdict, evidence: str, change: str = "") -> Finding:
    return Finding(person.subject, verdict, evidence, change, person.host)


def described(people_of: Sequence[Person]) -> list[dict[str, Any]]:
    """Users as the picture of the trust tree takes them."""
    everything = {"allow": [">"], "deny": []}
    return [
        {
            "name": person.name,
            "key": (person.claims or {}).get("key", ""),
            "publish": _shown(person, "publish", everything),
            "subscribe": _shown(person, "subscribe", everything),
            "bearer": bool((person.claims or {}).get("bearer")),
        }
        for person in people_of
    ]


def _shown(person: Person, side: str, everything: Mapping[str, Any]) -> dict[str, Any]:
    said = (person.permissions or {}).get(side) or everything
    return {"allow": [">"] if said["allow"] is None else list(said["allow"]), "deny": list(said["deny"])}
