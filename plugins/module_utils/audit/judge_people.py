# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges users and accounts: what each may, whether deny rules hold, who is in the system account, bearers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..node.audit.users import permissions_of
from ..trust.subjects import covers
from .model import Finding, Verdict
from .seen import Seen

_OTHERS_REPLIES = "_INBOX.abc.def"
_MOST_SYSTEM_USERS = 5
_ACCOUNTS = "nats_trust_accounts[].users[].publish and .subscribe"


@dataclass(frozen=True)
class Person:
    """A user, from a configuration or from the JWT with which somebody is connected. permissions None: everything."""

    name: str
    account: str
    host: str
    permissions: Optional[Mapping[str, Any]]
    system: bool = False
    claims: Optional[Mapping[str, Any]] = None

    @property
    def subject(self) -> str:
        return f"user {self.name or '(without name)'}{f' of {self.account}' if self.account else ''}"


def people(seen: Seen) -> list[Person]:
    """Every user that is known, once: those of configurations, and those that are connected."""
    found: dict[tuple[str, ...], Person] = {}
    names = {account.key: account.name for account in seen.accounts if account.key}
    scopes = {
        str(key["key"]): key.get("template") or {}
        for account in seen.accounts
        for key in account.nats.get("signing_keys") or []
        if isinstance(key, Mapping)
    }
    for host in seen.hosts:
        for person in [*_of_config(seen, host), *_connected(seen, host, names, scopes)]:
            found.setdefault(_identity(person), person)
    return list(found.values())


def _identity(person: Person) -> tuple[str, ...]:
    """Names of JWTs may be given twice, and one server's configuration may allow what another's does not."""
    key = (person.claims or {}).get("key")
    return (str(key),) if key else (person.account, person.name, repr(person.permissions))


def _of_config(seen: Seen, host: str) -> Iterator[Person]:
    config = seen.config(host)
    login = config.get("login") or {}
    for user in login.get("users") or []:
        yield Person(user["name"], "", host, user["permissions"] or login.get("default_permissions"))
    for account in config.get("accounts") or []:
        system = account["name"] == (config.get("system_account") or "$SYS")
        for user in account["users"]:
            yield Person(
                user["name"], account["name"], host, user["permissions"] or account["default_permissions"], system
            )


def _connected(seen: Seen, host: str, names: Mapping[str, str], scopes: Mapping[str, Any]) -> Iterator[Person]:
    system = (seen.hosts[host].get("server") or {}).get("system_account")
    for user in seen.hosts[host].get("connected") or []:
        if not user.get("key", "").startswith("U") or "issuer" not in user:
            continue
        permissions = user["permissions"]
        if user["issuer"] in scopes:
            permissions = permissions_of(scopes[user["issuer"]])
        account = user["issuer_account"]
        yield Person(user["name"], names.get(account, account), host, permissions, account == system, user)


def permissions(seen: Seen) -> Iterator[Finding]:
    """permissions-limited."""
    found = people(seen)
    if not found and seen.accounts:
        words = "nobody is connected, and users' JWTs are with their clients: run this while clients are connected"
        yield Finding("users", Verdict.NOT_APPLICABLE, words)
    for person in found:
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
    for person in people(seen):
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
    found = [person for person in people(seen) if person.system]
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
    for person in people(seen):
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
