# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds of what accounts give to and take from each other, and of mappings (jwt/v2 exports.go, imports.go)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from ..plan.problems import Problems, join
from . import subjects
from .keys import Role, is_public
from .sharing import Export, Import, Mapped
from .tree import Account


def check_export(export: Export, place: str, problems: Problems) -> None:
    """The library's rules for one export (exports.go)."""
    if export.type == "stream":
        for name, value in (
            ("response_type", export.response_type),
            ("response_threshold", export.response_threshold),
            ("latency", export.latency),
            ("allow_trace", export.allow_trace),
        ):
            if value:
                problems.add(join(place, f"{name}"), "is for services; this export is a stream: leave it out")
    if export.latency is not None and export.latency.results and subjects.has_wildcard(export.latency.results):
        problems.add(join(place, "latency.results"), f'"{export.latency.results}" has a wildcard: write one subject')
    if export.subject and export.account_token_position:
        tokens = export.subject.split(".")
        at = export.account_token_position
        if at > len(tokens) or tokens[at - 1] != "*":
            problems.add(
                join(place, "account_token_position"), f'token {at} of "{export.subject}" is not "*", but it has to be'
            )


def check_import(wanted: Import, place: str, problems: Problems) -> None:
    """The library's rules for one import (imports.go)."""
    if wanted.share and wanted.type == "stream":
        problems.add(join(place, "share"), "is for services; this import is a stream: leave it out")
    if wanted.allow_trace and wanted.type == "service":
        problems.add(join(place, "allow_trace"), "is for streams; this import is a service: leave it out")
    if wanted.subject and wanted.local_subject:
        found = subjects.renaming_fault(wanted.local_subject, wanted.subject)
        if found:
            problems.add(join(place, "local_subject"), found)


def check_source(
    account: Account,
    wanted: Import,
    by_name: Mapping[str, Account],
    place: str,
    problems: Problems,
    *,
    public_keys: bool = True,
) -> None:
    """Add what is wrong between an import and its exporter. public_keys: the exporter may be one of another tree."""
    if not wanted.account or is_public(wanted.account, Role.ACCOUNT):
        return
    source = by_name.get(wanted.account)
    if source is None:
        known = ", ".join(sorted(by_name))
        problems.add(
            join(place, "account"),
            f'"{wanted.account}" is not in the tree: write one of {known}{", or a public key" if public_keys else ""}',
        )
        return
    if source is account:
        problems.add(join(place, "account"), f"{account.name} can't import from itself")
        return
    if not wanted.subject:
        return
    covering = [each for each in source.exports if each.subject and subjects.covers(each.subject, wanted.subject)]
    if not covering:
        problems.add(join(place, "subject"), f'{source.name} does not export "{wanted.subject}": {_exported(source)}')
    elif wanted.type and all(each.type and each.type != wanted.type for each in covering):
        problems.add(
            join(place, "type"),
            f'{source.name} exports "{wanted.subject}" as a {covering[0].type}: write {covering[0].type}',
        )
    else:
        _check_position(
            source.name, wanted, next((e for e in covering if e.type == wanted.type), None), place, problems
        )


def _check_position(
    source: Optional[str], wanted: Import, export: Optional[Export], place: str, problems: Problems
) -> None:
    """Servers let in only whose public key stands in the subject (nats-server accounts.go, checkAuth)."""
    at = export.account_token_position if export else 0
    tokens = wanted.subject.split(".")
    if 0 < at <= len(tokens) and not is_public(tokens[at - 1], Role.ACCOUNT):
        problems.add(
            join(place, "subject"),
            f'token {at} of "{wanted.subject}" has to be the public key of this account: {source} exports it so',
        )


def _exported(source: Account) -> str:
    if not source.exports:
        return "it exports nothing"
    return "it exports " + ", ".join(f'"{each.subject}" ({each.type})' for each in source.exports)


def check_export_overlap(exports: Sequence[Export], place: str, problems: Problems) -> None:
    """Two exports of one type may not share a subject."""
    for later, one in enumerate(exports):
        for earlier, other in enumerate(exports[:later]):
            if not (one.subject and other.subject) or one.type != other.type:
                continue
            if subjects.contains(one.subject, other.subject) or subjects.contains(other.subject, one.subject):
                problems.add(
                    join(place, f"exports[{later}].subject"),
                    f'"{one.subject}" overlaps with "{other.subject}" of exports[{earlier}], also a {one.type}',
                )


def check_import_overlap(imports: Sequence[Import], place: str, problems: Problems) -> None:
    """Two services of one account may not share a local subject."""
    names = [_local_name(each) for each in imports]
    for later, one in enumerate(imports):
        for earlier, other in enumerate(imports[:later]):
            mine, theirs = names[later], names[earlier]
            if one.account != other.account or not (mine and theirs):
                continue
            if subjects.contains(mine, theirs) or subjects.contains(theirs, mine):
                problems.add(
                    join(place, f"imports[{later}]"),
                    f'"{mine}" overlaps with "{theirs}" of imports[{earlier}], also from {one.account}',
                )


def _local_name(each: Import) -> Optional[str]:
    if each.type != "service" or not each.subject:
        return None
    return subjects.local_pattern(each.local_subject) if each.local_subject else each.subject


def check_mappings(mappings: Sequence[Mapped], place: str, problems: Problems) -> None:
    """The weights of a mapping are shares of one whole, in each cluster (account_claims.go, Mapping.Validate)."""
    seen: dict[str, int] = {}
    for position, each in enumerate(mappings):
        here = f"{place}[{position}]"
        if each.subject and each.subject in seen:
            problems.add(join(here, "subject"), f'"{each.subject}" is also mapped in mappings[{seen[each.subject]}]')
        seen.setdefault(each.subject or "", position)
        weights: dict[str, int] = {}
        for at, target in enumerate(each.to or ()):
            weights[target.cluster] = weights.get(target.cluster, 0) + (target.weight or 0)
            found = subjects.fault(target.subject) if target.subject else None
            if found:
                problems.add(join(here, f"to[{at}].subject"), found)
        is_read = not any(problem.path.startswith(f"{here}.to[") for problem in problems)
        if is_read and any(weight > 100 for weight in weights.values()):
            problems.add(
                join(here, "to"), f"the weights make {max(weights.values())} percent: at most 100 can be shared"
            )
        if each.to == ():
            problems.add(join(here, "to"), "is empty: say what the subject becomes")
