# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that were purged, on record for good: public key and name, in ``stores/OPERATOR/.removed``.

A server that was away when an account was deleted brings it back to all others when it returns (measured), and a run
may end between the purge and the deletion. So the record is written together with the purge and never cleared: every
push looks whether a server holds one of them. Only an account whose key is in the tree again leaves the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from .draft import Draft
from .store import removed_path


def read_removed(content: Optional[bytes], path: str) -> dict[str, str]:
    """Names by public key. path: for the message when it is damaged."""
    try:
        found = json.loads(content or b"{}")
        if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
            raise ValueError
    except ValueError as error:
        raise StoreError(
            f"{path}: the record of removed accounts is damaged: restore it, or remove it when no server holds an "
            "account that was removed"
        ) from error
    return found


def plan_removed(draft: Draft, known: Mapping[str, str], leaving: Mapping[str, str]) -> dict[str, str]:
    """The record with the accounts that leave now, and without those that are in the store."""
    staying = {
        each.token.subject for name, each in draft.existing.accounts.items() if each.token.subject not in leaving
    }
    found = {key: name for key, name in {**known, **leaving}.items() if key not in staying}
    if found != dict(known):
        path = removed_path(draft.tree.operator.name)
        content = json.dumps(found, indent=1, ensure_ascii=False).encode() + b"\n" if found else None
        draft.changes.append(FileChange(path, content))
        back = [name for key, name in known.items() if key not in found]
        draft.reasons += [f"account {name} is back after it was removed" for name in back]
    return found
