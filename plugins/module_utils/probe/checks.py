# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is expected of running servers, as it is written in a play: read and checked, all problems at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..plan.problems import Problems
from ..trust.subjects import fault, has_wildcard

KINDS: Mapping[str, tuple[str, ...]] = {
    "connect": ("client", "allowed"),
    "fips": (),
    "plaintext": ("allowed",),
    "no_certificate": ("client", "allowed"),
    "no_credentials": ("client", "allowed"),
    "operator_keys": ("client", "keys", "without", "allowed"),
    "publish": ("client", "subject", "payload", "allowed"),
    "subscribe": ("client", "subject", "allowed"),
    "request": ("client", "subject", "payload", "reply", "allowed"),
    "exchange": ("client", "responder", "subject", "local_subject", "payload", "allowed"),
    "stream_roundtrip": ("client", "stream", "subject", "replicas", "payload", "keep"),
}
_REFUSED_UNLESS_SAID = ("plaintext", "no_certificate", "no_credentials")
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "operator_keys": ("keys",),
    "publish": ("subject",),
    "subscribe": ("subject",),
    "request": ("subject",),
    "exchange": ("responder", "subject"),
    "stream_roundtrip": ("subject",),
}
_TYPES: Mapping[str, tuple[type[Any], str]] = {
    "name": (str, "a text"),
    "client": (str, "the name of a client"),
    "responder": (str, "the name of a client"),
    "subject": (str, "a subject"),
    "local_subject": (str, "a subject"),
    "payload": (str, "a text"),
    "reply": (str, "a text"),
    "stream": (str, "a name"),
    "replicas": (int, "a number from 1 to 5"),
    "allowed": (bool, "true or false"),
    "keep": (bool, "true or false"),
    "keys": (list, "a list of public keys"),
    "without": (list, "a list of public keys"),
}
DEFAULT_STREAM = "AEGIS_PROBE"


@dataclass(frozen=True)
class Check:
    """One expectation. See the documentation of client_probe for the meaning of each field by kind."""

    name: str
    kind: str
    client: Optional[str] = None
    allowed: bool = True
    subject: str = ""
    local_subject: str = ""
    payload: str = "aegis.nats client_probe"
    reply: Optional[str] = None
    responder: Optional[str] = None
    stream: str = DEFAULT_STREAM
    replicas: int = 3
    keep: bool = False
    keys: Sequence[str] = ()
    without: Sequence[str] = ()


def read_checks(checks: Sequence[Mapping[str, Any]], clients: Sequence[str], problems: Problems) -> tuple[Check, ...]:
    """The checks in their order; a problem leaves its check out."""
    found: list[Check] = []
    if not checks:
        problems.add("checks", "is empty: say at least one thing that is expected")
    for number, given in enumerate(checks):
        where, before = f"checks[{number}]", len(problems)
        kind = str(given.get("kind"))
        if kind not in KINDS:
            problems.add(f"{where}.kind", f"{kind!r} is none of {', '.join(KINDS)}{_meant(kind, KINDS)}")
            continue
        fields = {name: value for name, value in given.items() if name != "kind" and value is not None}
        _check_fields(kind, fields, where, problems)
        _check_clients(kind, fields, clients, where, problems)
        if len(problems) == before:
            fields.setdefault("allowed", kind not in _REFUSED_UNLESS_SAID)
            fields.setdefault("name", _title(kind, fields))
            found.append(Check(kind=kind, **fields))
    names = [check.name for check in found]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            problems.add("checks", f"{name!r} is the name of {names.count(name)} checks: give each a name of its own")
    return tuple(found)


def _check_fields(kind: str, fields: Mapping[str, Any], where: str, problems: Problems) -> None:
    value: Any
    known = ("name", *KINDS[kind])
    for name, value in fields.items():
        if name not in known:
            problems.add(f"{where}.{name}", f"is no field of {kind}{_meant(name, known)}: it has {', '.join(known)}")
            continue
        wanted, words = _TYPES[name]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            problems.add(f"{where}.{name}", f"{value!r} is not {words}")
        elif name == "replicas" and not 1 <= value <= 5:
            problems.add(f"{where}.{name}", f"{value} is not {words}")
        elif name in ("subject", "local_subject"):
            _check_subject(value, kind, f"{where}.{name}", problems)
        elif name == "stream" and (not value or any(letter in value for letter in " .*>/\\\t\r\n")):
            problems.add(f"{where}.{name}", f"{value!r} is not a stream's name: leave out blanks, dots, * > / and \\")
    for name in _REQUIRED.get(kind, ()):
        if name not in fields:
            problems.add(f"{where}.{name}", f"is missing: {kind} needs {_TYPES[name][1]}")


def _check_subject(subject: str, kind: str, where: str, problems: Problems) -> None:
    wrong = fault(subject)
    if wrong:
        problems.add(where, wrong)
    elif kind != "subscribe" and has_wildcard(subject):
        problems.add(where, f"{subject!r} has a wildcard: one message goes to one subject, write it out")


def _check_clients(kind: str, fields: dict[str, Any], clients: Sequence[str], where: str, problems: Problems) -> None:
    if "client" in KINDS[kind] and "client" not in fields:
        if len(clients) == 1:
            fields["client"] = clients[0]
        elif kind not in ("no_credentials", "no_certificate"):
            problems.add(f"{where}.client", "is missing: name one of clients")
    for name in ("client", "responder"):
        value = fields.get(name)
        if isinstance(value, str) and name in KINDS[kind] and value not in clients:
            known = ", ".join(clients) or "empty"
            problems.add(f"{where}.{name}", f"{value!r} is none of clients ({known}){_meant(value, clients)}")


def _meant(word: Any, known: Any) -> str:
    close = difflib.get_close_matches(str(word), list(known), 1)
    return f", did you mean {close[0]}?" if close else ""


def _title(kind: str, fields: Mapping[str, Any]) -> str:
    refused = "" if fields["allowed"] else " is refused"
    client, subject = fields.get("client") or "anyone", fields.get("subject", "")
    titles = {
        "connect": f"{client} connects",
        "operator_keys": "the keys of the operator",
        "fips": "FIPS mode",
        "plaintext": "plain text",
        "no_certificate": "a client without a certificate",
        "no_credentials": "a client without creds",
        "publish": f"{client} publishes to {subject}",
        "subscribe": f"{client} subscribes to {subject}",
        "request": f"{client} requests {subject}",
        "exchange": f"{client} requests {fields.get('local_subject') or subject} of {fields.get('responder')}",
        "stream_roundtrip": f"{client} writes and reads {subject} in {fields.get('stream', DEFAULT_STREAM)}",
    }
    return titles[kind] + (refused or (" is let in" if kind in _REFUSED_UNLESS_SAID else ""))
