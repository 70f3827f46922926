# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold between the parts of a tree: the library's rules (jwt/v2 Validate) and those of the servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Optional

from ..plan.problems import Problems, join
from . import subjects
from .keys import Role, is_public
from .rights import Publish, Rights, Subscribe
from .rules_sharing import (
    check_export,
    check_export_overlap,
    check_import,
    check_import_overlap,
    check_mappings,
    check_source,
)
from .tree import Account, AuthCallout, JetStream, Tree, User


def check_tree(tree: Tree, problems: Problems) -> None:
    """Add what is wrong between the parts of a tree."""
    operator = tree.operator
    _check_lifetime(operator.expires, operator.renew_before, "operator", problems)
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
        without_role = [user.name for user in account.users if not user.role and not user.revoked]
        if operator.strict_signing_key_usage and account.plain_keys == 0 and without_role:
            problems.add(
                join(place, "signing_keys"),
                f"has none without a role, but user {without_role[0]} has none and the operator's "
                "strict_signing_key_usage needs one for it",
            )
        _check_named_accounts(account, by_name, place, problems)
        for position, each in enumerate(account.imports):
            check_source(account, each, by_name, join(place, f"imports[{position}]"), problems)
    if tree.system_account.limits.jetstream is not None or tree.system_account.limits.jetstream_tiers:
        problems.add("system_account.limits.jetstream", "the system account can't have JetStream: leave it out")


def _check_named_accounts(account: Account, by_name: Mapping[str, Account], place: str, problems: Problems) -> None:
    """Accounts that are named beside imports: whose tokens are withdrawn, whom a callout may place."""
    callout = account.auth_callout or AuthCallout()
    named = [(f"auth_callout.allowed_accounts[{at}]", name) for at, name in enumerate(callout.allowed_accounts)]
    for position, export in enumerate(account.exports):
        for at, each in enumerate(export.revocations):
            named.append((f"exports[{position}].revocations[{at}].account", each.account))
    for path, name in named:
        if name and name != "*" and name not in by_name and not is_public(name, Role.ACCOUNT):
            known = ", ".join(sorted(by_name))
            problems.add(join(place, path), f'"{name}" is not in the tree: write one of {known}, or a public key')


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
    check_export_overlap(account.exports, place, problems)
    for position, each_import in enumerate(account.imports):
        check_import(each_import, join(place, f"imports[{position}]"), problems)
    check_import_overlap(account.imports, place, problems)
    check_mappings(account.mappings, join(place, "mappings"), problems)
    _check_roles(account, place, problems)
    _check_trace(account, place, problems)
    _check_callout(account, place, problems)
    _check_revocations(account, place, problems)
    permissions = account.default_permissions
    _check_denied(permissions.publish, join(place, "default_permissions.publish"), problems)
    _check_denied(permissions.subscribe, join(place, "default_permissions.subscribe"), problems)
    roles = {each.role for each in account.roles} | {each.key for each in account.roles}
    for position, user in enumerate(account.users):
        check_user(user, join(place, f"users[{position}]"), problems)
        if user.role and user.role not in roles:
            known = ", ".join(sorted(each for each in roles if each)) or "it has none, add it to signing_keys"
            problems.add(
                join(place, f"users[{position}].role"),
                f'"{user.role}" is no role of this account: write one of {known}',
            )
        if user.bearer and limits.disallow_bearer:
            problems.add(join(place, f"users[{position}].bearer"), "the account's limits.disallow_bearer forbids it")


def _check_roles(account: Account, place: str, problems: Problems) -> None:
    if not isinstance(account.signing_keys, tuple):
        return
    seen: dict[str, int] = {}
    if sum(isinstance(each, int) for each in account.signing_keys) > 1:
        problems.add(join(place, "signing_keys"), "has two numbers: write one, of those without a role")
    for position, each in enumerate(account.signing_keys):
        if isinstance(each, int):
            continue
        here = join(place, f"signing_keys[{position}]")
        _check_rights(each.template, join(here, "template"), problems)
        for name in ("subscriptions", "data", "payload"):
            if getattr(each.template.limits, name) == 0:
                problems.add(join(here, f"template.limits.{name}"), "is 0, which servers take for unlimited: write 1")
        if not each.role and not each.key and each.role is not None:
            problems.add(join(here, "role"), "is empty: write its name")
        name = each.key or each.role
        if name in seen:
            problems.add(join(here, "role"), f'"{name}" is also the role of signing_keys[{seen[name]}]')
        seen.setdefault(name, position)


def _check_trace(account: Account, place: str, problems: Problems) -> None:
    if account.trace and account.trace.destination and subjects.has_wildcard(account.trace.destination):
        problems.add(
            join(place, "trace.destination"), f'"{account.trace.destination}" has a wildcard: write one subject'
        )


def _check_callout(account: Account, place: str, problems: Problems) -> None:
    callout = account.auth_callout
    if callout is None:
        return
    if callout.allowed_accounts and not callout.users:
        problems.add(join(place, "auth_callout.users"), "is missing: without the users of the service nobody is asked")
    if "*" in callout.allowed_accounts and len(callout.allowed_accounts) > 1:
        problems.add(
            join(place, "auth_callout.allowed_accounts"), 'has "*" and others: write "*" alone, or leave it out'
        )
    names = {user.name for user in account.users}
    for position, name in enumerate(callout.users):
        if name not in names and not is_public(name, Role.USER):
            here = join(place, f"auth_callout.users[{position}]")
            problems.add(here, f'"{name}" is no user of this account in the tree: write its public key (U...)')


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
    _check_rights(user, place, problems)
    if not user.role:
        return
    for each in fields(Rights):
        if getattr(user, each.name) != each.default:
            problems.add(join(place, each.name), f"is what its role {user.role} says: leave it out, or leave role out")


def _check_rights(rights: Rights, place: str, problems: Problems) -> None:
    _check_denied(rights.publish, join(place, "publish"), problems)
    _check_denied(rights.subscribe, join(place, "subscribe"), problems)
    for position, each in enumerate(rights.times):
        if each.start and each.start == each.end:
            problems.add(join(place, f"times[{position}]"), "starts when it ends: it allows nothing")


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
