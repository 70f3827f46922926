# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates whose private keys live on their hosts: what that asks of the folder of certificates here."""

from __future__ import annotations

from collections.abc import Sequence

from ..plan.changes import FileChange, Plan
from ..plan.folder import Folder
from ..plan.problems import Problems
from . import store
from .plan import Decision
from .wanted import Wanted


def check_requests(wanted: Sequence[Wanted], check_mode: bool, problems: Problems) -> None:
    """Outside of check mode, every key that lives on a host needs its request."""
    for number, one in enumerate(wanted):
        missing = one.at_host and one.request is None
        pending = one.request is not None and one.request.pending
        if not check_mode and (missing or pending):
            problems.add(
                f"certificates[{number}].csr",
                f"is needed: the key of {one.name} lives on its host, have it made there first (aegis.nats.node_keys)",
            )


def check_shared(folder: Folder, decisions: Sequence[Decision], problems: Problems) -> None:
    """A key that is certified for another host already, or asked for by two, is one that somebody copied."""
    due = {
        one.wanted.request.spki_sha256: one.wanted.name
        for one in decisions
        if one.reasons and one.wanted.request is not None and not one.wanted.request.pending
    }
    if not due:
        return
    asked = [(one.wanted.name, one.wanted.request.spki_sha256) for one in decisions if one.wanted.request is not None]
    coming = {name for name, _digest in asked}
    for name, digest in [*asked, *_issued(folder, coming)]:
        other = due.get(digest)
        if other is not None and _owner(name) != _owner(other):
            problems.add(
                other,
                f"its request carries the key of {name}: a key belongs to one host, have it make one of its own",
            )


def _owner(name: str) -> str:
    return name.split("/", 1)[0]


def _issued(folder: Folder, but: set[str]) -> list[tuple[str, str]]:
    """Name and key digest of the issued certificates, those of ``but`` aside; damaged ones tell nothing."""
    found = []
    for path in folder.names(".crt"):
        name = path[len("issued/") : -len(".crt")]
        if path.startswith("issued/") and name not in but:
            leaf = store.read_leaf(folder, name, with_key=False)
            if leaf.facts is not None:
                found.append((name, leaf.facts.spki_sha256))
    return found


def has_key_here(folder: Folder, wanted: Wanted) -> bool:
    """Whether a private key lies here beside a certificate whose key lives on its host."""
    return wanted.at_host and folder.read_raw(store.leaf_files(wanted.name)[1]) is not None


def forget_keys(folder: Folder, wanted: Sequence[Wanted]) -> Plan:
    """The private keys that lie here and belong to nothing any more, removed."""
    left = [one for one in wanted if has_key_here(folder, one)]
    return Plan(
        changes=tuple(FileChange(store.leaf_files(one.name)[1], None, secret=True) for one in left),
        reasons=tuple(f"{one.name}: its key lives on its host, the one that lies here is removed" for one in left),
        before={one.name: "a private key" for one in left},
        after={one.name: "no private key" for one in left},
    )
