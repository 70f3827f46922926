# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is there and what is wanted to the changes of the store, and why. Pure: no files, no clock, no randomness.

Keys that are missing are made by ``mint``, seeds that are needed are asked for by ``seed``; both are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..plan.changes import Plan
from ..plan.errors import StoreError
from . import store as layout
from .accounts import Names, account_claims, plain_keys, scope, scopes
from .activations import import_tokens
from .checked import Checked
from .draft import Draft, Identity, Mint, Seed
from .issue import Wish
from .keys import Role
from .leaving import plan_absent
from .members import Home, plan_user, recall, user_keys
from .operator_request import Request
from .operator_token import HERE, Elsewhere, plan_operator, unpublished
from .removed import plan_removed
from .resign import resign_absent
from .revocations import account_revocations
from .rotation import OPERATOR
from .store import Existing
from .tokens import Token
from .tree import Account, Tree

Keys = Mapping[str, Mapping[str, str]]
_KEYED = "its key, which is being rotated: leave out key and let its users name the role"


@dataclass(frozen=True)
class Planned:
    """plan: of the store. operator, accounts, users: the tokens as they will be.

    without_creds: the users who keep their seeds, by account and name; wanted: what every user was wanted to be;
    known: those whose files were verified before.
    others: accounts that only the store has and that servers have to be given anew, for a key is rotated.
    absent: what only the store has, in words. removed_accounts: names, by public key, of all that were ever purged.
    pending: the change of the operator that has to be signed elsewhere; operator is the one in force until then.
    """

    plan: Plan
    operator: Token
    accounts: Mapping[str, Token]
    users: Mapping[tuple[str, str], Token]
    others: Mapping[str, Token] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    removed_accounts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    without_creds: frozenset[tuple[str, str]] = frozenset()
    wanted: Mapping[tuple[str, str], bytes] = field(default_factory=dict)
    known: frozenset[tuple[str, str]] = frozenset()
    pending: Optional[Request] = None


def plan_tree(
    existing: Existing,
    tree: Tree,
    now: int,
    mint: Mint,
    seed: Seed,
    *,
    purge: bool = False,
    drop_revocations: bool = False,
    checked: Optional[Checked] = None,
    elsewhere: Elsewhere = HERE,
    removed: Optional[Mapping[str, str]] = None,
) -> Planned:
    """Plan the whole tree. now: Unix seconds. Raises StoreError where the store lacks what is needed.

    checked: what was verified before, removed: which accounts were purged before, see there.
    elsewhere: the way to a root key that is not here.
    purge: what the tree has not is revoked and removed. drop_revocations: those that the tree has not are dropped.
    """
    draft = Draft(existing, tree, now, mint, seed, purge, drop_revocations)
    _refuse_lost_targets(draft)
    operator = _identity(draft, existing.operator, Role.OPERATOR, tree.operator.signing_keys, unpublished(draft))
    identities = {
        account.name: _account_identity(draft, account, _stored(existing, account.name))
        for account in tree.every_account
    }
    operator_token, pending = plan_operator(draft, operator, identities[tree.system_account.name], elsewhere)
    if pending is not None:
        _as_in_force(draft, operator_token)
    signers = _operator_signers(draft, operator_token)
    for account in tree.every_account:
        recall(draft, account, identities[account.name], checked or Checked(""))
    keys = {account.name: user_keys(draft, account) for account in tree.every_account}
    accounts = {
        account.name: _plan_account(draft, account, identities, signers, keys) for account in tree.every_account
    }
    homes = {
        account.name: Home(account, identities[account.name], keys[account.name], accounts[account.name].nats)
        for account in tree.every_account
    }
    users = {
        (account.name, user.name): plan_user(draft, homes[account.name], user)
        for account in tree.every_account
        for user in account.users
        if user.name in keys[account.name]
    }
    others = resign_absent(draft)
    absent, leaving = plan_absent(draft)
    gone = plan_removed(draft, removed or {}, leaving)
    draft.refuse_missing()
    plan = Plan(tuple(draft.changes), tuple(draft.reasons), draft.before, draft.after)
    return Planned(
        plan,
        operator_token,
        accounts,
        users,
        others,
        absent,
        gone,
        warnings=tuple(draft.warnings),
        without_creds=frozenset(draft.without_creds),
        wanted=draft.wanted,
        known=frozenset(draft.known),
        pending=pending,
    )


def _refuse_lost_targets(draft: Draft) -> None:
    """What is rotated and left the tree would stay between old and new for ever."""
    known = {account.name for account in draft.tree.every_account}
    known |= {f"{account.name}/{user.name}" for account in draft.tree.every_account for user in account.users}
    lost = [each for each in draft.turn.targets if each not in known and each != OPERATOR]
    if lost and not draft.purge:
        raise StoreError(
            f"{', '.join(lost)}: is under rotation and left the tree: put it back until the rotation is done, "
            "or have it removed with purge"
        )


def _stored(existing: Existing, account: str) -> Optional[Token]:
    found = existing.accounts.get(account)
    return found.token if found else None


def _operator_signers(draft: Draft, operator: Token) -> tuple[str, ...]:
    """Whose signature on an account servers take, by the operator's token in force."""
    keys = draft.turn.settled(plain_keys(operator))
    if operator.nats.get("strict_signing_key_usage"):
        return keys
    # Servers that have not seen a new identity yet have to accept what is signed.
    return (*keys, draft.turn.signer(operator.subject))


def _as_in_force(draft: Draft, operator: Token) -> None:
    """Users are signed as servers want it now, not as they will once the operator's change is signed."""
    strict = bool(operator.nats.get("strict_signing_key_usage"))
    draft.tree = replace(draft.tree, operator=replace(draft.tree.operator, strict_signing_key_usage=strict))


def _identity(
    draft: Draft, token: Optional[Token], role: Role, count: int, unpublished: tuple[str, ...] = ()
) -> Identity:
    """The keys that are there, and new ones up to the count. A key that is there stays: users hang on it.

    unpublished: keys that were made for it already and stand in no token yet.
    """
    public = draft.turn.subject(token.subject) if token else draft.new_key(role)
    held = draft.turn.settled(plain_keys(token))
    waiting = [each for each in unpublished if each not in held]
    held = (*held, *waiting[: max(0, count - len(held))])
    more = [draft.new_key(role) for _dummy in range(count - len(held))]
    return Identity(public, (*held, *more))


def _account_identity(draft: Draft, account: Account, token: Optional[Token]) -> Identity:
    """A role keeps its key; without purge, roles that left the tree keep theirs as well."""
    found = _identity(draft, token, Role.ACCOUNT, account.plain_keys)
    held = {str(each.get("key")): str(each.get("role", "")) for each in scopes(token)}
    roles: dict[str, str] = {}
    for each in account.roles:
        known = next((key for key, role in held.items() if each.role and role == each.role), None)
        if each.key in {*draft.turn.keys, *draft.turn.keys.values()}:
            raise StoreError(f"account {account.name}: its role {each.role or each.key} is named by {_KEYED}")
        roles[each.key or each.role] = each.key or (draft.turn.signer(known) if known else draft.new_key(Role.ACCOUNT))
    return replace(found, roles=roles)


def _signing_keys(draft: Draft, account: Account, keys: Identity, token: Optional[Token]) -> list[Any]:
    """The signing keys of an account as they stand in its token."""
    turn = draft.turn
    wanted = [scope(each, key) for each in account.roles for key in turn.listed((keys.roles[each.key or each.role],))]
    said = {each["key"] for each in wanted}
    left: dict[str, Any] = {}
    for each in () if draft.purge else scopes(token):
        for key in turn.listed((str(each.get("key")),)):
            if key not in said:
                left.setdefault(key, {**each, "key": key})
    return [*wanted, *left.values(), *turn.listed(keys.signing_keys)]


def _plan_account(
    draft: Draft, account: Account, identities: Mapping[str, Identity], signers: tuple[str, ...], users: Keys
) -> Token:
    old = _stored(draft.existing, account.name)
    keys = identities[account.name]
    publics = Names({name: each.public_key for name, each in identities.items()}, users[account.name])
    signing_keys = _signing_keys(draft, account, keys, old)
    activations = import_tokens(draft, account, identities)
    claims = account_claims(account, signing_keys, publics, old.nats if old else {}, activations)
    if account.auth_callout is not None:
        listed = draft.turn.listed(claims["authorization"].get("auth_users", ()))
        claims["authorization"] = {**claims["authorization"], "auth_users": list(listed)}
    nats = {**claims, "revocations": account_revocations(draft, account, publics.users)}
    names = {**_user_names(draft, account.name, publics.users), **{key: name for name, key in publics.accounts.items()}}
    wish = Wish(
        Account, keys.public_key, account.name, nats, signers, account.expires, account.renew_before, names=names
    )
    instead = draft.turn.instead(old.issuer) if old else ""
    wish = replace(wish, not_before=account.not_before, instead=instead)
    path = layout.account_path(draft.tree.operator.name, account.name)
    return draft.settle(old, wish, path, f"account {account.name}")


def _user_names(draft: Draft, account: str, keys: Mapping[str, str]) -> dict[str, str]:
    """What reasons call the users of an account, also those that leave it."""
    stored = draft.existing.accounts.get(account)
    found = {public: name for name, public in keys.items()}
    for name in stored.users if stored else ():
        token = draft.held(account, name)
        if token is not None:
            found.setdefault(token.subject, name)
    return found
