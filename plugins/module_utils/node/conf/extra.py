# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options beyond a role's variables, put where they belong: into the blocks that the role writes, or beside them.

nats-server takes the last of two blocks of one name, so a second ``cluster { }`` would silently replace the first.
"""

from __future__ import annotations

from collections.abc import Mapping

from .options import canonical

# The blocks that the role writes, by the name of the block around them.
WRITTEN = {
    "": frozenset(("authorization", "cluster", "jetstream", "tls")),
    "cluster": frozenset(("authorization", "tls")),
}


def options_of(extra: Mapping[str, object], block: str = "") -> dict[str, object]:
    """What of ``extra`` stands directly in ``block``: '' is the top level, ``cluster.tls`` a block in a block.

    Blocks that are written by themselves are left out of what is around them.
    """
    options: Mapping[str, object] = extra
    kind = "top"
    for step in block.split(".") if block else ():
        inner = [value for key, value in options.items() if canonical(kind, key) == step]
        options = {key: value for part in inner if isinstance(part, Mapping) for key, value in part.items()}
        kind = step
    inside = WRITTEN.get(block, frozenset())
    return {key: value for key, value in options.items() if canonical(kind, key) not in inside}
