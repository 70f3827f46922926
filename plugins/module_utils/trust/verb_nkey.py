# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``nkey``: one key pair, made once and kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.verb import Outcome, Surroundings, Verb
from . import keys

ARGUMENTS = {
    "path": {"type": "path", "required": True},
    "type": {"type": "str", "required": True, "choices": [role.value for role in keys.Role]},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Make the seed file if it is not there; otherwise hold it to its type."""
    path, role = os.path.abspath(str(params["path"])), keys.Role(params["type"])
    folder, name = Folder(os.path.dirname(path), surroundings.seal), os.path.basename(path)
    with folder.locked(check_mode=surroundings.check_mode):
        content = folder.read(name)
        if content is not None:
            return Outcome(Plan(), _values(path, _held(path, content, role)))
        pair = keys.make(role, surroundings.random(32))
        # Without a newline, as nsc writes it: some clients read the whole file as the seed.
        change = FileChange(name, pair.seed.encode(), secret=True)
        if not surroundings.check_mode:
            folder.commit([change])
    plan = Plan((change,), (f"{role.value} key {path} is new",), {}, {"public_key": pair.public_key})
    return Outcome(plan, _values(path, pair))


def _held(path: str, content: bytes, role: keys.Role) -> keys.KeyPair:
    try:
        return keys.from_seed(content.decode("ascii", "replace"), role)
    except keys.KeyProblem as error:
        raise StoreError(f"{path}: {error}") from error


def _values(path: str, pair: keys.KeyPair) -> dict[str, Any]:
    return {"path": path, "type": pair.role.value, "public_key": pair.public_key}


VERB = Verb("nkey", ARGUMENTS, run)
