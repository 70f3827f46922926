# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store on disk, in nsc's own layout (nsc cmd/store): tokens below stores/, seeds and creds below keys/."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional, Protocol

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.sealed import is_sealed
from . import creds as creds_files
from . import keys, operator_request, rotation, tokens
from .creds import Creds
from .operator_request import Request
from .tokens import Token


class HeldUser(Protocol):
    """A user of a store. creds: what its creds file holds; None where it is missing or damaged.

    raw: its token and its creds as they lie on disk; None where it lies on none. recalled: its token without a look at
    the signature, for those who know that very file.
    """

    @property
    def token(self) -> Token: ...
    @property
    def creds(self) -> Optional[Creds]: ...
    @property
    def creds_damaged(self) -> bool: ...
    @property
    def raw(self) -> Optional[tuple[bytes, bytes]]: ...
    def recalled(self) -> Token: ...


@dataclass(frozen=True)
class StoredUser:
    """A user all of whose parts are known."""

    token: Token
    creds: Optional[Creds] = field(repr=False)
    creds_damaged: bool = False
    raw: Optional[tuple[bytes, bytes]] = field(default=None, repr=False)

    def recalled(self) -> Token:
        return self.token


@dataclass(frozen=True)
class StoredAccount:
    token: Token
    users: Mapping[str, HeldUser] = field(default_factory=dict)


@dataclass(frozen=True)
class Existing:
    """What a store holds of one operator. seeds: public keys whose seed file is there. rotation: what is under way.

    request: for a change of the operator that a root key elsewhere has to sign; None where none is open.
    """

    operator: Optional[Token] = None
    accounts: Mapping[str, StoredAccount] = field(default_factory=dict)
    seeds: frozenset[str] = frozenset()
    request: Optional[Request] = None
    rotation: Optional[rotation.Rotation] = None

    @property
    def system_account(self) -> Optional[str]:
        """The name of the account that the operator token names as its system account."""
        key = self.operator.nats.get("system_account") if self.operator else None
        return next((name for name, each in self.accounts.items() if each.token.subject == key), None)

    def every_token(self) -> Iterator[tuple[str, str, Token]]:
        """Every token, with the name of its account, which the operator has none of, and its own."""
        if self.operator:
            yield "", self.operator.name, self.operator
        for name, account in self.accounts.items():
            yield name, name, account.token
            yield from ((name, user, each.token) for user, each in account.users.items())


def operator_path(operator: str) -> str:
    return f"stores/{operator}/{operator}.jwt"


def marker_path(operator: str) -> str:
    return f"stores/{operator}/.nsc"


def marker(operator: str) -> bytes:
    """What nsc knows an operator's folder by."""
    content = {"managed": False, "name": operator, "kind": "operator", "version": "1"}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def checked_path(operator: str) -> str:
    """Where the store keeps what was verified."""
    return f"stores/{operator}/.checked"


def request_path(operator: str) -> str:
    """Where the store keeps the request that is open."""
    return f"stores/{operator}/.request"


def removed_path(operator: str) -> str:
    """Where the store keeps which accounts were purged."""
    return f"stores/{operator}/.removed"


def account_path(operator: str, account: str) -> str:
    return f"stores/{operator}/accounts/{account}/{account}.jwt"


def ignored_secrets() -> FileChange:
    """What keeps open secrets out of a git repository, as nsc does it."""
    return FileChange("keys/.gitignore", b"# Seeds and creds are secrets.\n**/*.nk\n**/*.creds\n")


def user_path(operator: str, account: str, user: str) -> str:
    return f"stores/{operator}/accounts/{account}/users/{user}.jwt"


def creds_path(operator: str, account: str, user: str) -> str:
    return f"keys/creds/{operator}/{account}/{user}.creds"


def seed_path(public_key: str) -> str:
    return f"keys/keys/{public_key[0]}/{public_key[1:3]}/{public_key}.nk"


class Store:
    """A folder read as a store."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self._names = frozenset(folder.names())

    def operators(self) -> list[str]:
        """The names of the operators in this store."""
        found = {name.split("/")[1] for name in self._names if name.startswith("stores/") and name.count("/") > 1}
        return sorted(name for name in found if operator_path(name) in self._names)

    def read(self, operator: str) -> Existing:
        """What is there of an operator. Raises StoreError where something can't be trusted, with its path."""
        self._refuse_others(operator)
        token = self._token(operator_path(operator), "operator")
        if token is None:
            return Existing(seeds=self._seeds())
        users = self._users(operator)
        accounts = {
            name: self._account(operator, name, token, users.get(name, ())) for name in self._accounts(operator)
        }
        return Existing(token, accounts, self._seeds(), self._request(operator), self.record(operator).current)

    def record(self, operator: str) -> rotation.Record:
        """What was and is rotated. Raises StoreError."""
        path = rotation.record_path(operator)
        return rotation.read(self.folder.read_raw(path), str(self.folder.root / path))

    def key(self, public_key: str) -> keys.KeyPair:
        """The pair of a public key, from its seed file. Raises StoreError where it is missing or damaged."""
        path = seed_path(public_key)
        content = self.folder.read(path)
        if content is None:
            raise StoreError(f"{self.folder.root / path}: the seed of {public_key} is needed here and is not there")
        try:
            pair = keys.from_seed(content.decode("ascii", "replace"))
        except keys.KeyProblem as error:
            raise StoreError(f"{self.folder.root / path}: {error}") from error
        if pair.public_key != public_key:
            raise StoreError(f"{self.folder.root / path}: holds the seed of another key, {pair.public_key}")
        return pair

    def open_secrets(self) -> list[FileChange]:
        """Secrets that lie open although this store is sealed: each as the change that seals it."""
        if not self.folder.seal.active:
            return []
        paths = [name for name in sorted(self._names) if name.startswith("keys/") and name.endswith((".nk", ".creds"))]
        found: list[FileChange] = []
        for path in paths:
            content = self.folder.read_raw(path)
            if content is not None and not is_sealed(content):
                found.append(FileChange(path, content, secret=True))
        return found

    def _request(self, operator: str) -> Optional[Request]:
        path = request_path(operator)
        content = self.folder.read_raw(path) if path in self._names else None
        try:
            return None if content is None else operator_request.read(content)
        except operator_request.RequestProblem as error:
            raise StoreError(f"{self.folder.root / path}: {error}") from error

    def _refuse_others(self, operator: str) -> None:
        others = sorted({name.split("/")[1] for name in self._names if name.startswith("stores/")} - {operator})
        if others and operator_path(operator) not in self._names:
            raise StoreError(
                f"{self.folder.root}: this is the store of operator {', '.join(others)}, not of {operator}: "
                "write that name, or give this operator a path of its own"
            )

    def _seeds(self) -> frozenset[str]:
        return frozenset(
            name.rsplit("/", 1)[1][:-3]
            for name in self._names
            if name.startswith("keys/keys/") and name.endswith(".nk")
        )

    def _accounts(self, operator: str) -> list[str]:
        start = f"stores/{operator}/accounts/"
        found = {name[len(start) :].split("/")[0] for name in self._names if name.startswith(start)}
        return sorted(name for name in found if account_path(operator, name) in self._names)

    def _users(self, operator: str) -> dict[str, list[str]]:
        """The names of the users by account."""
        start = f"stores/{operator}/accounts/"
        found: dict[str, list[str]] = {}
        for name in self._names:
            if name.startswith(start) and name.endswith(".jwt"):
                account, is_user, user = name[len(start) : -4].partition("/users/")
                if is_user:
                    found.setdefault(account, []).append(user)
        return found

    def _account(self, operator: str, name: str, owner: Token, users: Sequence[str]) -> StoredAccount:
        path = account_path(operator, name)
        token = self._need(path, "account")
        if token.issuer not in (owner.subject, *owner.nats.get("signing_keys", [])):
            raise StoreError(
                f"{self.folder.root / path}: signed by {token.issuer}, which is no key of operator {operator}: "
                "it belongs to another operator"
            )
        return StoredAccount(token, {user: _FileUser(self, operator, name, user, token) for user in sorted(users)})

    def user(self, paths: tuple[str, str], raw: tuple[bytes, bytes], owner: Token) -> StoredUser:
        """A user of the account of ``owner``, verified. paths, raw: of its token and its creds."""
        token = self._verified(paths[0], raw[0], "user")
        if owner.subject not in (token.nats.get("issuer_account"), token.issuer):
            raise StoreError(f"{self.folder.root / paths[0]}: belongs to another account than {owner.name}")
        if paths[1] not in self._names:
            return StoredUser(token, None, raw=raw)
        try:
            creds = creds_files.read(self._opened(raw[1], paths[1]))
        except creds_files.CredsProblem:
            return StoredUser(token, None, True, raw)
        if creds.token != token.text:
            self._check_creds(paths[1], creds, token)
        return StoredUser(token, creds, raw=raw)

    def raw(self, path: str) -> bytes:
        """A file as it lies on disk; nothing where there is none."""
        return (self.folder.read_raw(path) or b"") if path in self._names else b""

    def recalled(self, path: str, raw: bytes) -> Token:
        """A token that was verified before, byte for byte."""
        return tokens.recall(self._opened(raw, path).decode("ascii", "replace"))

    def _opened(self, raw: bytes, path: str) -> bytes:
        return self.folder.seal.open(raw, str(self.folder.root / path)) if is_sealed(raw) else raw

    def _check_creds(self, path: str, creds: Creds, token: Token) -> None:
        try:
            found = tokens.read(creds.token).subject
        except tokens.TokenProblem as error:
            raise StoreError(f"{self.folder.root / path}: its token: {error}") from error
        if found != token.subject:
            raise StoreError(
                f"{self.folder.root / path}: holds the token of another user, {found}, not of {token.subject}: "
                "move the file away, it is written again"
            )

    def _need(self, path: str, kind: str) -> Token:
        token = self._token(path, kind)
        if token is None:
            raise StoreError(f"{self.folder.root / path}: was there a moment ago and is gone")
        return token

    def _token(self, path: str, kind: str) -> Optional[Token]:
        content = self.folder.read_raw(path)
        return None if content is None else self._verified(path, content, kind)

    def _verified(self, path: str, raw: bytes, kind: str) -> Token:
        try:
            token = tokens.read(self._opened(raw, path).decode("ascii", "replace"))
        except tokens.TokenProblem as error:
            raise StoreError(f"{self.folder.root / path}: {error}") from error
        if token.kind != kind:
            raise StoreError(f"{self.folder.root / path}: is a token of type {token.kind}, expected {kind}")
        return token


class _FileUser:
    """A user whose files are read when they are asked for, and verified when what they say is."""

    def __init__(self, store: Store, operator: str, account: str, name: str, owner: Token) -> None:
        self._store, self._owner = store, owner
        self._paths = user_path(operator, account, name), creds_path(operator, account, name)

    @functools.cached_property
    def raw(self) -> tuple[bytes, bytes]:
        return self._store.raw(self._paths[0]), self._store.raw(self._paths[1])

    @functools.cached_property
    def _verified(self) -> StoredUser:
        return self._store.user(self._paths, self.raw, self._owner)

    @property
    def token(self) -> Token:
        return self._verified.token

    @property
    def creds(self) -> Optional[Creds]:
        return self._verified.creds

    @property
    def creds_damaged(self) -> bool:
        return self._verified.creds_damaged

    def recalled(self) -> Token:
        return self._store.recalled(self._paths[0], self.raw[0])
