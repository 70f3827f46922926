# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is revoked: asked for by name or serial, resolved against the record of what was issued, kept in a ledger.

A name stands for what was issued under it until it was first asked for: what is issued afterwards, with a new key, is
not revoked by the same line of an inventory. The ledger is ``<authority>.revoked.json``.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from .facts import stamp
from .wanted import check_keys, choose, entries, safe_name

#: Word -> how OpenSSL writes it (RFC 5280 5.3.1).
REASONS = {
    "unspecified": "unspecified",
    "key_compromise": "keyCompromise",
    "ca_compromise": "CACompromise",
    "affiliation_changed": "affiliationChanged",
    "superseded": "superseded",
    "cessation_of_operation": "cessationOfOperation",
}
_KEYS = ("name", "serial", "reason", "before")
_SERIAL = re.compile(r"^[0-9A-F]{1,40}\Z")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


@dataclass(frozen=True)
class Entry:
    """One wish: a serial, or everything that was issued under a name (before a moment)."""

    name: Optional[str] = None
    serial: Optional[str] = None
    reason: str = "unspecified"
    before: Optional[str] = None


@dataclass(frozen=True)
class Revoked:
    """One revoked certificate. at, not_after: UTC, as results write it; not_after is empty where it is not known."""

    name: str
    reason: str
    at: str
    not_after: str


@dataclass(frozen=True)
class Ledger:
    """number: that of the last list; revoked: by serial; names: asked for by name -> since when."""

    number: int = 0
    revoked: Mapping[str, Revoked] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolved:
    """The ledger as it is to be, why, and what could not be found."""

    ledger: Ledger
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def parse_revoked(raw: object, problems: Problems, path: str = "revoked") -> list[Entry]:
    """The entries of a list of dicts; what is wrong goes to ``problems``."""
    found: list[Entry] = []
    seen: dict[str, str] = {}
    for here, item in entries(raw, "name or serial, and a reason", problems, path):
        entry = _parse_entry(item, problems, here)
        what = entry.serial or entry.name or ""
        if what and what in seen:
            problems.add(here, f"{what} is also {seen[what]}: write it once")
        seen.setdefault(what, here)
        found.append(entry)
    return found


def _parse_entry(item: Mapping[str, object], problems: Problems, path: str) -> Entry:
    check_keys(item, _KEYS, problems, path)
    name, serial = item.get("name"), item.get("serial")
    if (name is None) is (serial is None):
        problems.add(path, "needs a name or a serial, one of the two")
    reason = choose(item.get("reason") or "unspecified", list(REASONS), problems, f"{path}.reason")
    before = item.get("before")
    if before is not None and (not isinstance(before, str) or not _STAMP.match(before)):
        problems.add(f"{path}.before", f"{before!r} is not a moment: write it as '2026-11-23T12:00:00Z'")
        before = None
    if before is not None and name is None:
        problems.add(f"{path}.before", "goes with a name: a serial is one certificate")
    return Entry(
        name=safe_name(name, problems, f"{path}.name") if name is not None else None,
        serial=_parse_serial(serial, problems, f"{path}.serial") if serial is not None else None,
        reason=reason or "unspecified",
        before=str(before) if before is not None else None,
    )


def _parse_serial(raw: object, problems: Problems, path: str) -> Optional[str]:
    """A serial in hex as ``openssl x509 -serial`` and the record write it."""
    text = str(raw).upper().replace(":", "") if isinstance(raw, str) else ""
    if not _SERIAL.match(text) or not text.strip("0"):
        problems.add(path, f"{raw!r} is not a serial: write at most 40 hex digits, in quotes")
        return None
    text = text.lstrip("0")
    return text if len(text) % 2 == 0 else f"0{text}"


def resolve(
    wished: Sequence[Entry], record: Mapping[str, Mapping[str, str]], ledger: Ledger, now: datetime
) -> Resolved:
    """What the entries add to the ledger; what is revoked already stays as it was told first."""
    revoked, names = dict(ledger.revoked), dict(ledger.names)
    reasons: list[str] = []
    warnings: list[str] = []
    for entry in wished:
        meant, said = _meant(entry, record, ledger, now)
        warnings += said
        if entry.name is not None and entry.before is None:
            names.setdefault(entry.name, stamp(now))
        for serial in meant:
            if serial not in revoked:
                of = record.get(serial, {})
                name = of.get("name", "")
                revoked[serial] = Revoked(name, entry.reason, stamp(now), of.get("not_after", ""))
                reasons.append(f"{name or 'serial'} {serial}: revoked ({entry.reason})")
    return Resolved(replace(ledger, revoked=revoked, names=names), tuple(reasons), tuple(warnings))


def _meant(
    entry: Entry, record: Mapping[str, Mapping[str, str]], ledger: Ledger, now: datetime
) -> tuple[list[str], list[str]]:
    """The serials that an entry stands for, and what is to be said to it."""
    if entry.serial is not None:
        unknown = entry.serial not in record and entry.serial not in ledger.revoked
        said = f"serial {entry.serial} is not in the record of what was issued and still lives: revoked all the same"
        return [entry.serial], [said] if unknown else []
    name = entry.name or ""
    if entry.before is None and name in ledger.names:
        return [], []
    issued = {serial: of.get("issued", "") for serial, of in record.items() if of.get("name") == name}
    if not issued:
        near = difflib.get_close_matches(name, {of.get("name", "") for of in record.values()}, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return [], [f"{name}: nothing that was issued under this name still lives{hint}"]
    return [serial for serial, when in issued.items() if entry.before is None or when < entry.before], []


def read(folder: Folder, authority: str) -> Ledger:
    """The ledger of an authority. Raises StoreError when it is broken."""
    path = file(authority)
    content = folder.read(path)
    if content is None:
        return Ledger()
    try:
        found = json.loads(content)
        return Ledger(
            number=int(found["number"]),
            revoked={str(serial): Revoked(**entry) for serial, entry in found["revoked"].items()},
            names={str(name): str(since) for name, since in found["names"].items()},
        )
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise StoreError(
            f"{folder.root / path}: the record of what is revoked is damaged: put it back from a backup"
        ) from error


def change(authority: str, ledger: Ledger) -> FileChange:
    """The ledger as a file."""
    told = {
        "names": dict(ledger.names),
        "number": ledger.number,
        "revoked": {serial: vars(found) for serial, found in ledger.revoked.items()},
    }
    return FileChange(file(authority), (json.dumps(told, indent=1, sort_keys=True) + "\n").encode())


def file(authority: str) -> str:
    """Relative path of the ledger."""
    return f"{authority}.revoked.json"
