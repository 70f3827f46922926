# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.handshake: fresh TLS handshakes with running servers, from the host where it runs."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from .handshake import GREETS, Answer, Handshake, Identity, Listener, shake

_LISTENER: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": list(GREETS), "default": "client"},
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "tls_first": {"type": "bool", "default": False},
    "serial": {"type": "str"},
    "verify": {"type": "bool", "default": True},
    "pinned": {"type": "bool", "default": False},
}
_CLIENT: Mapping[str, Any] = {
    "name": {"type": "str", "required": True},
    "certificate": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "contents": {"type": "dict", "no_log": True},
    "allowed": {"type": "bool", "default": True},
    "pinned": {"type": "bool", "default": False},
}
_SPEC: Mapping[str, Any] = {
    "listeners": {"type": "list", "elements": "dict", "required": True, "options": _LISTENER},
    "ca": {"type": "path", "required": True},
    "certificate": {"type": "path"},
    "key": {"type": "path", "no_log": False},
    "clients": {"type": "list", "elements": "dict", "default": [], "options": _CLIENT},
    "timeout": {"type": "float", "default": 5.0},
}
_AT_ONCE = 8
#: Listeners that peers dial; at the others, applications do.
_OF_PEERS = frozenset(("route", "gateway", "leafnode"))


@dataclass(frozen=True)
class _Door:
    """A listener and what is known of it. serial: hexadecimal; None where any will do; verify: it demands a certificate
    of clients; pinned: it lets in pinned keys only."""

    listener: Listener
    serial: Optional[str]
    verify: bool
    pinned: bool

    def judges(self, guest: _Guest) -> bool:
        """Whether it is known what it must make of somebody."""
        if not guest.allowed:
            return self.verify
        return not self.pinned or (guest.is_host if self.listener.kind in _OF_PEERS else guest.pinned)


@dataclass(frozen=True)
class _Guest:
    """Who shakes hands. allowed: must be accepted, else refused; is_host: by the host's own certificate; pinned: its
    key is among those that clients' listeners pin, where they do."""

    identity: Identity
    allowed: bool = True
    is_host: bool = False
    pinned: bool = False


@dataclass(frozen=True)
class _Wanted:
    """One handshake and what is expected of it. serial: hexadecimal; None where any will do."""

    listener: Listener
    identity: Identity
    allowed: bool
    serial: Optional[str]


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Shake hands with every listener as everybody; see the module's documentation."""
    problems = Problems()
    if params["timeout"] <= 0:
        problems.add("timeout", f"is {params['timeout']:g}: write seconds above 0")
    wanted = _wanted(params, problems)
    problems.raise_if_any()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda one: shake(one.listener, one.identity, params["timeout"]), wanted))
    told = [_told(one, came) for one, came in zip(wanted, found)]
    values: dict[str, Any] = {"handshakes": told}
    wrong = [one for one in told if not one["ok"]]
    if wrong:
        lines = "".join(f"\n  - {one['listener']}, as {one['client']}: {one['detail']}" for one in wrong)
        values.update(failed=True, msg=f"{len(wrong)} of {len(told)} handshakes are not as expected:{lines}")
    return Outcome(values=values)


def _wanted(params: Mapping[str, Any], problems: Problems) -> list[_Wanted]:
    doors = [_door(given, f"listeners[{number}]", problems) for number, given in enumerate(params["listeners"])]
    guests = _guests(params, problems)
    return [
        _Wanted(door.listener, guest.identity, guest.allowed, door.serial)
        for door in doors
        for guest in guests
        if door.judges(guest)
    ]


def _door(given: Mapping[str, Any], where: str, problems: Problems) -> _Door:
    serial = given.get("serial") or None
    try:
        int(serial or "0", 16)
    except ValueError:
        problems.add(f"{where}.serial", f"{serial!r} is not a serial: write hex digits")
    if not 0 < given["port"] < 65536:
        problems.add(f"{where}.port", f"{given['port']} is not a port")
    kind, first = given.get("kind") or "client", bool(given.get("tls_first"))
    listener = Listener(given["name"], kind, given["address"], given["port"], first)
    return _Door(listener, serial, given.get("verify", True), given.get("pinned", False))


def _guests(params: Mapping[str, Any], problems: Problems) -> list[_Guest]:
    """This host, where it has a certificate, and the clients."""
    ca = _read(params["ca"], "ca", problems)
    found = []
    if params.get("certificate") or params.get("key"):
        parts = [_read(params.get(name) or "", name, problems) for name in ("certificate", "key")]
        found.append(_Guest(Identity("this host", ca, "\n".join(parts).encode()), is_host=True))
    for number, client in enumerate(params["clients"]):
        contents = client.get("contents") or {}
        parts = [
            contents.get(name) or _read(client[name], f"clients[{number}].{name}", problems)
            for name in ("certificate", "key")
        ]
        identity = Identity(client["name"], ca, "\n".join(parts).encode())
        found.append(_Guest(identity, client.get("allowed", True), pinned=client.get("pinned", False)))
    if not found:
        found.append(_Guest(Identity("a client without a certificate", ca), pinned=True))
    for guest in found:
        _try(guest, problems)
    return found


def _read(path: str, where: str, problems: Problems) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError as error:
        problems.add(where, f"{path or 'it'} can't be read: {error.strerror}")
    except UnicodeDecodeError:
        problems.add(where, f"{path} is not a PEM file")
    return ""


def _try(guest: _Guest, problems: Problems) -> None:
    """What OpenSSL can't use is told before anything is tried."""
    if len(problems):
        return
    try:
        _dummy = guest.identity.context
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        problems.add("certificate" if guest.is_host else "clients", f"of {guest.identity.name}: {reason}")


def _told(wanted: _Wanted, came: Handshake) -> dict[str, Any]:
    """A handshake in results. Nobody at home proves no refusal."""
    detail = came.evidence
    if wanted.allowed:
        ok = came.answer is Answer.ACCEPTED
        if ok and wanted.serial and int(came.serial, 16) != int(wanted.serial, 16):
            ok, detail = False, f"it shows serial {came.serial}, and {wanted.serial} was issued: it was not reloaded"
        elif not ok:
            detail = f"{came.answer.value}: {detail}"
    else:
        ok = came.answer in (Answer.REFUSED, Answer.CLOSED)
        detail = f"refused ({detail})" if ok else f"not refused: {came.answer.value}: {detail}"
    return {
        "listener": wanted.listener.name,
        "client": wanted.identity.name,
        "ok": ok,
        "serial": came.serial or None,
        "detail": detail,
    }


VERB = Verb(name="handshake", argument_spec=_SPEC, run=run, local_paths=())
