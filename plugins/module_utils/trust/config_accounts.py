# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tree's accounts where there is no operator: users with a key, a password or a certificate of their own.

One schema: the same accounts, with what a configuration needs besides, and without what only tokens can say. Checked on
the controller; ``node/conf/accounts`` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..plan.problems import Problem, Problems, join
from . import keys, kinds, subjects
from .fields import Block, Kind, Many, option, read
from .rules import check_account
from .rules_sharing import check_source
from .sharing import Export
from .tree import Account, User

_INT32 = 1 << 31


def _secret(value: Any) -> str:
    """A text that no message shows."""
    if not isinstance(value, str):
        raise ValueError("is not a text: put the password in quotes")
    return value


def _login(value: Any) -> str:
    text = str(kinds.TEXT.parse(value))
    if not text or text != text.strip():
        raise ValueError(f"{text!r} is not a name of a user: it is empty, or has white space at an end")
    return text


def _account_name(value: Any) -> str:
    text = str(kinds.NAME.parse(value))
    if text == "$G":
        raise ValueError('"$G" is reserved by nats-server: take another name')
    if '"' in text and "'" in text:
        raise ValueError("holds both \" and ': nats-server has no way to write such a name")
    return text


def _public_key(value: Any) -> str:
    text = str(value)
    keys.refuse_seed(text, keys.Role.USER)
    if not keys.is_public(text, keys.Role.USER):
        raise ValueError(f'"{text}" is not the public key of a user: it begins with U and has 56 characters')
    return text


_LOGIN = Kind("name; with certificates the subject, DNS name or e-mail address of the certificate", _login)
_SECRET = Kind("password, or its bcrypt hash", _secret)
_NKEY = Kind("public key of a user", _public_key)
_ACCOUNT_NAME = Kind("name", _account_name)


@dataclass(frozen=True)
class ConfigUser(User):
    """One who connects: known by a key, a password, or the certificate that its name stands in."""

    name: str = option(_LOGIN, "its name")
    nkey: str = option(_NKEY, "the public key that it proves to have", default="")
    password: str = option(_SECRET, "its password, better as a bcrypt hash", default="")


@dataclass(frozen=True)
class ConfigExport(Export):
    """What other accounts may import."""

    accounts: tuple[str, ...] = option(
        Many(kinds.TEXT, once=True), "who may import it; everybody when not said", default=()
    )


@dataclass(frozen=True)
class ConfigAccount(Account):
    """A name space of its own, with its users."""

    name: str = option(_ACCOUNT_NAME, "its name")
    exports: tuple[ConfigExport, ...] = option(Many(Block(ConfigExport)), "what others may import", default=())
    users: tuple[ConfigUser, ...] = option(Many(Block(ConfigUser)), "who connects to it", default=())


_PROOFS = {"nkey": "nkey (a public key, U...)", "password": "password (its bcrypt hash)"}
_WAY = {("nkey",): "nkey", ("password",): "users", ("nkey", "password"): "accounts"}
# What only tokens can say, by where it would stand.
_TOKENS_ONLY = {
    "": ("signing_keys", "revocations", "auth_callout", "trace", "cluster_traffic", "expires", "renew_before"),
    "limits": ("data", "imports", "exports", "wildcard_exports", "disallow_bearer", "jetstream_tiers"),
}
_SHARING_TOKENS_ONLY = {"exports": ("token_required", "revocations"), "imports": ("token",)}
_USER_TOKENS_ONLY = (
    "role",
    "public_key",
    "limits",
    "source_networks",
    "times",
    "times_location",
    "bearer",
    "expires",
    "renew_before",
    "revoked",
)


def config_problems(
    accounts: object,
    *,
    certificates_map: bool = False,
    system_account: str = "",
    proofs: Sequence[str] = ("nkey", "password"),
) -> list[Problem]:
    """What is wrong with the accounts of a configuration, each with its path below them: ``[0].users[1].nkey``.

    certificates_map: a client's certificate may name the user, so that one needs neither key nor password.
    proofs: by what a user may prove who it is.
    system_account: the name of the one that is the system account. A password is in no message.
    """
    problems = Problems()
    if not isinstance(accounts, (list, tuple)):
        return []
    read_all: list[tuple[str, ConfigAccount]] = []
    for index, raw in enumerate(accounts):
        place = f"[{index}]"
        _check_tokens_only(raw, place, problems)
        for here, user in _users(raw, place):
            _check_login(user, here, _Proofs(tuple(proofs), certificates_map), problems)
        read_all.append((place, read(ConfigAccount, raw, place, problems)))
    by_name: dict[str, Account] = {account.name: account for _dummy, account in reversed(read_all) if account.name}
    _check_unique(read_all, problems)
    for place, account in read_all:
        check_account(account, place, problems)
        _check_sizes(account, place, problems)
        _check_sharing(account, place, by_name, problems)
        if account.name and account.name == system_account and account.limits.jetstream is not None:
            problems.add(join(place, "limits.jetstream"), "the system account can't have JetStream: leave it out")
    return list(problems)


def _check_tokens_only(raw: object, place: str, problems: Problems) -> None:
    """Words of the tree that a configuration has no place for: silently without effect, they would be lies."""
    if not isinstance(raw, Mapping):
        return
    for below, names in _TOKENS_ONLY.items():
        block = raw.get(below) if below else raw
        _tell_tokens_only(block, names, join(place, below), problems)
    for name, words in _SHARING_TOKENS_ONLY.items():
        for here, each in _listed(raw, name, place):
            _tell_tokens_only(each, words, here, problems)
    for here, user in _users(raw, place):
        _tell_tokens_only(user, _USER_TOKENS_ONLY, here, problems)


def _users(raw: object, place: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The users of an account as they were written: what is wrong with a key stands no longer in what was read."""
    return _listed(raw, "users", place)


def _listed(raw: object, name: str, place: str) -> list[tuple[str, Mapping[str, Any]]]:
    found = raw.get(name) if isinstance(raw, Mapping) else None
    listed = found if isinstance(found, (list, tuple)) else ()
    return [(join(place, f"{name}[{at}]"), each) for at, each in enumerate(listed) if isinstance(each, Mapping)]


def _tell_tokens_only(block: object, names: Sequence[str], place: str, problems: Problems) -> None:
    for name in names:
        if isinstance(block, Mapping) and block.get(name) is not None:
            problems.add(
                join(place, name), "is for tokens, a configuration can't say it: leave it out, or use operator mode"
            )


def _check_unique(accounts: Sequence[tuple[str, ConfigAccount]], problems: Problems) -> None:
    """Names of users are unique in the whole configuration, whatever their account."""
    seen: dict[tuple[str, str], str] = {}
    for place, account in accounts:
        _tell_second(("account", account.name), join(place, "name"), "name", seen, problems)
        for position, user in enumerate(account.users):
            here = join(place, f"users[{position}]")
            if user.nkey:
                _tell_second(("nkey", user.nkey), join(here, "nkey"), "key", seen, problems)
            else:
                _tell_second(("user", user.name), join(here, "name"), "name", seen, problems)


def _tell_second(
    what: tuple[str, str], place: str, word: str, seen: dict[tuple[str, str], str], problems: Problems
) -> None:
    if not what[1]:
        return
    if what in seen:
        problems.add(place, f'"{what[1]}" is also the {word} of {seen[what]}: the server could not tell them apart')
    seen.setdefault(what, place.rpartition(".")[0])


@dataclass(frozen=True)
class _Proofs:
    """By what users may prove who they are: words of a user, and whether their certificate may do."""

    words: tuple[str, ...]
    certificate: bool


def _check_login(user: Mapping[str, Any], place: str, proofs: _Proofs, problems: Problems) -> None:
    said = [word for word in _PROOFS if user.get(word)]
    for word in said:
        if word not in proofs.words:
            problems.add(
                join(place, word),
                f"is not for nats_server_auth: {_WAY[proofs.words]}: write {_PROOFS[proofs.words[0]]}, or set "
                "nats_server_auth to accounts, where each user has the one or the other",
            )
    if len(said) > 1:
        problems.add(place, "has nkey and password: write one of them")
    elif not said and not (proofs.certificate and "password" in proofs.words):
        missing = "neither nkey nor password" if len(proofs.words) > 1 else f"no {proofs.words[0]}"
        instead = " or ".join(_PROOFS[word] for word in proofs.words)
        if "password" in proofs.words:
            instead += ", or set nats_server_tls_verify_and_map, so that certificates name the users"
        problems.add(place, f"has {missing}, so anybody could be this user: write {instead}")


def _check_sizes(account: ConfigAccount, place: str, problems: Problems) -> None:
    """The server keeps these in 32 bits and would cut off the rest."""
    for name in ("connections", "subscriptions", "payload", "leafnodes"):
        if getattr(account.limits, name) >= _INT32:
            problems.add(join(place, f"limits.{name}"), f"is too much: write at most {_INT32 - 1}, or -1 for unlimited")


def _check_sharing(account: ConfigAccount, place: str, by_name: Mapping[str, Account], problems: Problems) -> None:
    for position, export in enumerate(account.exports):
        if export.latency is not None and export.response_type in ("Stream", "Chunked"):
            where = join(place, f"exports[{position}].latency")
            problems.add(where, "is measured of services with one answer only: leave it or response_type out")
        for at, name in enumerate(export.accounts):
            if name not in by_name:
                known = ", ".join(sorted(by_name))
                where = join(place, f"exports[{position}].accounts[{at}]")
                problems.add(where, f'there is no account "{name}": write one of {known}')
    for position, wanted in enumerate(account.imports):
        here = join(place, f"imports[{position}]")
        if keys.is_public(wanted.account, keys.Role.ACCOUNT):
            problems.add(join(here, "account"), "is a public key, which only tokens know: write the account's name")
            continue
        check_source(account, wanted, by_name, here, problems, public_keys=False)
        source = by_name.get(wanted.account)
        if source is not None and source is not account and not _may_import(account.name, wanted.subject, source):
            problems.add(here, f'{source.name} exports "{wanted.subject}" to others only: add {account.name} there')


def _may_import(name: str, subject: Optional[str], source: Account) -> bool:
    found = [
        each
        for each in source.exports
        if isinstance(each, ConfigExport) and each.subject and subject and subjects.covers(each.subject, subject)
    ]
    return not found or any(not each.accounts or name in each.accounts for each in found)
