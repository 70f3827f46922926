# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``certificate_rotation``: begins the rotation of certificates or of the authority, takes it up where it stood, and
moves it on once a phase was verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import rotation, store, succession
from .facts import stamp
from .libraries import need_cryptography
from .rotation import NEXT, PREVIOUS, Kind, Phase, Record, Rotation
from .wanted import safe_name

ARGUMENTS: Mapping[str, Any] = {
    "path": {"type": "path", "default": "nats/pki"},
    "kind": {"type": "str", "required": True, "choices": [each.value for each in Kind]},
    "authorities": {"type": "list", "elements": "str", "default": ["ca"]},
    "begin": {"type": "bool", "default": True},
    "to": {"type": "str", "choices": [each.value for each in Phase], "default": "drop"},
    "again": {"type": "bool", "default": False},
    "verified": {"type": "str", "choices": [each.value for each in Phase]},
    "seal": {"type": "bool"},
}


@dataclass
class _Step:
    """What one call does. run: the phase of its rotation is to be run; wants_next: the next authority comes first."""

    record: Record
    message: str
    run: bool = False
    wants_next: bool = False
    changes: list[FileChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


class _Desk:
    """What a call knows."""

    def __init__(self, params: Mapping[str, Any], surroundings: Surroundings, folder: Folder) -> None:
        self.params, self.surroundings, self.folder = params, surroundings, folder
        self.kind = Kind(params["kind"])
        self.names: list[str] = params["authorities"]
        self.verified = Phase(params["verified"]) if params.get("verified") else None
        self.record = rotation.read(folder)

    def step(self) -> _Step:
        """Where the rotation stands, and where it goes."""
        current = self.record.current
        if current is None:
            return self._begin()
        if current.kind is not self.kind:
            raise StoreError(
                f"the rotation of {current.title} is under way (phase {current.phase.value}): finish that one first, "
                "with the playbook that began it. Nothing was changed"
            )
        if self.verified is None and not current.verified:
            return _Step(self.record, f"{current.title}: phase {current.phase.value} goes on", run=True)
        if self.verified is not None and (current.verified or self.verified is not current.phase):
            raise StoreError(f"the phase under way is {current.phase.value}, not {self.verified.value}: begin anew")
        return self._move(replace(current, verified=True))

    def _begin(self) -> _Step:
        done = self.record.finished.get(self.kind.value)
        turn = Rotation(self.kind, Phase.ISSUE, stamp(self.surroundings.now))
        if self.verified is not None or (done is not None and not self.params["again"]):
            said = f"were rotated at {done}" if self.kind is Kind.CERTIFICATES else f"was rotated at {done}"
            return _Step(self.record, f"{turn.title} {said}: to rotate once more, say so (-e nats_rotate_again=true)")
        if not store.has_authority(self.folder, succession.TRUSTED):
            raise StoreError(f"{self.folder.root}: there is no authority {succession.TRUSTED} yet: deploy first")
        if self.kind is Kind.CERTIFICATES:
            return self._enter(turn, f"{turn.title}: all that were issued before {turn.started} are issued anew")
        if not self.params["begin"]:
            return _Step(self.record, f"{turn.title}: the next one is to be made", wants_next=True)
        if not succession.certificates(self.folder, f"{NEXT}/{succession.TRUSTED}.crt"):
            raise StoreError(f"{self.folder.root / NEXT}: the next authority is not there: make it first")
        old, new = succession.check_next(self.folder, self.names, self.surroundings.now)
        turn = replace(turn, phase=Phase.TRUST, old=old.fingerprint_sha256, new=new.fingerprint_sha256)
        return self._enter(
            turn, f"{turn.title}: {new.subject} (serial {new.serial}) is trusted beside serial {old.serial}"
        )

    def _enter(self, turn: Rotation, message: str) -> _Step:
        """Into a phase: its record and the files that it changes come in one go."""
        step = _Step(replace(self.record, current=turn), message, run=True, reasons=[message])
        if turn.kind is Kind.AUTHORITY:
            step.changes = {
                Phase.TRUST: lambda: succession.trust_both(self.folder),
                Phase.ISSUE: lambda: succession.take_over(self.folder, self.names),
                Phase.DROP: lambda: succession.trust_one(self.folder),
            }[turn.phase]()
        return step

    def _move(self, turn: Rotation) -> _Step:
        """On from a phase that was verified."""
        coming = turn.next
        if coming is None:
            return self._finish(turn)
        if turn.phases.index(coming) > turn.phases.index(Phase(self.params["to"])):
            step = _Step(replace(self.record, current=turn), self._handing_over(turn, coming))
            step.reasons = [] if self.record.current == turn else [_verified(turn)]
            return step
        on = replace(turn, phase=coming, verified=False)
        return self._enter(on, f"{_verified(turn)}, phase {coming.value} begins")

    def _finish(self, turn: Rotation) -> _Step:
        now = stamp(self.surroundings.now)
        step = _Step(Record(None, {**self.record.finished, turn.kind.value: now}), f"{turn.title}: rotated")
        if turn.kind is Kind.AUTHORITY:
            step.message = f"{turn.title}: rotated; every server refuses what the one before it signed"
            step.changes = succession.retire(self.folder, turn.old, self.names)
        step.reasons = [step.message]
        return step

    def _handing_over(self, turn: Rotation, coming: Phase) -> str:
        again = f"then run this again with -e nats_rotate_to={coming.value}"
        if coming is Phase.ISSUE:
            return (
                f"{_verified(turn)}: every server trusts the present authority and the next. Now give all clients "
                f"{self.folder.root}/{succession.TRUSTED}.crt, which holds both, {again}: from then on servers show "
                "certificates of the next one"
            )
        return (
            f"{_verified(turn)}: every server shows a certificate of the new authority, and both are trusted. Now give "
            f"all clients their new certificates ({self.folder.root}/issued/clients), {again}: who still has an "
            "old one is refused from then on"
        )

    def places(self, current: Optional[Rotation]) -> dict[str, str]:
        """The folders of the authority before and of the one that follows it, as they lie in a phase."""
        if current is None or current.kind is not Kind.AUTHORITY:
            return {"old_path": "", "new_path": ""}
        root = self.folder.root
        if current.phase is Phase.TRUST:
            return {"old_path": str(root), "new_path": str(root / NEXT)}
        return {"old_path": str(root / PREVIOUS), "new_path": str(root)}


def _verified(turn: Rotation) -> str:
    return f"{turn.title}: phase {turn.phase.value} was verified"


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Begin, take up or move on; see the module's documentation."""
    need_cryptography("to rotate certificates")
    store.check_seal(params.get("seal"), surroundings.seal)
    problems = Problems()
    for number, name in enumerate(params["authorities"]):
        safe_name(name, problems, f"authorities[{number}]", parts=False)
    if succession.TRUSTED not in params["authorities"]:
        problems.add("authorities", f"lacks {succession.TRUSTED}, which peers trust")
    problems.raise_if_any()
    folder = Folder(params["path"], surroundings.seal)
    with folder.locked(surroundings.check_mode):
        desk = _Desk(params, surroundings, folder)
        step = desk.step()
        moved = step.record != desk.record
        changes = (*step.changes, *([rotation.change(step.record)] if moved else []))
        if not surroundings.check_mode:
            folder.commit(changes)
    # A check writes no record, so nothing after it can be looked at but a phase that is under way already.
    can_run = step.run and not (surroundings.check_mode and moved)
    turn = step.record.current
    to_come = turn.phases[turn.phases.index(turn.phase) + (not step.run) :] if turn else ()
    values = {
        "phase": turn.phase.value if turn and can_run else "",
        "to_come": [each.value for each in to_come],
        "wants_next": step.wants_next,
        "waiting": bool(turn and not step.run),
        "finished": turn is None and not step.wants_next,
        "message": step.message,
        **desk.places(turn),
    }
    return Outcome(Plan(tuple(changes), tuple(step.reasons)), values)


VERB = Verb(name="certificate_rotation", argument_spec=ARGUMENTS, run=run)
