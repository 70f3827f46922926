# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb ``revocation_list``: what is revoked, recorded, and the authority's list of it, made anew in its window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import revocation, revocation_list, serials, store
from .facts import stamp
from .libraries import need_cryptography
from .revocation import Entry, Ledger
from .revocation_list import Listed
from .store import Authority
from .wanted import parse_lifetime, safe_name

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/pki"},
    "authority": {"type": "str", "default": "ca"},
    "passphrase": {"type": "str", "no_log": True},
    "revoked": {"type": "list", "elements": "raw", "default": []},
    "days": {"type": "int", "default": 30},
    "renew_before": {"type": "str"},
}


@dataclass(frozen=True)
class _Asked:
    authority: str
    passphrase: Optional[str]
    entries: list[Entry]
    days: int
    renew_before: Optional[timedelta]


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Record what is revoked; make the list where it is missing, lacks something or comes to its end."""
    need_cryptography("to make lists of what is revoked")
    asked = _check(params)
    folder = Folder(params["path"], surroundings.seal)
    if not surroundings.check_mode and not store.has_authority(folder, asked.authority):
        raise StoreError(
            f"{folder.root}: there is no authority {asked.authority}: make it first with aegis.nats.authority"
        )
    with folder.locked(surroundings.check_mode):
        authority = store.read_authority(folder, asked.authority, None, with_key=False)
        if authority is None:
            return _still_to_be_made(asked, folder)
        _check_authority(authority)
        record = serials.read(folder, asked.authority)
        serials.check_clock(record, asked.authority, surroundings.now)
        listed, why = _listed(asked, folder, authority)
        recorded = revocation.read(folder, asked.authority)
        before = recorded if listed is None else revocation_list.joined(recorded, listed)
        found = revocation.resolve(asked.entries, record, before, surroundings.now)
        if listed is not None:
            why = revocation_list.due(listed, found.ledger, asked.renew_before, surroundings.now)
        ledger = replace(found.ledger, number=before.number + 1) if why else found.ledger
        changes = [revocation.change(asked.authority, ledger)] if ledger != recorded else []
        changes += _list(asked, folder, ledger, surroundings) if why else []
        index = revocation_list.index(asked.authority, record, ledger)
        if folder.read(index.path) != index.content:
            changes.append(index)
            why = why or ["the index lacks what was issued since"]
        public = _public(folder, authority, changes)
        if public:
            changes += public
            why = why or ["what is to be published is not there as it should be"]
        if not surroundings.check_mode:
            folder.commit(changes)
    said = tuple(f"list of {asked.authority}: {sentence}" for sentence in why)
    plan = Plan(tuple(changes), (*found.reasons, *said), *_pictures(before, ledger, bool(changes)))
    return Outcome(plan, _values(authority, folder, ledger, surroundings), found.warnings)


def _check(params: Mapping[str, Any]) -> _Asked:
    problems = Problems()
    name = safe_name(params["authority"], problems, "authority", parts=False)
    entries = revocation.parse_revoked(params["revoked"], problems)
    days, renew_before = parse_lifetime(params["days"], params.get("renew_before"), problems, "")
    problems.raise_if_any()
    return _Asked(name or "ca", params.get("passphrase"), entries, days, renew_before)


def _check_authority(authority: Authority) -> None:
    usages = authority.facts.key_usages
    if usages is not None and "cRLSign" not in usages:
        raise StoreError(
            f"authority {authority.name} must not sign lists (keyUsage without cRLSign): whoever made it makes them"
        )


def _listed(asked: _Asked, folder: Folder, authority: Authority) -> tuple[Optional[Listed], list[str]]:
    """The list that is there; or why there is none."""
    path = revocation_list.files(asked.authority)[0]
    content = folder.read(path)
    if content is None:
        return None, ["it is not there"]
    try:
        return revocation_list.read(content, path, authority), []
    except StoreError as error:
        return None, [str(error).removeprefix(f"{path}: ")]


def _list(asked: _Asked, folder: Folder, ledger: Ledger, surroundings: Surroundings) -> list[FileChange]:
    """The list made anew; the key is opened for it alone, and not in check mode."""
    text = b""
    if not surroundings.check_mode:
        authority = store.read_authority(folder, asked.authority, asked.passphrase)
        if authority is None:
            raise StoreError(f"{folder.root}: there is no authority {asked.authority}")
        store.check_authority(authority, surroundings.now)
        text = revocation_list.build(authority, ledger, asked.days, surroundings.now)
    return [FileChange(revocation_list.files(asked.authority)[0], text, mode=0o644)]


def _public(folder: Folder, authority: Authority, changes: Sequence[FileChange]) -> list[FileChange]:
    """What a web server hands out, where it is not what it has to be."""
    path = revocation_list.files(authority.name)[0]
    made = [change.content or b"" for change in changes if change.path == path]
    wanted = revocation_list.public(authority, made[0] if made else folder.read(path) or b"")
    return [one for one in wanted if folder.read(one.path) != one.content]


def _still_to_be_made(asked: _Asked, folder: Folder) -> Outcome:
    """In check mode only: the run that follows makes the authority first."""
    path = revocation_list.files(asked.authority)[0]
    plan = Plan((FileChange(path, b""),), (f"list of {asked.authority}: it is not there",))
    return Outcome(plan, {"crl_path": str(folder.root / path), "number": 1, "revoked": []})


def _pictures(before: Ledger, after: Ledger, changed: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    if not changed:
        return {}, {}
    told = [
        {"number": one.number, "revoked": {serial: found.reason for serial, found in one.revoked.items()}}
        for one in (before, after)
    ]
    return told[0], told[1]


def _values(authority: Authority, folder: Folder, ledger: Ledger, surroundings: Surroundings) -> dict[str, Any]:
    crl, index = revocation_list.files(authority.name)
    values: dict[str, Any] = {
        "crl_path": str(folder.root / crl),
        "index_path": str(folder.root / index),
        "public_path": str((folder.root / revocation_list.public_files(authority.name)[0]).parent),
        "number": ledger.number,
        "revoked": [
            {"serial": serial, "name": found.name, "reason": found.reason, "at": found.at}
            for serial, found in sorted(ledger.revoked.items())
        ],
    }
    content = folder.read(crl)
    if content is not None and not surroundings.check_mode:
        listed = revocation_list.read(content, str(folder.root / crl), authority)
        values["crl"] = content.decode()
        values["next_update"] = stamp(listed.next_update)
        values["days_left"] = (listed.next_update - surroundings.now).days
    return values


VERB = Verb(name="revocation_list", argument_spec=ARGUMENTS, run=run)
