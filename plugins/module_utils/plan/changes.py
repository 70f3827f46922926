# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What will change and why: the answer of every planner."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional


@dataclass(frozen=True)
class FileChange:
    """One file of a folder that is written (``content``) or removed (``content`` is None).

    path: relative to the folder, ``/`` between the parts.
    mode: permission bits of the file.
    secret: sealed when the folder seals; never shown in a diff.
    """

    path: str
    content: Optional[bytes] = field(repr=False)
    mode: int = 0o600
    secret: bool = False


@dataclass(frozen=True)
class Plan:
    """The outcome of planning: the changes, why, and the picture before and after, without secrets.

    touched: something other than a file of a folder changes (a service, a link).
    before, after: what is a function there is called when the diff is asked for.
    """

    changes: tuple[FileChange, ...] = ()
    reasons: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    touched: bool = False

    @property
    def changed(self) -> bool:
        return bool(self.changes) or self.touched

    def diff(self) -> dict[str, str]:
        """The diff that Ansible shows: two texts."""
        return {"before": picture(self.before), "after": picture(self.after)}


def picture(value: Mapping[str, Any]) -> str:
    """A value as stable, readable text."""
    return json.dumps(value, indent=2, sort_keys=True, default=_plain, ensure_ascii=False) + "\n" if value else ""


def _plain(value: Any) -> Any:
    return value() if callable(value) else str(value)


def merge(plans: Sequence[Plan]) -> Plan:
    """Several plans of one folder as one, in their order."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for plan in plans:
        before.update(plan.before)
        after.update(plan.after)
    return Plan(
        changes=tuple(change for plan in plans for change in plan.changes),
        reasons=tuple(reason for plan in plans for reason in plan.reasons),
        before=before,
        after=after,
        touched=any(plan.touched for plan in plans),
    )
