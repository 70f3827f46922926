# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``rotation``: begins the rotation of keys, takes it up where it stood, and moves it on once a phase was verified."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import keys as nkeys
from . import rotation
from .carrying import CARRYING
from .creds import Creds
from .creds import write as write_creds
from .keys import KeyPair, Role
from .operator_token import Elsewhere
from .plan import plan_tree
from .rotation import NOTHING, Kind, Phase, Record, Rotation
from .rotation_proof import OLD_CREDS, Proof, Prover, leftovers
from .rotation_start import Ask, at, keys_of, read_ask, start
from .store import Existing, Store, creds_path, seed_path
from .tree import Tree
from .verb_jwt_info import moment
from .verb_trust import TREE, asked_tree

ARGUMENTS = {
    **TREE,
    "kind": {"type": "str", "required": True, "choices": [each.value for each in Kind]},
    "targets": {"type": "list", "elements": "str", "default": []},
    "drop": {"type": "bool", "default": False},
    "again": {"type": "bool", "default": False},
    "verified": {"type": "str", "choices": [each.value for each in Phase]},
    "operator_request": CARRYING["operator_request"],
}


@dataclass
class _Step:
    """What one call does. turn: the rotation afterwards, None where none is under way; run: its phase is to be run."""

    record: Record
    message: str
    turn: Optional[Rotation] = None
    run: bool = False
    changes: list[FileChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    minted: dict[str, KeyPair] = field(default_factory=dict)


class _Desk:
    """What a call knows."""

    def __init__(self, params: Mapping[str, Any], surroundings: Surroundings, folder: Folder, tree: Tree) -> None:
        self.params, self.surroundings, self.folder, self.tree = params, surroundings, folder, tree
        self.now = int(surroundings.now.timestamp())
        self.store = Store(folder)
        self.record = self.store.record(tree.operator.name)
        self.existing = self.store.read(tree.operator.name)

    def make(self, role: Role) -> KeyPair:
        return nkeys.make(role, self.surroundings.random(32))

    def step(self) -> _Step:
        """Where the rotation stands, and where it goes."""
        problems, current = Problems(), self.record.current
        ask = read_ask(self.params["kind"], self.params["targets"], current, self.tree, problems)
        problems.raise_if_any()
        if current is not None and not ask.means(self.record):
            raise StoreError(
                f"the rotation of {current.title} is under way (phase {current.phase.value}): finish that one first, "
                "with the playbook that began it. Nothing was changed"
            )
        if current is None:
            return self._begin(ask)
        verified = self.params.get("verified")
        if verified is not None and (current.verified or verified != current.phase.value):
            raise StoreError(f"the phase under way is {current.phase.value}, not {verified}: begin anew")
        if verified is not None and current.targets == (rotation.OPERATOR,) and self.existing.request is not None:
            raise StoreError(
                f"the change of the operator waits for its root key, so phase {verified} is not in force yet"
            )
        if verified is None and not current.verified:
            return _Step(self.record, f"{current.title}: phase {current.phase.value} goes on", current, True)
        return self._move(replace(current, verified=True))

    def _begin(self, ask: Ask) -> _Step:
        done = {each: self.record.finished.get(rotation.subject_of(ask.kind, each)) for each in ask.targets}
        left = tuple(each for each, when in done.items() if when is None or self.params["again"])
        lines = [f"{each} was rotated at {moment(when)}" for each, when in done.items() if when and each not in left]
        if not left or self.params.get("verified"):
            return _Step(self.record, f"{'; '.join(lines)}: to rotate once more, say so (again)")
        ask, problems = Ask(ask.kind, left), Problems()
        keys = keys_of(ask, self.existing, problems)
        problems.raise_if_any()
        turn, made = start(ask, self.existing, keys, self.make, self.now)
        step = _Step(replace(self.record, current=turn), f"{turn.title}: begins", turn, True)
        step.minted = {pair.public_key: pair for pair in made}
        step.changes = [FileChange(seed_path(each.public_key), each.seed.encode(), secret=True) for each in made]
        step.changes += self._old_creds(turn)
        names = ", ".join(each.value for each in turn.phases)
        step.reasons = [*lines, f"{turn.title}: rotated in the phases {names}"]
        step.reasons += [f"{old} will give way to {new}" for old, new in turn.keys.items()]
        self._try_all(turn, step)
        return step

    def _old_creds(self, turn: Rotation) -> list[FileChange]:
        """What a user has now, to prove later that it is refused."""
        if turn.kind is not Kind.USER:
            return []
        account, _dummy, name = turn.targets[0].partition("/")
        held = self.existing.accounts[account].users[name]
        creds = held.creds
        if creds is None:
            creds = Creds(held.token.text, self.store.key(held.token.subject).seed)
        return [FileChange(OLD_CREDS, write_creds(creds), secret=True)]

    def _try_all(self, turn: Rotation, step: _Step) -> None:
        """Plan every phase: what would stop one of them stops the rotation before it begins."""
        seeds = self.existing.seeds | set(step.minted)
        for phase in turn.phases:
            existing = replace(self.existing, seeds=seeds, rotation=at(turn, phase))
            purge = bool(self.params["purge"])
            way = Elsewhere(ask=bool(self.params.get("operator_request")))
            seed = functools.partial(self.pair, step)
            plan_tree(existing, self.tree, self.now, self.make, seed, purge=purge, elsewhere=way)

    def _move(self, turn: Rotation) -> _Step:
        """On from a phase that was verified."""
        was = turn.phase.value
        if turn.next is None:
            return self._finish(turn)
        if turn.waits and not self.params["drop"]:
            step = _Step(replace(self.record, current=turn), self._handing_over(turn), turn)
            step.reasons = [] if self.record.current == turn else [f"{turn.title}: phase {was} was verified"]
            return step
        on = at(turn, turn.next)
        message = f"{turn.title}: phase {was} was verified, phase {on.phase.value} begins"
        return _Step(replace(self.record, current=on), message, on, True, reasons=[message])

    def _finish(self, turn: Rotation) -> _Step:
        finished = dict.fromkeys((rotation.subject_of(turn.kind, each) for each in turn.targets), self.now)
        record = Record(None, {**self.record.finished, **finished})
        message = f"{turn.title}: done; the old keys are refused by every server and removed from the store"
        seeds = [FileChange(seed_path(each), None) for each in turn.keys if each in self.existing.seeds]
        return _Step(record, message, changes=seeds, reasons=[message])

    def _handing_over(self, turn: Rotation) -> str:
        operator = self.tree.operator.name
        if turn.kind is Kind.USER:
            where = creds_path(operator, *turn.targets[0].split("/", 1))
        else:
            where = ", ".join(f"keys/creds/{operator}/{each}/" for each in turn.targets)
        return (
            f"{turn.title}: old and new are both accepted by every server. Now give the applications their new creds "
            f"({self.folder.root}: {where}), then run this again with -e nats_rotate_drop=true: "
            "who still has the old ones is refused from then on"
        )

    def pair(self, step: _Step, public_key: str) -> KeyPair:
        return step.minted.get(public_key) or self.store.key(public_key)

    def proof(self, step: _Step) -> Proof:
        """What proves the phase that is to be run."""
        if step.turn is None or not step.run:
            return Proof(str(self.folder.root))
        existing: Existing = replace(self.existing, rotation=step.turn)

        def at_hand(key: str) -> bool:
            return key in existing.seeds or key in step.minted

        prover = Prover(step.turn, existing, self.tree, self.now, at_hand, lambda key: self.pair(step, key), self.make)
        return prover.prove(str(self.folder.root))

    def commit(self, step: _Step, proof: Proof) -> tuple[FileChange, ...]:
        """The changes of the store."""
        path = rotation.record_path(self.tree.operator.name)
        record = FileChange(path, rotation.write(step.record))
        written = {each.path for each in (*step.changes, *proof.changes)}
        old = [each for each in leftovers(self.folder.names(), step.turn or NOTHING) if each.path not in written]
        moved = [record] if step.record != self.record else []
        return (*step.changes, *proof.changes, *old, *moved)


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Begin, take up or move on; see the module's documentation."""
    tree = asked_tree(params)
    folder = Folder(str(params["path"]), surroundings.seal)
    with folder.locked(check_mode=surroundings.check_mode):
        desk = _Desk(params, surroundings, folder, tree)
        step = desk.step()
        proof = desk.proof(step)
        changes = desk.commit(step, proof)
        if not surroundings.check_mode:
            folder.commit(changes)
    # A check writes no record, so nothing after it can be looked at but a phase that is under way already.
    can_run = step.run and not (surroundings.check_mode and step.record != desk.record)
    turn = step.turn
    to_come = turn.phases[turn.phases.index(turn.phase) + (not step.run) :] if turn else ()
    values = {
        "phase": turn.phase.value if turn and can_run else "",
        "to_come": [each.value for each in to_come],
        "waiting": bool(turn and turn.waits and not step.run),
        "finished": turn is None,
        "message": step.message,
        "rotation": turn.summary if turn else None,
        "clients": proof.clients if can_run else [],
        "checks": proof.checks if can_run else [],
    }
    return Outcome(Plan(changes, tuple(step.reasons)), values, tuple(proof.warnings))


VERB = Verb("rotation", ARGUMENTS, run)
