# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of an authority whose key is elsewhere: requests go out, what comes back is verified and taken in.

A request waits as ``requests/<name>.csr``, with the key that was made for it; the answer is put beside it as
``requests/<name>.crt``. With a command, both happen in one run (``hook``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Surroundings
from . import chain, facts, hook, issue, keys, serials, store
from .facts import CertificateFacts
from .libraries import x509
from .plan import Decision, name_differences, picture
from .store import Authority
from .wanted import Wanted


@dataclass
class Step:
    """What this run writes and why. waiting: requests that are still to be answered; failure: why a command ended."""

    changes: list[FileChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    made: dict[str, CertificateFacts] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    failure: str = ""


def request_files(name: str) -> tuple[str, str, str]:
    """Relative paths of a request, its key and its answer."""
    return f"requests/{name}.csr", f"requests/{name}.key", f"requests/{name}.crt"


def step(
    folder: Folder,
    decisions: Sequence[Decision],
    authority: Optional[Authority],
    command: Sequence[str],
    surroundings: Surroundings,
) -> Step:
    """One run. Raises InputError for answers that can't be taken in; a command that fails ends the run."""
    made, problems = Step(), Problems()
    record = serials.read(folder, authority.name) if authority else {}
    known = dict(record)
    for one in decisions:
        if not one.reasons:
            continue
        if command:
            try:
                _by_command(folder, one, authority, command, (made, record, surroundings))
            except StoreError as error:
                made.failure = str(error)
                break
        else:
            _by_folder(folder, one, authority, (made, record, surroundings), problems)
    problems.raise_if_any()
    if authority is not None and record != known:
        made.changes.append(serials.change(authority.name, record, surroundings.now))
    return made


def check_pointers(wanted: Sequence[Wanted], problems: Problems) -> None:
    """Where to ask about a certificate is for those to say who sign it."""
    for number, one in enumerate(wanted):
        for kind in one.pointers.shown():
            problems.add(f"certificates[{number}].{kind}", "is for the authority that signs to say: leave it out")


_State = tuple[Step, dict[str, dict[str, str]], Surroundings]


def _by_command(
    folder: Folder, one: Decision, authority: Optional[Authority], command: Sequence[str], state: _State
) -> None:
    made, record, surroundings = state
    if surroundings.check_mode or authority is None:
        made.changes.append(FileChange(store.leaf_files(one.wanted.name)[0], b""))
    else:
        key, request = _request(one.wanted)
        found = chain.load_all(hook.sign(command, request, one.wanted), f"{one.wanted.name}: what {command[0]} wrote")
        path, wrong = verify(found, one.wanted, _spki(request), authority, (record, surroundings.now))
        if wrong:
            raise StoreError(f"{one.wanted.name}: what {command[0]} wrote is not taken in: {'; '.join(wrong)}")
        key_text = keys.write(key) if key is not None else None
        _take_in(one, path, key_text, state)
        _drop(folder, one.wanted.name, made)
    made.reasons += one.sentences
    made.before[one.wanted.name] = picture(one.leaf.facts)
    made.after[one.wanted.name] = "a certificate of the authority"


def _by_folder(
    folder: Folder, one: Decision, authority: Optional[Authority], state: _State, problems: Problems
) -> None:
    made, record, surroundings = state
    name = one.wanted.name
    csr_file, key_file, answer_file = request_files(name)
    waiting = folder.read(csr_file)
    if waiting is None or not _fits(waiting, folder.read(key_file), one.wanted):
        _ask(folder, one, state)
        return
    answer = folder.read(answer_file)
    if answer is None or authority is None:
        made.waiting.append(name)
        return
    place = str(folder.root / answer_file)
    try:
        found = chain.load_all(answer, place)
    except StoreError as error:
        problems.add(place, str(error).removeprefix(f"{place}: "))
        return
    path, wrong = verify(found, one.wanted, _spki(waiting), authority, (record, surroundings.now))
    for sentence in wrong:
        problems.add(place, sentence)
    if not wrong:
        _take_in(one, path, folder.read(key_file), state)
        _drop(folder, name, made)
        made.reasons.append(f"{name}: the certificate for its request is taken in")
        made.before[name], made.after[name] = picture(one.leaf.facts), picture(made.made[name])


def _ask(folder: Folder, one: Decision, state: _State) -> None:
    made, _dummy, surroundings = state
    name = one.wanted.name
    csr_file, key_file, answer_file = request_files(name)
    key, request = (None, b"") if surroundings.check_mode else _request(one.wanted)
    if key is not None:
        made.changes.append(FileChange(key_file, keys.write(key), secret=True))
    made.changes.append(FileChange(csr_file, request, mode=0o644))
    if folder.read_raw(answer_file) is not None:
        made.changes.append(FileChange(answer_file, None))
    made.waiting.append(name)
    made.reasons += [f"{name}: a request is written, for {reason}" for reason in one.reasons]
    made.before[name], made.after[name] = picture(one.leaf.facts), "waits for its certificate"


def _request(wanted: Wanted) -> tuple[Any, bytes]:
    """The key that is made for it, none where a host made it, and the request."""
    if wanted.request is not None and not wanted.request.pending:
        return None, wanted.request.text.encode()
    key = keys.generate(wanted.key_type)
    return key, issue.leaf_request(key, wanted)


def _fits(request: bytes, key: Optional[bytes], wanted: Wanted) -> bool:
    """Whether a request that waits is the one that would be written now."""
    try:
        found = x509.load_pem_x509_csr(request)
        if wanted.request is not None:
            expected = x509.load_pem_x509_csr(wanted.request.text.encode())
        elif key is None:
            return False
        else:
            expected = x509.load_pem_x509_csr(issue.leaf_request(keys.read(key, "key"), wanted))
    except (ValueError, StoreError):
        return False
    same: bool = found.tbs_certrequest_bytes == expected.tbs_certrequest_bytes
    return same


def _spki(request: bytes) -> bytes:
    return keys.spki(x509.load_pem_x509_csr(request).public_key())


def verify(
    found: Sequence[Any],
    wanted: Wanted,
    spki: bytes,
    authority: Authority,
    known: tuple[Mapping[str, Mapping[str, str]], datetime],
) -> tuple[tuple[Any, ...], list[str]]:
    """The chain of what came back, and everything that is wrong with it: key, names, uses, chain, dates, serial."""
    record, now = known
    told = facts.read(found[0])
    path = chain.climb(found[0], [*found[1:], *authority.path])
    wrong = []
    if keys.spki(found[0].public_key()) != spki:
        wrong.append("it certifies another key than that of the request")
    wrong += [
        f"its names are not those that were asked for: {said}" for said in name_differences(told.names, wanted.names)
    ]
    lacking = sorted(wanted.profile.usages - (told.usages or frozenset()))
    if lacking:
        wrong.append(f"it is not good for {' and '.join(lacking)}, which the profile {wanted.profile.value} needs")
    if told.is_ca:
        wrong.append("it is that of an authority")
    if told.signature in ("md5", "sha1"):
        wrong.append(f"it is signed with {told.signature.upper()}, which peers refuse")
    if authority.certificate not in path:
        wrong.append(f"no chain leads from it to authority {authority.name} ({authority.facts.subject})")
    if told.serial in record:
        wrong.append(f"its serial {told.serial} is that of {record[told.serial].get('name')}: serials are given once")
    return path, [*wrong, *chain.path_faults(path, now, wanted.profile.usages)]


def _take_in(one: Decision, path: Sequence[Any], key: Optional[bytes], state: _State) -> None:
    made, record, surroundings = state
    certificate_file, key_file = store.leaf_files(one.wanted.name)
    told = facts.read(path[0])
    made.made[one.wanted.name] = told
    record[told.serial] = serials.entry(one.wanted.name, told, surroundings.now)
    made.changes.append(FileChange(certificate_file, store.file_of(path), mode=0o644))
    if key is not None and one.wanted.key_here:
        made.changes.append(FileChange(key_file, key, secret=True))


def _drop(folder: Folder, name: str, made: Step) -> None:
    """What was written for the request is needed no more."""
    made.changes += [FileChange(file, None) for file in request_files(name) if folder.read_raw(file) is not None]
