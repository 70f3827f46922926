# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which keys are being replaced by others, and how far that is. Pure; without secrets, so its record lies open.

Three phases: ``add`` puts the new key beside the old, ``replace`` issues everything anew that the old one signed,
``drop`` takes the old one away. A phase begins when the one before was verified on every server. So what is valid on
servers that have not seen a phase yet is valid on those that have, and the other way round.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Optional

from ..plan.errors import StoreError

OPERATOR = "operator"
_FORM = 1


class Kind(Enum):
    """What is rotated."""

    SIGNING_KEYS = "signing_keys"
    OPERATOR = "operator"
    USER = "user"


class Phase(Enum):
    ADD = "add"
    REPLACE = "replace"
    DROP = "drop"


_EVERY = (Phase.ADD, Phase.REPLACE, Phase.DROP)


@dataclass(frozen=True)
class Rotation:
    """One rotation. keys: the public keys that are replaced, each with the one that takes its place.

    targets: ``operator``, names of accounts, or ``account/user``. verified: the phase was, on every server.
    carried: the operator's old identity stays a signing key until it is dropped, for it may have signed accounts.
    issued: of a user's old key, when its last token was issued. started: Unix seconds.
    """

    kind: Kind
    targets: tuple[str, ...]
    phase: Phase
    keys: Mapping[str, str] = field(default_factory=dict)
    verified: bool = False
    carried: bool = False
    issued: Mapping[str, int] = field(default_factory=dict)
    started: int = 0

    @functools.cached_property
    def _old(self) -> Mapping[str, str]:
        return {new: old for old, new in self.keys.items()}

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in their order; those that would change nothing are left out."""
        if self.kind is Kind.USER:
            return (Phase.ADD, Phase.DROP)
        return _EVERY if self.kind is Kind.SIGNING_KEYS or self.carried else (Phase.DROP,)

    @property
    def next(self) -> Optional[Phase]:
        """The phase after this one; None after the last."""
        at = self.phases.index(self.phase) + 1
        return self.phases[at] if at < len(self.phases) else None

    @property
    def cuts_off(self) -> bool:
        """Whether dropping refuses clients that were not given their new creds."""
        return self.targets != (OPERATOR,)

    @property
    def waits(self) -> bool:
        """Whether all that is left is to drop, once the applications have their new creds."""
        return self.verified and self.next is Phase.DROP and self.cuts_off

    def subject(self, key: str) -> str:
        """Who an operator or user is from the first phase on."""
        return key if self.kind is Kind.SIGNING_KEYS else self.keys.get(key, key)

    def signer(self, key: str) -> str:
        """The key that signs in this phase, of the two that take turns."""
        old = self._old.get(key, key)
        return old if self.phase is Phase.ADD else self.keys.get(old, old)

    def both(self, key: str) -> tuple[str, ...]:
        """A key that takes turns with another, and that one: the old one first."""
        old = self._old.get(key, key)
        return (old, self.keys[old]) if old in self.keys else (key,)

    def settled(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The signing keys of a token as if there were no rotation: those that sign in this phase, each once."""
        if self.kind is not Kind.SIGNING_KEYS:
            return tuple(each for each in keys if each not in self.keys)
        return tuple(dict.fromkeys(self.signer(each) for each in keys))

    def listed(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Keys as a token lists them: old and new until the old one is dropped."""
        found: dict[str, None] = {}
        for each in keys:
            both = self.both(each)
            found.update(dict.fromkeys(both[-1:] if self.phase is Phase.DROP else both))
        return tuple(found)

    @property
    def guests(self) -> tuple[str, ...]:
        """The old identity of the operator, as long as it is carried as a signing key."""
        return tuple(self.keys) if self.carried and self.phase is not Phase.DROP else ()

    def retired(self, account: str, left: Iterable[str] = ()) -> Mapping[str, int]:
        """The old keys of an account's users that are refused now, with the time of their last token.

        left: users that are removed; nothing of theirs may stay valid.
        """
        gone = {f"{account}/{name}" for name in left}
        is_due = self.phase is Phase.DROP or any(each in gone for each in self.targets)
        mine = self.kind is Kind.USER and self.targets[0].partition("/")[0] == account
        return self.issued if mine and is_due else {}

    def instead(self, issuer: str) -> str:
        """Why a token is signed again that an old key signed; empty where none did."""
        return f"was signed by {issuer}, which {self.keys[issuer]} replaces" if issuer in self.keys else ""

    @property
    def title(self) -> str:
        """What is rotated, in words."""
        what = {Kind.SIGNING_KEYS: "signing keys", Kind.OPERATOR: "identity key", Kind.USER: "key"}
        names = ", ".join("the operator" if each == OPERATOR else each for each in self.targets)
        return f"{what[self.kind]} of {names}"

    @property
    def remark(self) -> str:
        """What a run in between tells."""
        how = "it waits for its last phase" if self.waits else f"phase {self.phase.value}"
        return f"the rotation of {self.title} is under way ({how}): docs/rotation.md tells how to finish it"

    @property
    def summary(self) -> dict[str, Any]:
        """What is told of it."""
        return {
            "kind": self.kind.value,
            "targets": list(self.targets),
            "phase": self.phase.value,
            "verified": self.verified,
            "keys": dict(self.keys),
        }


#: No rotation: every key is itself.
NOTHING = Rotation(Kind.SIGNING_KEYS, (), Phase.DROP)


@dataclass(frozen=True)
class Record:
    """What a store keeps: the rotation that is under way, and when others were finished (Unix seconds), by subject."""

    current: Optional[Rotation] = None
    finished: Mapping[str, int] = field(default_factory=dict)


def record_path(operator: str) -> str:
    """Where a store keeps its record."""
    return f"stores/{operator}/.rotation"


def subject_of(kind: Kind, target: str) -> str:
    """What a finished rotation is known by."""
    return f"{kind.value} {target}"


def write(record: Record) -> bytes:
    """The record as it lies in the store."""
    current = record.current
    shown = None
    if current is not None:
        shown = {
            **current.summary,
            "carried": current.carried,
            "issued": dict(current.issued),
            "started": current.started,
        }
    content = {"form": _FORM, "current": shown, "finished": dict(record.finished)}
    return json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"


def read(content: Optional[bytes], path: str) -> Record:
    """The record of a store; an empty one where there is none. Raises StoreError."""
    if content is None:
        return Record()
    try:
        found = json.loads(content)
        if found["form"] != _FORM:
            raise StoreError(f"{path}: was written by newer software than this (form {found['form']})")
        given = found["current"]
        current = given and Rotation(
            Kind(given["kind"]),
            tuple(given["targets"]),
            Phase(given["phase"]),
            dict(given["keys"]),
            bool(given["verified"]),
            bool(given["carried"]),
            dict(given["issued"]),
            int(given["started"]),
        )
        return Record(current or None, {str(name): int(when) for name, when in found["finished"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            f"{path}: is not the record of a rotation: restore it from a backup; without it, keys that are under "
            "rotation would be taken for keys that stay"
        ) from error
