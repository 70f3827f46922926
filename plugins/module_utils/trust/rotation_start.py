# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wish to rotate means for a store: which keys, or why not. Everything wrong is said before anything is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

from ..plan.problems import Problems
from .accounts import plain_keys, scopes
from .keys import KeyPair, Role
from .rotation import NOTHING, OPERATOR, Kind, Phase, Record, Rotation, subject_of
from .rotation_view import settled
from .store import Existing
from .tree import Tree

Mint = Callable[[Role], KeyPair]


@dataclass(frozen=True)
class Ask:
    """What is to be rotated. targets: as ``Rotation`` has them; none: what is under way of that kind."""

    kind: Kind
    targets: tuple[str, ...] = ()

    def means(self, record: Record) -> bool:
        """Whether the rotation that is under way is the one that is asked for."""
        turn = record.current
        if turn is None or self.kind is not turn.kind:
            return False
        left = {each for each in self.targets if subject_of(self.kind, each) not in record.finished}
        return not self.targets or set(turn.targets) in ({*self.targets}, left)


def read_ask(kind: str, targets: Sequence[str], current: Optional[Rotation], tree: Tree, problems: Problems) -> Ask:
    """The wish, checked against the tree."""
    wanted = Kind(kind)
    named = tuple(dict.fromkeys(each.strip() for each in targets if each.strip()))
    if wanted is Kind.OPERATOR:
        return Ask(wanted, (OPERATOR,))
    if not named and (current is None or current.kind is not wanted):
        what = "account/user" if wanted is Kind.USER else "operator, or the accounts"
        problems.add("targets", f"says nothing to rotate: name {what}")
    if wanted is Kind.USER:
        _check_users(named, tree, problems)
    else:
        _check_accounts(named, tree, problems)
    return Ask(wanted, named)


def _check_accounts(named: Sequence[str], tree: Tree, problems: Problems) -> None:
    known = [account.name for account in tree.every_account]
    for number, each in enumerate(named):
        if each == OPERATOR and len(named) > 1:
            problems.add(f"targets[{number}]", "operator is rotated by itself: servers take its change by a restart")
        elif each != OPERATOR and each not in known:
            problems.add(
                f"targets[{number}]", f'"{each}" is no account of the tree: write operator, or some of {_few(known)}'
            )


def _check_users(named: Sequence[str], tree: Tree, problems: Problems) -> None:
    if len(named) > 1:
        problems.add("targets", f"names {len(named)} users: one user is rotated at a time")
    for number, each in enumerate(named):
        account, _dummy, name = each.partition("/")
        where = f"targets[{number}]"
        found = tree.account(account)
        user = next((other for other in found.users if other.name == name), None) if found else None
        if found is None:
            known = [other.name for other in tree.every_account]
            problems.add(
                where, f'"{each}": there is no account {account}: write account/user with one of {_few(known)}'
            )
        elif user is None:
            users = _few([other.name for other in found.users])
            problems.add(where, f'"{each}": account {account} has no user "{name}": it has {users}')
        elif user.public_key:
            problems.add(
                where,
                f"{each} keeps its seed: let it make another key, write that as public_key, and revoke the old one",
            )
        elif user.revoked:
            problems.add(where, f"{each} is revoked in the tree: take that back first")


def keys_of(ask: Ask, existing: Existing, problems: Problems) -> dict[str, Role]:
    """The public keys that are to be replaced, each with its role."""
    view = settled(existing) if existing.operator else existing
    if view.operator is None:
        problems.add("path", "there is no store yet: deploy first")
        return {}
    if ask.kind is Kind.OPERATOR:
        return {view.operator.subject: Role.OPERATOR}
    found: dict[str, Role] = {}
    for number, each in enumerate(ask.targets):
        where = f"targets[{number}]"
        if each == OPERATOR:
            held = dict.fromkeys(plain_keys(view.operator), Role.OPERATOR)
        elif ask.kind is Kind.USER:
            held = _user_key(each, view)
        else:
            held = _account_keys(each, view, where, problems)
        if not held and (each == OPERATOR or each in view.accounts):
            problems.add(where, f"{each} has no signing key, so there is nothing to rotate: its identity key signs")
        elif not held:
            problems.add(where, f"{each} is in the tree, but not in the store yet: deploy first")
        found.update(held)
    return found


def _account_keys(name: str, view: Existing, where: str, problems: Problems) -> dict[str, Role]:
    stored = view.accounts.get(name)
    if stored is None:
        return {}
    listed = scopes(stored.token)
    roles = Counter(str(each.get("role") or "") for each in listed)
    unclear = sorted(str(each["key"]) for each in listed if not each.get("role") or roles[str(each["role"])] > 1)
    if unclear:
        problems.add(
            where,
            f"{name} has signing keys that only their key tells apart ({', '.join(unclear)}): "
            "give each a role of its own name first",
        )
    return dict.fromkeys((*plain_keys(stored.token), *(str(each["key"]) for each in listed)), Role.ACCOUNT)


def _user_key(target: str, view: Existing) -> dict[str, Role]:
    account, _dummy, name = target.partition("/")
    stored = view.accounts.get(account)
    return {stored.users[name].token.subject: Role.USER} if stored and name in stored.users else {}


def start(ask: Ask, existing: Existing, keys: dict[str, Role], mint: Mint, now: int) -> tuple[Rotation, list[KeyPair]]:
    """The rotation in its first phase, and the keys that were made for it."""
    made = {old: mint(role) for old, role in keys.items()}
    operator = existing.operator
    carried = ask.kind is Kind.OPERATOR and not (operator and operator.nats.get("strict_signing_key_usage"))
    issued: dict[str, int] = {}
    if ask.kind is Kind.USER:
        account, _dummy, name = ask.targets[0].partition("/")
        token = existing.accounts[account].users[name].token
        issued = {token.subject: token.issued_at}
    turn = Rotation(
        ask.kind,
        ask.targets,
        NOTHING.phase,
        {old: pair.public_key for old, pair in made.items()},
        carried=carried,
        issued=issued,
        started=now,
    )
    return at(turn, turn.phases[0]), list(made.values())


def at(turn: Rotation, phase: Phase) -> Rotation:
    """The rotation in a phase that is still to be verified."""
    return replace(turn, phase=phase, verified=False)


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10]) or "none"
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown
