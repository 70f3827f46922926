# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold between the parts of a tree: the library's rules (jwt/v2 Validate) and those of the servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from ..plan.problems import Problems, join
from . import subjects
from .keys import Role, is_public
from .tree import Account, Export, Import, JetStream, Publish, Subscribe, Tree, User


def check_tree(tree: Tree, problems: Problems) -> None:
    """Add what is wrong between the parts of a tree."""
    operator = tree.operator
    if operator.strict_signing_key_usage and operator.signing_keys == 0:
        problems.add(
            "operator.signing_keys", "is 0, but strict_signing_key_usage needs one: write 1, or allow the identity key"
        )
    places = _places(tree)
    _check_names(tree, places, problems)
    # Of two accounts with one name the first is meant; the second is told already.
    by_name = {account.name: account for account in reversed(tree.every_account) if account.name}
    for account, place in zip(tree.every_account, places):
        check_account(account, place, problems)
        if operator.strict_signing_key_usage and account.signing_keys == 0:
            problems.add(join(place, "signing_keys"), "is 0, but the operator's strict_signing_key_usage needs one")
        for position, each in enumerate(account.imports):
            check_source(account, each, by_name, join(place, f"imports[{position}]"), problems)
    if tree.system_account.limits.jetstream is not None or tree.system_account.limits.jetstream_tiers:
        problems.add("system_account.limits.jetstream", "the system account can't have JetStream: leave it out")


def _places(tree: Tree) -> list[str]:
    named = [f"accounts.{each.name}" if each.name else f"accounts[{at}]" for at, each in enumerate(tree.accounts)]
    return ["system_account", *named]


def _check_names(tree: Tree, places: Sequence[str], problems: Problems) -> None:
    seen: dict[str, str] = {}
    for position, (account, place) in enumerate(zip(tree.every_account, places)):
        if not account.name:
            continue
        here = f"accounts[{position - 1}].name" if position else place
        if account.name.casefold() in seen:
            other = seen[account.name.casefold()]
            problems.add(here, f'"{account.name}" is also the name of {other}: each account needs a name of its own')
        seen.setdefault(account.name.casefold(), here)
        names: dict[str, int] = {}
        for at, user in enumerate(account.users):
            if user.name and user.name.casefold() in names:
                first = names[user.name.casefold()]
                problems.add(join(place, f"users[{at}].name"), f'"{user.name}" is also the name of users[{first}]')
            names.setdefault((user.name or "").casefold(), at)


def check_account(account: Account, place: str, problems: Problems) -> None:
    """Add what is wrong within one account."""
    _check_lifetime(account.expires, account.renew_before, place, problems)
    limits = account.limits
    if limits.jetstream is not None and limits.jetstream_tiers:
        problems.add(join(place, "limits"), "has jetstream and jetstream_tiers: write one of them")
    if limits.jetstream is not None:
        _check_jetstream(limits.jetstream, join(place, "limits.jetstream"), problems)
    for tier, each in (limits.jetstream_tiers or {}).items():
        _check_jetstream(each, join(place, f"limits.jetstream_tiers.{tier}"), problems)
    _check_counts(account, place, problems)
    for position, export in enumerate(account.exports):
        check_export(export, join(place, f"exports[{position}]"), problems)
    _check_export_overlap(account.exports, place, problems)
    for position, each_import in enumerate(account.imports):
        check_import(each_import, join(place, f"imports[{position}]"), problems)
    _check_import_overlap(account.imports, place, problems)
    _check_revocations(account, place, problems)
    permissions = account.default_permissions
    _check_denied(permissions.publish, join(place, "default_permissions.publish"), problems)
    _check_denied(permissions.subscribe, join(place, "default_permissions.subscribe"), problems)
    for position, user in enumerate(account.users):
        check_user(user, join(place, f"users[{position}]"), problems)
        if user.bearer and limits.disallow_bearer:
            problems.add(join(place, f"users[{position}].bearer"), "the account's limits.disallow_bearer forbids it")


def _check_revocations(account: Account, place: str, problems: Problems) -> None:
    names = {user.name for user in account.users}
    seen: dict[str, int] = {}
    for position, each in enumerate(account.revocations):
        here = join(place, f"revocations[{position}].user")
        if each.user and each.user != "*" and each.user not in names and not is_public(each.user, Role.USER):
            problems.add(here, f'"{each.user}" is no user of this account in the tree: write its public key (U...)')
        if each.user in seen:
            problems.add(here, f'"{each.user}" stands in revocations[{seen[each.user]}] already')
        seen.setdefault(each.user, position)


def check_user(user: User, place: str, problems: Problems) -> None:
    """Add what is wrong within one user."""
    _check_lifetime(user.expires, user.renew_before, place, problems)
    _check_denied(user.publish, join(place, "publish"), problems)
    _check_denied(user.subscribe, join(place, "subscribe"), problems)
    for position, each in enumerate(user.times):
        if each.start and each.start == each.end:
            problems.add(join(place, f"times[{position}]"), "starts when it ends: it allows nothing")


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


def _exported(source: Account) -> str:
    if not source.exports:
        return "it exports nothing"
    return "it exports " + ", ".join(f'"{each.subject}" ({each.type})' for each in source.exports)


def _check_export_overlap(exports: Sequence[Export], place: str, problems: Problems) -> None:
    for later, one in enumerate(exports):
        for earlier, other in enumerate(exports[:later]):
            if not (one.subject and other.subject) or one.type != other.type:
                continue
            if subjects.covers(one.subject, other.subject) or subjects.covers(other.subject, one.subject):
                problems.add(
                    join(place, f"exports[{later}].subject"),
                    f'"{one.subject}" overlaps with "{other.subject}" of exports[{earlier}], also a {one.type}',
                )


def _check_import_overlap(imports: Sequence[Import], place: str, problems: Problems) -> None:
    names = [_local_name(each) for each in imports]
    for later, one in enumerate(imports):
        for earlier, other in enumerate(imports[:later]):
            mine, theirs = names[later], names[earlier]
            if one.account != other.account or not (mine and theirs):
                continue
            if subjects.covers(mine, theirs) or subjects.covers(theirs, mine):
                problems.add(
                    join(place, f"imports[{later}]"),
                    f'"{mine}" overlaps with "{theirs}" of imports[{earlier}], also from {one.account}',
                )


def _local_name(each: Import) -> Optional[str]:
    if each.type != "service" or not each.subject:
        return None
    return subjects.local_pattern(each.local_subject) if each.local_subject else each.subject


def _check_counts(account: Account, place: str, problems: Problems) -> None:
    limits = account.limits
    for name, found, most in (
        ("imports", len(account.imports), limits.imports),
        ("exports", len(account.exports), limits.exports),
    ):
        if 0 <= most < found:
            problems.add(join(place, f"{name}"), f"there are {found}, but limits.{name} allows {most}")
    if limits.exports != -1 and not limits.wildcard_exports:
        for position, export in enumerate(account.exports):
            if export.subject and subjects.has_wildcard(export.subject):
                problems.add(join(place, f"exports[{position}].subject"), "limits.wildcard_exports forbids wildcards")


def _check_jetstream(limits: JetStream, place: str, problems: Problems) -> None:
    for name, most, one in (
        ("memory", limits.memory, limits.memory_max_stream_bytes),
        ("disk", limits.disk, limits.disk_max_stream_bytes),
    ):
        if 0 <= most < one:
            problems.add(
                join(place, f"{name}_max_stream_bytes"), f"{one} bytes for one stream, but {name} allows {most}"
            )
    if limits.memory == 0 and limits.disk == 0:
        problems.add(place, "memory and disk are 0, which switches JetStream off: leave the block out instead")


def _check_denied(permission: object, place: str, problems: Problems) -> None:
    if not isinstance(permission, (Publish, Subscribe)):
        return
    for position, allowed in enumerate(permission.allow):
        for denied in permission.deny:
            if allowed == denied:
                problems.add(join(place, f"allow[{position}]"), f'"{allowed}" is also in deny: write it in one of them')


def _check_lifetime(expires: Optional[int], before: Optional[int], place: str, problems: Problems) -> None:
    if before is None:
        return
    if expires is None:
        problems.add(join(place, "renew_before"), "there is no expires: write one, or leave renew_before out")
    elif before >= expires:
        problems.add(join(place, "renew_before"), "is not shorter than expires: it would be issued again in every run")
