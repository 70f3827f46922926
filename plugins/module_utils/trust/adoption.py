# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking over a store that others keep, such as nsc: what is copied, what is lacking. The source is only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

from ..plan.changes import FileChange
from ..plan.errors import StoreError
from ..plan.folder import Folder
from ..plan.verb import Seal
from . import creds, keys
from .accounts import plain_keys, scopes
from .creds import Creds
from .keys import KeyProblem, Role
from .store import (
    Existing,
    creds_path,
    ignored_secrets,
    marker,
    marker_path,
    operator_path,
    seed_path,
    user_path,
)
from .tokens import Token


class Source(Folder):
    """Files of somebody else's as if they lay in the store's own layout. files: where each of them really is."""

    def __init__(self, root: Path, seal: Seal, files: Mapping[str, Path]) -> None:
        super().__init__(str(root), seal)
        self.files = files

    def names(self, suffix: str = "") -> list[str]:
        return sorted(path for path in self.files if path.endswith(suffix))

    def read_raw(self, path: str) -> Optional[bytes]:
        place = self.files.get(path)
        try:
            return None if place is None else place.read_bytes()
        except OSError as error:
            raise StoreError(f"{place}: can't be read: {error.strerror}") from error

    def opened(self, path: str) -> bytes:
        """The content of a file that is there; a seed is verified. Raises StoreError."""
        content, public = self.read(path) or b"", Path(path).stem
        if path.endswith(".nk"):
            try:
                found = keys.from_seed(content.decode("ascii", "replace")).public_key
            except KeyProblem as error:
                raise StoreError(f"{self.files[path]}: {error}") from error
            if found != public:
                raise StoreError(f"{self.files[path]}: holds the seed of another key, {found}")
        return content


def gather(stores: Path, places: Sequence[Path], operator: str) -> dict[str, Path]:
    """The files of an operator by their path in a store. places: folders that hold seeds and creds, at any depth."""
    found: dict[str, Path] = {}
    home = stores / operator
    for each in _files(home):
        if each.suffix == ".jwt" or each == home / ".nsc":
            found[f"stores/{operator}/{each.relative_to(home).as_posix()}"] = each
    for place in places:
        for each in _files(place):
            if each.suffix == ".nk" and _is_public(each.stem):
                found.setdefault(seed_path(each.stem), each)
            elif each.suffix == ".creds" and each.parent.parent.name == operator:
                found.setdefault(creds_path(operator, each.parent.name, each.stem), each)
    return found


def _files(folder: Path) -> Iterator[Path]:
    yield from (each for each in sorted(folder.rglob("*")) if each.is_file())


def _is_public(text: str) -> bool:
    return any(keys.is_public(text, role) for role in Role)


def named_keys(existing: Existing) -> set[str]:
    """The public keys that an operator's tokens are made with."""
    found: set[str] = set()
    tokens = [existing.operator] if existing.operator else []
    for account in existing.accounts.values():
        tokens += [account.token, *(user.token for user in account.users.values())]
        found.update(str(each["key"]) for each in scopes(account.token))
        found.add(str((account.token.nats.get("authorization") or {}).get("xkey", "")))
    for token in tokens:
        found |= {token.subject, *plain_keys(token)}
    return found


def taken(
    source: Source, existing: Existing, operator: str, seeds: set[str], made: Sequence[FileChange]
) -> list[FileChange]:
    """A whole operator as the changes of an empty store.

    seeds: the public keys whose seeds are taken; made: the creds files that are written for it.
    """
    changes: list[FileChange] = []
    bearers = {path for path, token in _user_tokens(existing, operator) if token.nats.get("bearer_token")}
    for path in source.names():
        if not path.endswith(".nk") or Path(path).stem in seeds:
            is_secret = path.startswith("keys/") or path in bearers
            changes.append(FileChange(path, source.opened(path), secret=is_secret))
    if marker_path(operator) not in source.files:
        changes.append(FileChange(marker_path(operator), marker(operator)))
    written = {each.path for each in made}
    changes = [*(each for each in changes if each.path not in written), *made]
    return changes if source.seal.active else [*changes, ignored_secrets()]


def made_creds(source: Source, existing: Existing, operator: str) -> list[FileChange]:
    """The creds files that are not there, or are of an older token, although the seeds of their users are."""
    changes: list[FileChange] = []
    for account, stored in existing.accounts.items():
        for name, user in stored.users.items():
            seed = source.read(seed_path(user.token.subject))
            if seed is not None and (user.creds is None or user.creds.token != user.token.text):
                held = Creds(user.token.text, seed.decode("ascii").strip())
                changes.append(FileChange(creds_path(operator, account, name), creds.write(held), secret=True))
    return changes


def _user_tokens(existing: Existing, operator: str) -> Iterator[tuple[str, Token]]:
    for account, stored in existing.accounts.items():
        for name, user in stored.users.items():
            yield user_path(operator, account, name), user.token


def newer(theirs: Existing, ours: Existing) -> list[str]:
    """What went on in the source after it was taken over."""
    found = []
    if theirs.operator and ours.operator and theirs.operator.issued_at > ours.operator.issued_at:
        found.append("the operator")
    for name, account in theirs.accounts.items():
        held = ours.accounts.get(name)
        if held is None or account.token.issued_at > held.token.issued_at:
            found.append(f"account {name}")
        for user, each in account.users.items():
            mine = held.users.get(user) if held else None
            if mine is None or each.token.issued_at > mine.token.issued_at:
                found.append(f"user {name}/{user}")
    return found


def lacking(existing: Existing, operator: str) -> list[str]:
    """Which seeds are nowhere, and what can't be done without them."""
    found: list[str] = []
    token, seeds = existing.operator, existing.seeds
    if token is None:
        return found
    strict = bool(token.nats.get("strict_signing_key_usage"))
    if token.subject not in seeds:
        found.append(
            f"the identity key of operator {operator} ({token.subject}): its token can't be changed here; "
            "operator_request carries a change to where the key is"
        )
    signers = [*plain_keys(token), *([] if strict else [token.subject])]
    if not seeds.intersection(signers):
        found.append(f"a signing key of operator {operator}: no account can be added, changed or renewed")
    for name, account in existing.accounts.items():
        found += _lacking(name, account.token, seeds, strict)
        for user, each in account.users.items():
            if each.token.subject not in seeds and each.creds is None:
                found.append(
                    f"the seed of user {name}/{user} ({each.token.subject}): who has its creds file keeps it, and no "
                    "other can be written"
                )
    return found


def _lacking(name: str, token: Token, seeds: frozenset[str], strict: bool) -> list[str]:
    found = []
    plain = plain_keys(token)
    signers = [*plain, *([] if strict and plain else [token.subject])]
    if not seeds.intersection(signers):
        found.append(f"a signing key of account {name}: no user without a role can be added, changed or renewed")
    for each in scopes(token):
        if each["key"] not in seeds:
            role = each.get("role") or each["key"]
            found.append(f"the key of role {name}/{role}: no user of it can be added, changed or renewed")
    return found


def has_operator(folder: Folder, operator: str) -> bool:
    """Whether a store holds an operator already."""
    return folder.read_raw(operator_path(operator)) is not None
