# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What proves a phase of a rotation on running servers: who has to get in with which key, and who no longer.

A probe is a user that exists for the proof only: signed by the key in question, with no rights, for a day. So a key can
be tried without the creds of anybody, and an old key after the last of its users has gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from ..plan.changes import FileChange
from . import store as layout
from . import tokens
from .accounts import plain_keys, scopes
from .creds import Creds
from .creds import write as write_creds
from .keys import KeyPair, Role
from .rights import Rights
from .rotation import NOTHING, OPERATOR, Kind, Phase, Rotation
from .rotation_view import settled_token
from .store import Existing
from .tree import Account, Tree, User

FOLDER = "keys/creds/.rotation/"
OLD_CREDS = f"{FOLDER}old.creds"
_DAY = 86_400
_ACCOUNTS = 20
_USERS = 10
_ASKS_SERVERS = {"pub": {"allow": ["$SYS.REQ.SERVER.*.VARZ"]}, "sub": {"allow": ["_INBOX.>"]}}
_LIMITED = ("src", "times", "proxy_required", "allowed_connection_types")
_NOTHING_ALLOWED = {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}}


@dataclass
class Proof:
    """Creds files to write, and the clients and checks that ``client_probe`` takes. warnings: what can't be tried."""

    root: str
    changes: list[FileChange] = field(default_factory=list)
    clients: list[dict[str, str]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def expect(self, name: str, path: str, allowed: bool = True, content: bytes = b"") -> str:
        """Creds that let in, or do not. content: of creds that are written for this. Returns the client's name."""
        if content:
            self.changes.append(FileChange(path, content, secret=True))
        self.clients.append({"name": name, "creds": f"{self.root}/{path}"})
        title = f"{name} {'gets in' if allowed else 'is refused'}"
        self.checks.append({"name": title, "kind": "connect", "client": name, "allowed": allowed})
        return name


@dataclass(frozen=True)
class Prover:
    """pair: of a key whose seed is at hand; at_hand: whether it is; make: a new user's key."""

    turn: Rotation
    existing: Existing
    tree: Tree
    now: int
    at_hand: Callable[[str], bool]
    pair: Callable[[str], KeyPair]
    make: Callable[[Role], KeyPair]

    def prove(self, root: str) -> Proof:
        """What has to hold once the present phase is on every server."""
        proof = Proof(root)
        if self.turn.kind is Kind.USER:
            self._user(proof)
        elif self.turn.targets == (OPERATOR,):
            self._operator(proof)
        else:
            for account in self.tree.every_account:
                if account.name in self.turn.targets and account.name in self.existing.accounts:
                    self._account(proof, account)
        return proof

    def _user(self, proof: Proof) -> None:
        target = self.turn.targets[0]
        account, _dummy, name = target.partition("/")
        owner = self.tree.account(account)
        user = next((each for each in owner.users if each.name == name), None) if owner else None
        if owner is None or user is None:
            return
        if not _reachable(owner, user, self.now):
            proof.warnings.append(f"{target} can't be tried from here, its creds are not proven by a login")
            return
        proof.expect(f"{target} with its new creds", layout.creds_path(self.tree.operator.name, account, name))
        is_old_valid = self.turn.phase is not Phase.DROP
        proof.expect(f"{target} with its old creds", OLD_CREDS, is_old_valid)

    def _account(self, proof: Proof, account: Account) -> None:
        token = settled_token(self.existing.accounts[account.name].token, self.turn)
        if account.limits.connections == 0 or account.auth_callout is not None:
            proof.warnings.append(f"{account.name} lets no user in for a proof, its new keys are not tried by a login")
            return
        tags = {user.role: user.tags for user in account.users if user.role}
        roles = {str(each["key"]): each for each in scopes(token)}
        for key in (*plain_keys(token), *roles):
            role = str(roles[key].get("role")) if key in roles else ""
            if role and any(roles[key]["template"].get(each) for each in _LIMITED):
                proof.warnings.append(f"role {role} of {account.name} lets nobody in from here, no login tries it")
                continue
            what = f"a user of {account.name}{f' with the role {role}' if role else ''}"
            for each, age in zip(self.turn.both(key), ("old", "new")):
                claims = {"tags": list(tags.get(role, ()))} if role else _NOTHING_ALLOWED
                allowed = age == "new" or self.turn.phase is not Phase.DROP
                self._probe(proof, f"{what} that the {age} key signed", (each, token.subject), claims, allowed)
        if self.turn.phase is not Phase.ADD:
            self._known(proof, account)

    def _known(self, proof: Proof, account: Account) -> None:
        """Some of the users themselves, with the creds that they are given."""
        users = [each for each in account.users if _reachable(account, each, self.now)]
        for user in users[:_USERS]:
            path = layout.creds_path(self.tree.operator.name, account.name, user.name)
            proof.expect(f"{account.name}/{user.name}", path)

    def _operator(self, proof: Proof) -> None:
        operator, turn = self.existing.operator, self.turn
        if operator is None:
            return
        held = (turn.subject(operator.subject), *turn.listed(turn.settled(plain_keys(operator))), *turn.guests)
        gone = sorted({*turn.keys} - {*held})
        open_ones = [each for each in self.tree.every_account if each.limits.connections and not each.auth_callout]
        for account in open_ones[:_ACCOUNTS]:
            stored = self.existing.accounts.get(account.name)
            signers = (*plain_keys(stored.token), stored.token.subject) if stored else ()
            signer = next((each for each in signers if self.at_hand(each)), None)
            if stored is None or signer is None:
                continue
            is_system = account.name == self.tree.system_account.name
            claims = _ASKS_SERVERS if is_system else _NOTHING_ALLOWED
            name = self._probe(proof, f"a user of {account.name}", (signer, stored.token.subject), claims, True)
            if is_system:
                check = {"kind": "operator_keys", "client": name, "keys": list(held), "without": gone}
                proof.checks.append({"name": "the operator's keys are those of this phase", **check})

    def _probe(self, proof: Proof, name: str, keys: tuple[str, str], claims: Mapping[str, Any], allowed: bool) -> str:
        """keys: who signs, and the account."""
        signer, account = keys
        user = self.make(Role.USER)
        limits = {} if "tags" in claims else {"subs": -1, "data": -1, "payload": -1}
        issuer = {} if signer == account else {"issuer_account": account}
        nats = {**limits, **claims, **issuer, "type": "user", "version": 2}
        wanted = {
            "sub": user.public_key,
            "name": "aegis-rotation",
            "iat": self.now,
            "exp": self.now + _DAY,
            "nats": nats,
        }
        creds = write_creds(Creds(tokens.sign(wanted, self.pair(signer)).text, user.seed))
        return proof.expect(name, f"{FOLDER}{len(proof.clients)}.creds", allowed, creds)


def leftovers(names: Iterable[str], turn: Rotation) -> list[FileChange]:
    """What was written for a proof and is not needed for the next."""
    kept = OLD_CREDS if turn is not NOTHING else ""
    return [FileChange(name, None) for name in names if name.startswith(FOLDER) and name != kept]


def _reachable(account: Account, user: User, now: int) -> bool:
    """Whether a login from the controller says something of the creds."""
    rights: Rights = user
    if user.role:
        role = next((each for each in account.roles if user.role in (each.role, each.key)), None)
        if role is None:
            return False
        rights = role.template
    limited = (rights.source_networks, rights.times, rights.proxy_required, user.public_key, user.revoked)
    starts_later = max(user.not_before, account.not_before) > now
    kinds = rights.connection_types
    callout = account.auth_callout
    if callout is not None and user.name not in callout.users:
        return False
    return (
        account.limits.connections != 0 and not starts_later and not any(limited) and (not kinds or "STANDARD" in kinds)
    )
