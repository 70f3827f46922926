# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store on disk, in nsc's own layout (nsc cmd/store): tokens below stores/, seeds and creds below keys/."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from . import creds as creds_files
from . import keys, tokens
from .creds import Creds
from .tokens import Token


@dataclass(frozen=True)
class StoredUser:
    """creds: what its creds file holds; None where it is missing or damaged."""

    token: Token
    creds: Optional[Creds] = field(repr=False)
    creds_damaged: bool = False


@dataclass(frozen=True)
class StoredAccount:
    token: Token
    users: Mapping[str, StoredUser] = field(default_factory=dict)


@dataclass(frozen=True)
class Existing:
    """What a store holds of one operator. seeds: public keys whose seed file is there."""

    operator: Optional[Token] = None
    accounts: Mapping[str, StoredAccount] = field(default_factory=dict)
    seeds: frozenset[str] = frozenset()

    @property
    def system_account(self) -> Optional[str]:
        """The name of the account that the operator token names as its system account."""
        key = self.operator.nats.get("system_account") if self.operator else None
        return next((name for name, each in self.accounts.items() if each.token.subject == key), None)


def operator_path(operator: str) -> str:
    return f"stores/{operator}/{operator}.jwt"


def marker_path(operator: str) -> str:
    return f"stores/{operator}/.nsc"


def marker(operator: str) -> bytes:
    """What nsc knows an operator's folder by."""
    content = {"managed": False, "name": operator, "kind": "operator", "version": "1"}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


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
        accounts = {name: self._account(operator, name, token) for name in self._accounts(operator)}
        return Existing(token, accounts, self._seeds())

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
            if content is not None and not content.startswith(b"$ANSIBLE_VAULT;"):
                found.append(FileChange(path, content, secret=True))
        return found

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

    def _account(self, operator: str, name: str, owner: Token) -> StoredAccount:
        path = account_path(operator, name)
        token = self._need(path, "account")
        if token.issuer not in (owner.subject, *owner.nats.get("signing_keys", [])):
            raise StoreError(
                f"{self.folder.root / path}: signed by {token.issuer}, which is no key of operator {operator}: "
                "it belongs to another operator"
            )
        start = f"stores/{operator}/accounts/{name}/users/"
        users = sorted(
            each[len(start) : -4] for each in self._names if each.startswith(start) and each.endswith(".jwt")
        )
        return StoredAccount(token, {user: self._user(operator, name, user, token) for user in users})

    def _user(self, operator: str, account: str, name: str, owner: Token) -> StoredUser:
        path = user_path(operator, account, name)
        token = self._need(path, "user")
        if owner.subject not in (token.nats.get("issuer_account"), token.issuer):
            raise StoreError(f"{self.folder.root / path}: belongs to another account than {account}")
        path = creds_path(operator, account, name)
        content = self.folder.read(path) if path in self._names else None
        if content is None:
            return StoredUser(token, None)
        try:
            creds = creds_files.read(content)
        except creds_files.CredsProblem:
            return StoredUser(token, None, creds_damaged=True)
        if creds.token != token.text:
            self._check_creds(path, creds, token)
        return StoredUser(token, creds)

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
        content = self.folder.read(path)
        if content is None:
            return None
        try:
            token = tokens.read(content.decode("ascii", "replace"))
        except tokens.TokenProblem as error:
            raise StoreError(f"{self.folder.root / path}: {error}") from error
        if token.kind != kind:
            raise StoreError(f"{self.folder.root / path}: is a token of type {token.kind}, expected {kind}")
        return token
