# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the rotation of certificates, or of the authority, has come: ``rotation.json``. Without secrets.

Certificates have one phase, ``issue``: what was issued before the rotation began is issued anew. An authority has
three: ``trust`` has every peer trust the present authority and the next, ``issue`` has the next one sign everything,
``drop`` ends the trust in the one before. A phase begins when the one before was verified with every server, so that at
any time what one server shows is trusted by those that have not seen the phase yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder

FILE = "rotation.json"
#: Where the next authority is made, and where the one before lies until nobody trusts it any more.
NEXT, PREVIOUS, RETIRED = "next", "previous", "retired"
_FORM = 1


class Kind(Enum):
    """What is rotated."""

    CERTIFICATES = "certificates"
    AUTHORITY = "authority"


class Phase(Enum):
    TRUST = "trust"
    ISSUE = "issue"
    DROP = "drop"


_PHASES: Mapping[Kind, tuple[Phase, ...]] = {
    Kind.CERTIFICATES: (Phase.ISSUE,),
    Kind.AUTHORITY: (Phase.TRUST, Phase.ISSUE, Phase.DROP),
}


@dataclass(frozen=True)
class Rotation:
    """One rotation. started: as ``facts.stamp`` writes it; old, new: SHA-256 fingerprints of the authorities;
    verified: the phase was, with every server."""

    kind: Kind
    phase: Phase
    started: str
    verified: bool = False
    old: str = ""
    new: str = ""

    @property
    def phases(self) -> tuple[Phase, ...]:
        return _PHASES[self.kind]

    @property
    def next(self) -> Optional[Phase]:
        """The phase after this one; None after the last."""
        at = self.phases.index(self.phase) + 1
        return self.phases[at] if at < len(self.phases) else None

    @property
    def title(self) -> str:
        return "the certificates" if self.kind is Kind.CERTIFICATES else "the authority"


@dataclass(frozen=True)
class Record:
    """What is under way, if anything, and when each kind was rotated last."""

    current: Optional[Rotation] = None
    finished: Mapping[str, str] = field(default_factory=dict)


def read(folder: Folder) -> Record:
    """The record of a folder. Raises StoreError when it is damaged."""
    content = folder.read(FILE)
    if content is None:
        return Record()
    try:
        told: Any = json.loads(content)
        if told["form"] != _FORM:
            raise ValueError("another form")
        current = told["current"]
        if current is not None:
            current = Rotation(**{**current, "kind": Kind(current["kind"]), "phase": Phase(current["phase"])})
        return Record(current, {str(kind): str(when) for kind, when in told["finished"].items()})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(
            f"{folder.root / FILE}: the record of the rotation is damaged: put it back from a backup"
        ) from error


def change(record: Record) -> FileChange:
    """The record as a file."""
    current = record.current
    told = None
    if current is not None:
        told = {**asdict(current), "kind": current.kind.value, "phase": current.phase.value}
    text = json.dumps({"form": _FORM, "current": told, "finished": record.finished}, indent=1, sort_keys=True)
    return FileChange(FILE, text.encode() + b"\n")


def reissue_before(folder: Folder) -> str:
    """Everything that was issued before this moment is to be issued anew; empty where nothing is."""
    current = read(folder).current
    return current.started if current is not None and current.kind is Kind.CERTIFICATES else ""


def waits_for_new_authority(folder: Folder) -> bool:
    """Whether what is asked for is already the next authority, while the present one still signs."""
    current = read(folder).current
    return current is not None and current.phase is Phase.TRUST
