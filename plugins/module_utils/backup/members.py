# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in to an account: a user that lives in memory, signed by the account's own key out of the trust store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Callable, Optional

from ..client.access import Access
from ..client.login import Login
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.problems import Problems
from ..trust import keys, tokens
from ..trust.keys import KeyPair, Role
from ..trust.revocations import EVERYBODY, refused_until
from ..trust.store import Store

_NAME = "aegis.nats backup"
# A stream takes one connection; the token ends with it, and at the latest then (seconds).
LIFETIME = 12 * 3600
_READS = ("INFO", "STREAM.LIST", "STREAM.INFO.*", "STREAM.SNAPSHOT.*", "CONSUMER.LIST.*")
_WRITES = ("STREAM.MSG.GET.*", "STREAM.RESTORE.*", "STREAM.UPDATE.*", "STREAM.DELETE.*")


@dataclass(frozen=True)
class Member:
    """An account and how to log in to it. payload: the longest message that the account may send; -1 is any."""

    account: str
    public_key: str
    login: Callable[[], Optional[Login]] = field(repr=False)
    payload: int = -1

    def access(self, access: Access) -> Access:
        """How this member reaches the servers; a token of its own each time."""
        return replace(access, login=self.login())


@dataclass(frozen=True)
class Minting:
    """Time and randomness for tokens. restoring: whether they may write, too."""

    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    restoring: bool


def members(folder: Folder, operator: str, minting: Minting, problems: Problems) -> list[Member]:
    """Every account of a trust store but the system account, which has no streams."""
    store = Store(folder)
    known = store.operators()
    if operator not in known:
        there = f"holds {', '.join(known)}" if known else "holds no operator"
        problems.add("operator", f"{folder.root} {there}, not {operator}: write the name that nats_trust_operator has")
        return []
    existing = store.read(operator)
    found: list[Member] = []
    for name, account in sorted(existing.accounts.items()):
        if name == existing.system_account:
            continue
        try:
            signer = _signer(store, existing.operator, account.token)
        except StoreError as error:
            problems.add(f"trust.{name}", str(error))
            continue
        if refused_until(EVERYBODY, account.token.nats) > minting.now().timestamp():
            problems.add(f"trust.{name}", "revokes everybody until a time to come: nobody can log in to it")
            continue
        payload = account.token.nats.get("limits", {}).get("payload", -1)
        found.append(Member(name, account.token.subject, _minted(account.token, signer, minting), payload))
    return found


def _signer(store: Store, operator: Optional[tokens.Token], account: tokens.Token) -> KeyPair:
    """A key that may sign a user with rights of its own: a signing key without a role, or the account's identity."""
    signing: Sequence[Any] = account.nats.get("signing_keys") or []
    able = [each for each in signing if isinstance(each, str)]
    if not (operator and operator.nats.get("strict_signing_key_usage")):
        able.append(account.subject)
    held = {name.rpartition("/")[2] for name in store.folder.names(".nk")}
    for public in able:
        if f"{public}.nk" in held:
            return store.key(public)
    raise StoreError(
        f"{store.folder.root} has no seed that may sign a user of this account: it needs one of "
        f"{', '.join(able) or 'a signing key without a role'}; put it back, or name a client for it in clients"
    )


def _minted(account: tokens.Token, signer: KeyPair, minting: Minting) -> Callable[[], Login]:
    def login() -> Login:
        pair = keys.make(Role.USER, minting.random(32))
        now = int(minting.now().timestamp())
        # A token that is not later than a revocation of everybody would be refused.
        issued = max(now, refused_until(EVERYBODY, account.nats) + 1)
        body = {
            "iat": issued,
            "exp": issued + LIFETIME,
            "name": _NAME,
            "sub": pair.public_key,
            "nats": _claims(account.subject, signer, minting.restoring),
        }
        return Login(tokens.sign(body, signer).text, pair)

    return login


def _claims(account: str, signer: KeyPair, restoring: bool) -> Mapping[str, Any]:
    asked = (*_READS, *(_WRITES if restoring else ()))
    named = {} if signer.public_key == account else {"issuer_account": account}
    return {
        "pub": {"allow": [*(f"$JS.API.{each}" for each in asked), f"$JS.SNAPSHOT.{'*' if restoring else 'ACK'}.>"]},
        "sub": {"allow": ["_INBOX.>"]},
        "subs": -1,
        "data": -1,
        "payload": -1,
        **named,
        "type": "user",
        "version": 2,
    }
