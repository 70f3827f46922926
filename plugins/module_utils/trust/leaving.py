# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store has and the tree has not: told, and with purge removed. Its account revokes a user that leaves."""

from __future__ import annotations

from collections.abc import Sequence

from ..plan.changes import FileChange
from . import store as layout
from .accounts import plain_keys, scopes
from .draft import Draft


def plan_absent(draft: Draft) -> tuple[tuple[str, ...], dict[str, str]]:
    """What is absent from the tree, in words; and the names of the accounts that are removed, by public key."""
    operator, tree = draft.tree.operator.name, draft.tree.every_account
    roles = {account.name: {name for each in account.roles for name in (each.role, each.key)} for account in tree}
    wanted = {account.name: {user.name for user in account.users} for account in tree}
    absent: list[str] = []
    removed: dict[str, str] = {}
    for account, stored in draft.existing.accounts.items():
        done = "is revoked and removed" if account in wanted else "is removed"
        for user, each in stored.users.items():
            if user not in wanted.get(account, ()):
                absent.append(f"user {account}/{user}")
                paths = [layout.user_path(operator, account, user), layout.creds_path(operator, account, user)]
                _remove(draft, absent[-1], done, paths, (each.token.subject,))
        for scope in scopes(stored.token):
            if account in wanted and not {scope.get("role"), scope["key"]} & roles[account]:
                absent.append(f"role {account}/{scope.get('role') or scope['key']}")
                _remove(draft, absent[-1], "is removed", (), (str(scope["key"]),))
        if account not in wanted:
            absent.append(f"account {account}")
            publics = (
                stored.token.subject,
                *plain_keys(stored.token),
                *(str(each["key"]) for each in scopes(stored.token)),
            )
            _remove(draft, absent[-1], "is removed", [layout.account_path(operator, account)], publics)
            if draft.purge:
                removed[stored.token.subject] = account
    return tuple(absent), removed


def _remove(draft: Draft, what: str, done: str, paths: Sequence[str], publics: Sequence[str]) -> None:
    if not draft.purge:
        return
    seeds = [layout.seed_path(public) for public in publics if public in draft.existing.seeds]
    draft.changes += [FileChange(path, None) for path in (*paths, *seeds)]
    draft.reasons.append(f"{what} is not in the tree, {done}")
    draft.before[what] = {"public_key": publics[0]}
