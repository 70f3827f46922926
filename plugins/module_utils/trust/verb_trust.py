# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``trust``: a whole tree of operator, accounts and users in one store, made and kept as it is written."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable, Optional

from ..plan.changes import FileChange, Plan
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..plan.verb import Outcome, Surroundings, Verb
from . import keys
from .accounts import plain_keys
from .carrying import CARRYING, LOCAL_PATHS, Carried
from .checked import Checked, Remembering, load, save
from .plan import Planned, plan_tree
from .removed import read_removed
from .rotation import Rotation
from .rules import check_tree
from .store import Existing, Store, checked_path, creds_path, ignored_secrets, removed_path, seed_path, user_path
from .tokens import Token
from .tree import Tree, read_tree
from .verb_jwt_info import moment

TREE: dict[str, Any] = {
    "path": {"type": "path", "required": True},
    "operator": {"type": "dict", "required": True},
    "system_account": {"type": "dict"},
    "accounts": {"type": "list", "elements": "dict", "default": []},
    "purge": {"type": "bool", "default": False},
    "seal": {"type": "bool"},
}
ARGUMENTS = {**TREE, "drop_revocations": {"type": "bool", "default": False}, **CARRYING}


def run(params: Mapping[str, Any], surroundings: Surroundings) -> Outcome:
    """Read the tree, plan it against the store, and carry the plan out unless in check mode."""
    tree = asked_tree(params)
    return carry_out(params, surroundings, lambda store: tree)


def asked_tree(params: Mapping[str, Any]) -> Tree:
    """The tree that ``TREE`` says. Raises InputError with all its problems."""
    problems = Problems()
    tree = read_tree(params["operator"], params.get("system_account"), params.get("accounts"), problems)
    check_tree(tree, problems)
    problems.raise_if_any()
    return tree


def carry_out(params: Mapping[str, Any], surroundings: Surroundings, wanted: Callable[[Store], Tree]) -> Outcome:
    """Keep a store as a tree says. wanted: asked for the tree under the lock.

    params: path, purge, drop_revocations, operator_request, operator_response.
    """
    # Ten thousand users are a million objects and no cycle: looking for cycles takes a quarter of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _carry_out(params, surroundings, wanted)
    finally:
        if was_enabled:
            gc.enable()


def _carry_out(params: Mapping[str, Any], surroundings: Surroundings, wanted: Callable[[Store], Tree]) -> Outcome:
    seal, purge = Remembering(surroundings.seal, surroundings.progress), bool(params.get("purge"))
    folder, carried = Folder(str(params["path"]), seal), Carried(params)
    interrupted = folder.interrupted
    with folder.locked(check_mode=surroundings.check_mode):
        store = Store(folder)
        tree = wanted(store)
        existing = store.read(tree.operator.name)
        _check_system(existing, tree)
        planned = plan_tree(
            existing,
            tree,
            int(surroundings.now.timestamp()),
            lambda role: keys.make(role, surroundings.random(32)),
            store.key,
            purge=purge,
            drop_revocations=bool(params.get("drop_revocations")),
            checked=_checked(store, existing.operator, tree),
            elsewhere=carried.elsewhere(),
            removed=_removed(store, tree.operator.name),
        )
        plan = _whole(planned.plan, store, existing)
        if not surroundings.check_mode:
            folder.commit(plan.changes)
            if plan.changes or set(planned.known) != set(planned.wanted):
                _keep_checked(store, seal, existing, replace(planned, plan=plan), tree)
    if interrupted:
        # Finishing is a change of its own: the journal goes away.
        reason = f"an interrupted run left {interrupted} changes to be finished"
        plan = replace(plan, changes=(FileChange(".journal", None), *plan.changes), reasons=(reason, *plan.reasons))
    turn = existing.rotation
    plan = carried.settle(plan, planned, surroundings.check_mode)
    values = {**_values(folder, tree, planned, turn), "pending": carried.pending(planned)}
    return Outcome(plan, values, (*_warnings(tree, planned, purge, turn), *carried.warnings(planned)))


def _removed(store: Store, operator: str) -> dict[str, str]:
    path = removed_path(operator)
    return read_removed(store.folder.read_raw(path), str(store.folder.root / path))


def _checked(store: Store, operator: Optional[Token], tree: Tree) -> Checked:
    """What was verified before; nothing where no seed of the operator is there to tell."""
    candidates = (*plain_keys(operator), operator.subject) if operator else ()
    signer = next((each for each in candidates if store.folder.read_raw(seed_path(each)) is not None), None)
    return load(store.folder, checked_path(tree.operator.name), store.key(signer) if signer else None)


def _keep_checked(store: Store, seal: Remembering, existing: Existing, planned: Planned, tree: Tree) -> None:
    """Every user of the plan is verified by now: note its files as they lie on disk."""
    current = _checked(store, planned.operator, tree)
    written = {change.path: seal.on_disk(change) for change in planned.plan.changes}
    entries: dict[str, str] = {}
    for (account, name), wanted in planned.wanted.items():
        stored = existing.accounts.get(account)
        old_token, old_creds = (stored.users[name].raw if stored and name in stored.users else None) or (b"", b"")
        path, creds = user_path(tree.operator.name, account, name), creds_path(tree.operator.name, account, name)
        entries[path] = current.entry(path, (written.get(path, old_token), written.get(creds, old_creds)), wanted)
    save(store.folder, current, entries)


def _check_system(existing: Existing, tree: Tree) -> None:
    found = existing.system_account
    if found is not None and found != tree.system_account.name:
        raise StoreError(
            f"system_account.name: the system account of this store is {found}, and running servers know it by its "
            f'key: write "{found}"'
        )


def _whole(plan: Plan, store: Store, existing: Existing) -> Plan:
    """The plan with what sealing asks for."""
    changed = {change.path for change in plan.changes}
    sealed = [change for change in store.open_secrets() if change.path not in changed]
    reasons = [f"{len(sealed)} secrets lay open, are sealed"] if sealed else []
    ignored = [ignored_secrets()] if existing.operator is None and not store.folder.seal.active else []
    return replace(plan, changes=(*plan.changes, *sealed, *ignored), reasons=(*plan.reasons, *reasons))


def _values(folder: Folder, tree: Tree, planned: Planned, turn: Optional[Rotation]) -> dict[str, Any]:
    operator = tree.operator.name
    accounts = [
        {**_public(token), "system": name == tree.system_account.name} for name, token in planned.accounts.items()
    ]
    accounts += [{**_public(token), "system": False} for token in planned.others.values()]
    users = [
        {
            "account": account,
            "name": name,
            "public_key": token.subject,
            "creds": None
            if (account, name) in planned.without_creds
            else str(folder.root / creds_path(operator, account, name)),
            "expires": moment(token.expires),
        }
        for (account, name), token in planned.users.items()
    ]
    return {
        "operator": {**_public(planned.operator), "signing_keys": list(planned.operator.nats.get("signing_keys", []))},
        "system_account": _public(planned.accounts[tree.system_account.name]),
        "accounts": accounts,
        "users": users,
        "absent": list(planned.absent),
        "removed_accounts": [{"name": name, "public_key": key} for key, name in planned.removed_accounts.items()],
        "rotation": turn.summary if turn else None,
    }


def _public(token: Token) -> dict[str, str]:
    return {"name": token.name, "public_key": token.subject, "jwt": token.text}


def _warnings(tree: Tree, planned: Planned, purge: bool, turn: Optional[Rotation]) -> tuple[str, ...]:
    found = [turn.remark] if turn else []
    if planned.absent and not purge:
        found.append(
            f"in the store but not in the tree: {', '.join(planned.absent)}. "
            "They stay valid; purge: true revokes the users and removes all of it"
        )
    if not tree.operator.strict_signing_key_usage:
        found.append("operator.strict_signing_key_usage is false: the identity key may sign accounts")
    bearers = [f"{account.name}/{user.name}" for account in tree.every_account for user in account.users if user.bearer]
    if bearers:
        found.append(f"bearer users: {', '.join(bearers)}. Their token alone lets anyone in who sees it")
    return (*found, *planned.warnings)


VERB = Verb("trust", ARGUMENTS, run, local_paths=("path", *LOCAL_PATHS))
