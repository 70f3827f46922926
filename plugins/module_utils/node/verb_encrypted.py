# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verb of aegis.nats.node_encrypted: JetStream's data on a host, looked at on its disk."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..plan.changes import Plan
from ..plan.errors import NatsError
from ..plan.verb import Outcome, Surroundings, Verb
from .at_rest import Found, look

_MOST = 20
# A block and its key are two files, so what was seen once may only have been on its way.
_AGAIN = 1.0
_SPEC: Mapping[str, Any] = {"path": {"type": "path", "required": True}}


def _run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    folder = Path(params["path"]) / "jetstream"
    found = look(folder)
    if found.plaintext:
        time.sleep(_AGAIN)
        found = look(folder)
    if found.plaintext:
        raise NatsError(_refusal(folder, found.plaintext))
    if not surroundings.check_mode:
        _remove(found)
    reasons = [
        f"{path}: subjects in plaintext, left from before; removed, as the server makes it anew"
        for path in found.indexes
    ]
    values = {"stores": found.stores, "blocks": found.blocks, "removed": list(found.indexes)}
    return Outcome(Plan(reasons=tuple(reasons), touched=bool(reasons)), values)


def _remove(found: Found) -> None:
    """The server reads this file when it starts and at no other time.

    Without it, it reads the blocks, as it has to where the file can't be decrypted. One that it wrote just now is good,
    and made again.
    """
    for path in found.indexes:
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()


def _refusal(folder: Path, plaintext: Sequence[tuple[str, str]]) -> str:
    lines = [f"  - {path}: {why}" for path, why in plaintext[:_MOST]]
    more = [f"  - and {len(plaintext) - _MOST} more"] if len(plaintext) > _MOST else []
    return "\n".join([f"{folder}: {len(plaintext)} of its parts are in plaintext:", *lines, *more])


ENCRYPTED = Verb(name="node_encrypted", argument_spec=_SPEC, run=_run, local_paths=())
