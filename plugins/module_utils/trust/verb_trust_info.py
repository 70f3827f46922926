# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``trust_info``: the tree in a store, in the words that ``trust`` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..plan.changes import Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.verb import Outcome, Surroundings, Verb
from .describe import remarks, tree_words
from .store import Existing, Store

ARGUMENTS = {
    "path": {"type": "path", "required": True},
    "operator": {"type": "str"},
    "seal": {"type": "bool"},
}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read a store; nothing is written, no lock is taken."""
    store = Store(Folder(str(params["path"]), surroundings.seal))
    existing = store.read(the_operator(store, params.get("operator")))
    if existing.operator is None:
        raise StoreError(f"{params['path']}: there is no operator {params['operator']} in this store")
    tree = tree_words(existing, int(surroundings.now.timestamp()))
    return Outcome(
        Plan(),
        {
            "tree": tree,
            "rotation": existing.rotation.summary if existing.rotation else None,
            "expiries": expiries(existing),
        },
        tuple(remarks(existing)),
    )


def expiries(existing: Existing) -> list[dict[str, Any]]:
    """Every token that ends, with its moment; what nobody can log in with any more is told all the same."""
    return [
        {"kind": token.kind, "account": account, "name": name, "expires": token.expires}
        for account, name, token in existing.every_token()
        if token.expires
    ]


def the_operator(store: Store, name: object) -> str:
    """The operator that is meant: the one that is named, or the only one. Raises StoreError."""
    if name:
        return str(name)
    found = store.operators()
    if len(found) == 1:
        return found[0]
    what = f"holds the operators {', '.join(found)}: name one of them" if found else "is no store: it has no operator"
    raise StoreError(f"{store.folder.root}: {what}")


VERB = Verb("trust_info", ARGUMENTS, run)
