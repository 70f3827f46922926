# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an authority comes to be: made as a root, below another one, asked for by a request, or taken in from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Optional

from ..plan.changes import FileChange
from ..plan.errors import InputError, StoreError
from ..plan.folder import Folder
from ..plan.problems import Problem
from ..plan.verb import Surroundings
from . import chain, constraints, facts, issue, keys, serials, store
from .facts import stamp
from .issue import Subject
from .profiles import KEY_TYPES
from .requests import Request
from .store import Authority


@dataclass(frozen=True)
class Asked:
    """An authority as it is asked for.

    parent: who stands above it, None for a root; request: of whom it is certified, where its key is kept elsewhere;
    certificate_file, key_file: from where it is taken in.
    """

    name: str
    subject: Subject
    key_type: str
    days: int
    renew_before: Optional[timedelta] = None
    passphrase: Optional[str] = field(default=None, repr=False)
    parent: Optional[str] = None
    parent_passphrase: Optional[str] = field(default=None, repr=False)
    request: Optional[Request] = None
    certificate_file: Optional[str] = None
    key_file: Optional[str] = None
    key_here: bool = True


@dataclass(frozen=True)
class Brought:
    """What is to be written: the files, why, and the authority (None while its certificate is still to come)."""

    changes: tuple[FileChange, ...]
    reasons: tuple[str, ...]
    authority: Optional[Authority] = None
    warnings: tuple[str, ...] = ()
    request: str = ""


def bring(asked: Asked, folder: Folder, surroundings: Surroundings) -> Brought:
    """The authority that is not here yet, in the way that is asked for. Raises StoreError or InputError."""
    if store.waits(folder, asked.name):
        return _answer(asked, folder, surroundings)
    if asked.certificate_file and (asked.key_file or not asked.key_here):
        return _adopt(asked, folder, surroundings)
    if not asked.key_here and asked.request is None:
        raise StoreError(
            f"{folder.root / store.authority_files(asked.name)[0]}: there is no certificate of authority {asked.name}, "
            "whose key is kept elsewhere: take it in as certificate_file"
        )
    if asked.parent is None:
        return _root(asked, folder, surroundings)
    parent = _parent(asked, asked.parent, folder, surroundings)
    if parent.key is None:
        return _ask(asked)
    return _below(asked, parent, folder, surroundings)


def _parent(asked: Asked, name: str, folder: Folder, surroundings: Surroundings) -> Authority:
    """Who stands above, with the key where that is here."""
    key_file = store.authority_files(name)[1]
    without_key = asked.request is None and folder.read_raw(key_file) is None
    found = store.read_authority(folder, name, asked.parent_passphrase, with_key=not without_key)
    if found is not None:
        store.check_authority(found, surroundings.now)
        return found
    if not surroundings.check_mode:
        raise StoreError(
            f"{folder.root}: there is no authority {name} above {asked.name}: make it first with aegis.nats.authority, "
            f"or, where its key is kept elsewhere, take its certificate in"
        )
    # The run that follows makes it first; what it says of this one does not depend on what it is.
    key = keys.generate(KEY_TYPES["ecdsa-p256"])
    stand_in = issue.root(
        key, Subject(f"Above {asked.name}", path_length=None), issue.validity(36500, surroundings.now), 1
    )
    return Authority(name, stand_in, key, "", facts.read(stand_in), path=(stand_in,))


def _root(asked: Asked, folder: Folder, surroundings: Surroundings) -> Brought:
    key = keys.generate(KEY_TYPES[asked.key_type])
    valid = issue.validity(asked.days, surroundings.now)
    certificate = issue.root(key, asked.subject, valid, issue.new_serial(surroundings.random))
    return _made(asked, (certificate,), key, "made for the first time")


def _below(asked: Asked, parent: Authority, folder: Folder, surroundings: Surroundings) -> Brought:
    """Signed by an authority whose key is here."""
    _check_below(asked, parent)
    key: Any = None if asked.request else keys.generate(KEY_TYPES[asked.key_type])
    public = asked.request.public if asked.request else key.public_key()
    valid, clamped = parent.within(issue.validity(asked.days, surroundings.now))
    record = serials.read(folder, parent.name)
    serials.check_clock(record, parent.name, surroundings.now)
    serial = serials.unused(record, surroundings.random)
    certificate = issue.intermediate(
        public, asked.subject, valid, serial, issuer=parent.certificate, issuer_key=parent.key
    )
    record[facts.serial_text(serial)] = serials.entry(asked.name, facts.read(certificate), surroundings.now)
    brought = _made(asked, (certificate, *parent.path), key, f"signed by {parent.name} for the first time")
    changes = (*brought.changes, serials.change(parent.name, record, surroundings.now))
    said = f"authority {asked.name} ends with {parent.name} on {stamp(valid.not_after)}, earlier than asked for"
    return replace(brought, changes=changes, warnings=(said,) if clamped else ())


def _check_below(asked: Asked, parent: Authority) -> None:
    """An authority that its parent must not certify, or that would be worth nothing, is not made."""
    above, own = parent.facts.path_length, asked.subject.path_length
    if above == 0:
        raise StoreError(
            f"authority {parent.name} may sign leaf certificates only (path length 0): no authority can stand below "
            "it; make a root with a path_length of 1 or more"
        )
    if above is not None and (own is None or own >= above):
        raise InputError([Problem("path_length", f"is not below that of {parent.name}, {above}: write {above - 1}")])
    if asked.subject.common_name == parent.facts.common_name:
        words = f"{asked.subject.common_name!r} is also that of {parent.name}: write another, names tell them apart"
        raise InputError([Problem("common_name", words)])


def _ask(asked: Asked) -> Brought:
    """The key is made here, the parent's is elsewhere: a request goes there."""
    key = keys.generate(KEY_TYPES[asked.key_type])
    text = issue.authority_request(key, asked.subject)
    changes = (
        FileChange(store.authority_files(asked.name)[1], keys.write(key, asked.passphrase), secret=True),
        FileChange(store.request_file(asked.name), text, mode=0o644),
    )
    said = f"authority {asked.name}: its key and a request to {asked.parent} are made"
    return Brought(changes, (said,), request=text.decode())


def _answer(asked: Asked, folder: Folder, surroundings: Surroundings) -> Brought:
    """What came back for the request, verified; without it, it goes on waiting."""
    text = folder.read(store.request_file(asked.name)) or b""
    source = asked.certificate_file
    if not source or not Path(source).is_file():
        return Brought((), (), request=text.decode())
    key_file = store.authority_files(asked.name)[1]
    key = keys.read(folder.read(key_file) or b"", str(folder.root / key_file), asked.passphrase)
    path = _read_path(source, folder)
    if keys.spki(key.public_key()) != keys.spki(path[0].public_key()):
        raise StoreError(f"{source}: is not the answer to {folder.root / store.request_file(asked.name)}: another key")
    _check_path(path, source, surroundings.now, whole=True)
    brought = _made(asked, path, None, f"its certificate, signed by {facts.read(path[0]).issuer}, is taken in")
    return replace(brought, changes=(*brought.changes, FileChange(store.request_file(asked.name), None)))


def _adopt(asked: Asked, folder: Folder, surroundings: Surroundings) -> Brought:
    """Somebody else's authority: its certificate, with its key or without."""
    source = str(asked.certificate_file)
    path = _read_path(source, folder)
    _check_path(path, source, surroundings.now, whole=False)
    key = None
    if asked.key_file:
        content = folder.seal.open(Path(asked.key_file).read_bytes(), asked.key_file)
        key = keys.read(content, asked.key_file, asked.passphrase)
        if keys.spki(key.public_key()) != keys.spki(path[0].public_key()):
            raise StoreError(f"{asked.key_file}: is not the key of {source}: give the two that belong together")
    brought = _made(asked, path, key, f"taken in from {source}")
    if chain.is_root(path[-1]):
        return brought
    said = f"authority {asked.name} is not a root and its root is not here: OpenSSL clients trust nothing below it"
    return replace(
        brought, warnings=(f"{said}; put the root below it in {source}, or take it in as another authority",)
    )


def _read_path(source: str, folder: Folder) -> tuple[Any, ...]:
    first, *above = chain.load_all(Path(source).read_bytes(), source)
    return chain.climb(first, [*above, *store.neighbours(folder)])


def _check_path(path: Sequence[Any], source: str, now: datetime, whole: bool) -> None:
    wrong = [*chain.authority_faults(facts.read(path[0])), *chain.path_faults(path, now)]
    if whole and not chain.is_root(path[-1]):
        wrong.append(
            f"the certificate of {facts.read(path[-1]).issuer}, which signed it, is not here: take that in first as an "
            "authority whose key is kept elsewhere, or put it below the other in the file"
        )
    if wrong:
        raise StoreError(f"{source}: {'; '.join(dict.fromkeys(wrong))}. Nothing was taken in")


def _made(asked: Asked, path: Sequence[Any], key: Any, why: str) -> Brought:
    certificate_file, key_file = store.authority_files(asked.name)
    text = store.file_of(path)
    changes = [FileChange(certificate_file, text, mode=0o644)]
    if key is not None:
        changes.insert(0, FileChange(key_file, keys.write(key, asked.passphrase), secret=True))
    found = facts.read(path[0])
    made = Authority(asked.name, path[0], key, text.decode(), found, path=tuple(path))
    return Brought(tuple(changes), (f"authority {asked.name}: {why}",), made)


def differences(asked: Asked, found: Authority, wished: Mapping[str, Any]) -> list[str]:
    """What is asked for and the authority is not; it stays as it is."""
    there = {
        "common name": found.facts.common_name,
        "organization": found.facts.organization,
        "key type": found.facts.key_type,
        "path length": found.facts.path_length,
        "name constraints": constraints.shown(constraints.constraints_of(found.certificate)),
        "URLs": found.facts.pointers.shown(),
    }
    return [
        f"authority {asked.name} keeps its {what} {there[what]!r}, {wish!r} is asked for: a run does not re-make it, "
        "the playbook rotate_ca does"
        for what, wish in wished.items()
        if wish is not None and wish != there[what]
    ]
